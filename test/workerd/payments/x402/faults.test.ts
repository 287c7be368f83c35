import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { readField, v1Credential, v2Credential } from '../../../rails/x402/payer.ts'
import { linesOf } from '../../../support/world.ts'
import { MINUTE, SECOND, toldBy } from '../shop.ts'
import { type ChainShop, createChainShop } from './chain.ts'
import type { VerifyMood } from './facilitator.ts'

let chain: ChainShop
beforeEach(async () => {
  chain = await createChainShop()
})
afterEach(() => chain.shop.end())

const told = (response: Response) => toldBy(response)
const origins = (): number => chain.shop.world.received.length

describe('a facilitator that does not check', () => {
  it.each<VerifyMood>(['308', '404', '500', 'throws', 'broken'])(
    'and answers %s opens nothing, and asks for no money',
    async (mood) => {
      chain.facilitator.verifies = mood
      const response = await chain.pay('/fresh/a')
      expect([await told(response), response.headers.get('payment-required')]).toEqual([
        '503 payments-unavailable',
        null,
      ])
      expect([origins(), chain.facilitator.calls]).toEqual([0, ['verify']])
    },
  )

  it('but declines is told by its code alone, in field and body, beside a fresh demand', async () => {
    chain.facilitator.verifies = { refuses: 'insufficient_funds' }
    const response = await chain.pay('/fresh/a')
    expect(readField(response, 'payment-response')).toMatchObject({
      success: false,
      errorReason: 'insufficient_funds',
      transaction: '',
      network: 'eip155:84532',
    })
    expect(readField(response, 'payment-required')).toMatchObject({
      error: 'payment-declined: The payment was declined: insufficient_funds. Nothing was charged.',
    })
    expect([await told(response), origins()]).toEqual(['402 payment-declined', 0])
    chain.facilitator.verifies = { refuses: 'call me at <b>' }
    expect(await (await chain.pay('/fresh/a')).text()).not.toContain('call me')
  })
})

describe('a payment for something else', () => {
  it.each<[string, object, object, string]>([
    ['less', { value: '749999' }, {}, '402 payment-insufficient'],
    ['more', { value: '750001' }, {}, '402 payment-insufficient'],
    ['another payee', { to: `0x${'1'.repeat(40)}` }, {}, '402 payment-insufficient'],
    ['another version of the token', {}, { extra: { name: 'USDC', version: '1' } }, '402 payment-insufficient'],
    ['another network', {}, { network: 'eip155:1' }, '402 payment-insufficient'],
    ['another member', {}, { outputSchema: null }, '402 payment-insufficient'],
    ['a time that is over', { validBefore: '1' }, {}, '402 credential-expired'],
    ['a time to come', { validAfter: '9999999999' }, {}, '402 credential-not-yet-valid'],
    ['a time without end', { validBefore: '99999999999999999999' }, {}, '402 credential-invalid'],
  ])('%s is refused, and nobody is asked', async (_what, signed, accepted, reason) => {
    const [first] = await chain.asked('/reports/a')
    const value = v2Credential(chain.sign(signed), { ...first, ...accepted })
    expect(await told(await chain.send('/reports/a', { 'payment-signature': value }))).toBe(reason)
    expect([origins(), chain.facilitator.calls]).toEqual([0, []])
  })

  it('two payments in the two fields are refused', async () => {
    const [accepted = {}] = await chain.asked('/reports/a')
    const fields = {
      'payment-signature': v2Credential(chain.sign(), accepted),
      'x-payment': v1Credential(chain.sign()),
    }
    expect(await told(await chain.send('/reports/a', fields))).toBe('402 credential-ambiguous')
  })
})

describe('an unknown outcome', () => {
  it.each(['loses', '502', 'pending', '500-pending'] as const)(
    'after %s is closed by the alarm alone, or by the same payment again',
    async (mood) => {
      const signed = chain.sign({ value: '10000' })
      chain.facilitator.settles = mood
      const lost = await chain.pay('/fresh/a', signed)
      expect([await told(lost), lost.headers.get('payment-required')]).toEqual(['503 settlement-unknown', null])
      expect(readField(lost, 'payment-response')).toMatchObject({ success: false, errorReason: 'settlement_pending' })
      chain.facilitator.settles = 'settles'
      expect(await chain.ring(signed, 6 * SECOND)).toBe(true)
      const calls = chain.facilitator.calls.length
      const again = await chain.pay('/fresh/a', signed)
      expect([await told(again), chain.facilitator.calls.length]).toEqual(['served', calls])
      expect([origins(), chain.facilitator.moved.size]).toEqual([1, 1])
    },
  )

  it('that Circle has a name for is closed by its status', async () => {
    chain.facilitator.settles = 'circle'
    expect(await told(await chain.pay('/fresh/a'))).toBe('served')
    expect(chain.facilitator.calls).toEqual(['verify', 'settle', 'status/payment-1'])
  })

  it('is asked about with the requirements of the server, whatever its client echoes', async () => {
    await chain.pay('/fresh/a')
    const [first = {}] = await chain.asked('/fresh/a')
    for (const body of chain.facilitator.bodies) expect(body).toMatchObject({ paymentRequirements: first })
  })
})

describe('a payment that was delivered', () => {
  it('is good for the stored copy for an hour, with the first receipt, and nobody is asked', async () => {
    chain.shop.world.origin = () =>
      new Response('report', { headers: { 'cache-control': 'max-age=9999', etag: '"1"' } })
    const signed = chain.sign()
    const first = await chain.pay('/reports/a', signed)
    const calls = [...chain.facilitator.calls]
    vi.setSystemTime(Date.now() + 59 * MINUTE)
    const again = await chain.pay('/reports/a', signed)
    expect([again.status, readField(again, 'payment-response')]).toEqual([200, readField(first, 'payment-response')])
    expect(chain.facilitator.calls).toEqual(calls)
    expect(await told(await chain.pay('/reports/b', signed))).toBe('402 payment-spent')
  })

  it('reaches neither origin nor log, and a copy has no receipt of it', async () => {
    chain.shop.world.origin = () => new Response('report', { headers: { 'cache-control': 'max-age=60' } })
    const signed = chain.sign()
    await chain.pay('/reports/a', signed)
    for (const { headers } of chain.shop.world.received)
      expect([headers.get('payment-signature'), headers.get('x-payment')]).toEqual([null, null])
    const other = await chain.pay('/reports/a')
    expect(readField(other, 'payment-response')).toMatchObject({ transaction: `0x${'2'.padStart(64, '0')}` })
    expect(chain.facilitator.calls).toEqual(['verify', 'settle', 'settle'])
    const lines = JSON.stringify(linesOf(chain.shop.world))
    for (const part of [signed.nonce, signed.from.toLowerCase()]) expect(lines).not.toContain(part)
  })
})

describe('what a page asks', () => {
  it('is in field and body, on a page for browsers and to HEAD as well', async () => {
    const refused = await chain.send('/reports/a?b=c', {})
    expect(readField(refused, 'payment-required')).toMatchObject({
      x402Version: 2,
      error: 'PAYMENT-SIGNATURE header is required',
      resource: { url: 'https://chain.test/reports/a?b=c', description: 'One report' },
      accepts: [{ scheme: 'exact', amount: '750000', extra: { name: 'USDC', version: '2' } }],
    })
    const body = (await refused.json()) as { accepts: object[] }
    expect(body).toMatchObject({ x402Version: 1, accepts: [{ network: 'base-sepolia', maxAmountRequired: '750000' }] })
    expect(body.accepts[0]).not.toHaveProperty('outputSchema')
    expect(body.accepts[0]).toHaveProperty('resource', 'https://chain.test/reports/a?b=c')
    const other = await chain.send('/reports/b', {})
    expect(await other.json()).toMatchObject({ accepts: [{ resource: 'https://chain.test/reports/b' }] })
    for (const [fields, init] of [
      [{ accept: 'text/html' }, {}],
      [{}, { method: 'HEAD' }],
    ] as const)
      expect((await chain.send('/reports/a', fields, init)).headers.get('payment-required')).not.toBeNull()
  })

  it('says where it is settled first, and names packs', async () => {
    expect((await chain.asked('/first/a'))[0]?.extra).toMatchObject({ paymentFlow: 'upfront' })
    expect((await chain.asked('/packs/a')).map(({ amount, extra }) => [amount, extra['faregate']])).toEqual([
      ['10000', undefined],
      ['900000', { uses: 100 }],
      ['500000', { pass: 3600 }],
    ])
  })
})
