import { describe, expect, it } from 'vitest'
import {
  isOver,
  judgeReceipt,
  logFilter,
  readBlock,
  readAuthorizationEvent,
  soughtIn,
} from '../../../../src/rails/x402/rules/evidence.ts'
import { TOKEN } from '../../../support/paid.ts'
import { PAY_TO, PAYER } from '../payer.ts'

const NONCE = `0x${'7'.repeat(64)}`
const USED = '0x98de503528ee59b575ef0c0a2576a82497bfc029a5685b209e9ec333479b10a5'
const CANCELED = '0x1cdd46ff242716cdaa72d159d339a485b3438398348d68f09d7c8c0a59353d81'
const TRANSFER = '0xddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef'
const HASH = `0x${'a'.repeat(64)}`
const word = (text: string): string => `0x${text.replace('0x', '').toLowerCase().padStart(64, '0')}`
const units = (value: bigint): string => word(value.toString(16))
const log = (topics: string[], data = '0x', address = TOKEN.asset): object => ({ address, topics, data })
const authorization = { from: PAYER, to: PAY_TO, value: '750000', validAfter: '0', validBefore: '1000', nonce: NONCE }
const sought = soughtIn({ payload: { signature: '0xab', authorization }, requirements: TOKEN })
const safe = readBlock({ number: '0x64', timestamp: '0x3e8' })
if (sought === undefined || safe === undefined) throw new Error('the test itself is malformed')

const used = { kind: 'used', transaction: HASH, isSafe: true } as const
const use = (nonce = NONCE) => log([USED, word(PAYER), nonce])
const paid = (to = PAY_TO, value = 750_000n) => log([TRANSFER, word(PAYER), word(to)], units(value))
const judged = (logs: object[], status = '0x1', blockNumber = '0x64'): string | undefined =>
  judgeReceipt({ status, blockNumber, logs }, sought, used, safe)?.kind

describe('a transaction that has used an authorization', () => {
  it.each<[string, object[], string]>([
    ['has paid the payee right behind the use', [use(), paid()], 'settled'],
    ['has paid, beside what other contracts did', [use(), log([TRANSFER], '0x', PAYER), paid()], 'settled'],
    ['has paid its own payer: the nonce is the same, and no payee has anything', [use(), paid(PAYER)], 'failed'],
    ['has paid less', [use(), paid(PAY_TO, 749_999n)], 'failed'],
    ['has paid for another authorization', [use(), paid(PAYER), use(`0x${'8'.repeat(64)}`), paid()], 'failed'],
    ['has paid before, for another authorization', [use(`0x${'8'.repeat(64)}`), paid(), use(), paid(PAYER)], 'failed'],
    [
      'has paid in another token',
      [use(), log([TRANSFER, word(PAYER), word(PAY_TO)], units(750_000n), PAYER)],
      'failed',
    ],
    ['has not used it', [paid()], 'failed'],
  ])('%s', (_what, logs, kind) => {
    expect(judged(logs)).toBe(kind)
  })

  it('proves nothing while its block may be replaced, and has paid nothing if it failed', () => {
    expect(judged([use(), paid()], '0x1', '0x65')).toBeUndefined()
    expect(judged([use(), paid()], '0x0')).toBe('failed')
    expect(
      judgeReceipt(
        { status: '0x1', blockNumber: '0x64', logs: [use(), paid()] },
        sought,
        { ...used, isSafe: false },
        safe,
      ),
    ).toBeUndefined()
    expect(judgeReceipt(null, sought, used, safe)).toBeUndefined()
  })
})

describe('what is looked for', () => {
  it('is one authorization of one token, in the last blocks', () => {
    expect(sought).toMatchObject({ chainId: '0x14a34', asset: TOKEN.asset.toLowerCase() })
    expect(logFilter(sought, { ...safe, number: 6000n })).toEqual({
      address: TOKEN.asset.toLowerCase(),
      topics: [[USED, CANCELED], word(PAYER), NONCE],
      fromBlock: '0x3e8',
      toBlock: 'latest',
    })
  })

  it('has happened, or not, or the node does not say', () => {
    const event = { ...log([CANCELED, word(PAYER), NONCE]), transactionHash: HASH, blockNumber: '0x65' }
    expect(readAuthorizationEvent([event], safe)).toEqual({ kind: 'canceled', transaction: HASH, isSafe: false })
    expect([
      readAuthorizationEvent([], safe),
      readAuthorizationEvent(undefined, safe),
      readAuthorizationEvent([{}], safe),
    ]).toEqual([null, undefined, undefined])
  })

  it('can happen no more once its time was over, unused, in a block that stays', () => {
    const unusedThere = word('0')
    expect(isOver(unusedThere, sought, { ...safe, timestamp: 1001n })).toBe(true)
    expect(isOver(unusedThere, sought, { ...safe, timestamp: 1000n })).toBe(false)
    for (const state of [word('1'), '0x', undefined])
      expect(isOver(state, sought, { ...safe, timestamp: 1001n })).toBe(false)
  })
})
