import { env } from 'cloudflare:workers'
import { decodeJwt, SignJWT } from 'jose'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { type GateKeys, newestGateKey } from '../../../src/secrets/gatekeys.ts'
import { objectsOf } from '../../../src/platform/cloudflare/ledgers.ts'
import paid from '../../support/paid.ts'
import { createGate } from '../cache/gate.ts'
import { createShop, LATER, MINUTE, SECRETS, type Shop, toldBy } from './shop.ts'

let shop: Shop

beforeEach(async () => {
  shop = await createShop()
  vi.spyOn(console, 'error').mockImplementation(() => undefined)
})
afterEach(() => shop.end())

/** The key under which the gate signs: whoever had it could sign, and no more. */
function packKey(): Uint8Array {
  const bytes = new TextEncoder().encode(SECRETS.GATE_SECRET)
  const keys: GateKeys = { secrets: [{ generation: 1, bytes }], derived: new Map() }
  return newestGateKey(keys, 'pack-receipts', 'reports').bytes
}

const receiptOf = ({ headers }: Response): string => headers.get('faregate-receipt') ?? ''
const withReceipt = (token: string, init: RequestInit = {}): RequestInit => ({
  ...init,
  headers: { 'faregate-receipt': token },
})
const use = async (token: string, path = '/packed/2', init: RequestInit = {}): Promise<string> =>
  toldBy(await shop.send(undefined, path, withReceipt(token, init)))

/** Buys three requests, of which this is the first. */
async function buy(amount = '0.60'): Promise<string> {
  const answer = await shop.send(await shop.sign({ amount }), '/packed/1')
  expect([answer.status, await answer.text()]).toEqual([200, 'the paid page'])
  return receiptOf(answer)
}

/** Another deployment, which names these generations of the gate's secret. */
function rotate(generations: readonly number[]): void {
  const config = typeof paid === 'function' ? paid({}) : paid
  const gate = generations.map((generation) => ({
    generation,
    secret: generation === 1 ? 'GATE_SECRET' : 'GATE_SECRET_2',
  }))
  const { PAID } = env as unknown as { readonly PAID: unknown }
  const secrets = { ...SECRETS, GATE_SECRET_2: 'another secret of the gate, of thirty-two bytes' }
  shop.gate = createGate('embedded', { ...config, secrets: { gate } }, secrets, objectsOf({ LEDGER: PAID }))
}

const issuerIn = (token: string): unknown => decodeJwt(token).iss

describe('a pack', () => {
  it('is paid for once: its requests need nobody who moves money, and then it is spent', async () => {
    const token = await buy()
    expect([await use(token), await use(token, '/packed/3'), await use(token)]).toEqual([
      'served',
      'served',
      '402 payment-spent',
    ])
    expect([shop.bank.asked.length, shop.bank.verified.length, shop.world.received.length]).toEqual([1, 1, 3])
  })

  it('bought twice with one payment is one pack', async () => {
    const payment = await shop.sign({ amount: '0.60' })
    const first = receiptOf(await shop.send(payment, '/packed/1'))
    const again = receiptOf(await shop.send(payment, '/packed/1'))
    expect([await use(first), await use(again), await use(first)]).toEqual(['served', 'served', '402 payment-spent'])
    expect(shop.bank.moved.size).toBe(1)
  })

  it('is one pack for ten clients that bring one payment at once', async () => {
    const payment = await shop.sign({ amount: '0.60' })
    const answers = await Promise.all(Array.from({ length: 10 }, () => shop.begin(payment, '/packed/1')))
    expect((await Promise.all(answers.map(toldBy))).filter((one) => one === 'served')).toEqual(['served'])
    await Promise.all(answers.map((one) => one.text()))
    await shop.gate.settled()
    const tokens = new Set(answers.map(receiptOf).filter((token) => token !== ''))
    const uses = await Promise.all([...tokens, ...tokens, ...tokens].map((token) => use(token)))
    expect([tokens.size, uses.toSorted()]).toEqual([1, ['402 payment-spent', 'served', 'served']])
    expect(shop.bank.moved.size).toBe(1)
  })

  it('whose last use is asked for ten times at once gives it once', async () => {
    const token = await buy()
    expect(await use(token)).toBe('served')
    const answers = await Promise.all(
      Array.from({ length: 10 }, (_, page) => shop.begin(undefined, `/packed/${page}`, withReceipt(token))),
    )
    const told = await Promise.all(answers.map(toldBy))
    await Promise.all(answers.map((one) => one.text()))
    await shop.gate.settled()
    expect(told.toSorted()).toEqual([...Array<string>(9).fill('402 payment-spent'), 'served'])
    expect(await use(token)).toBe('402 payment-spent')
  })

  it('is good while the secret it was signed under is named, and new ones are signed under the newest', async () => {
    const old = await buy()
    rotate([2, 1])
    const young = await buy()
    expect([issuerIn(old), issuerIn(young)]).toEqual(['urn:faregate:packs:1', 'urn:faregate:packs:2'])
    expect([await use(old), await use(young)]).toEqual(['served', 'served'])
    rotate([2])
    expect([await use(old), await use(young), await use(young)]).toEqual([
      '402 credential-invalid',
      'served',
      '402 payment-spent',
    ])
  })

  it('of an hour is free passage for that time, from the request that paid', async () => {
    const token = await buy('0.90')
    for (let time = 0; time < 4; time++) expect(await use(token)).toBe('served')
    vi.setSystemTime(LATER + 61 * MINUTE)
    expect(await use(token)).toBe('402 credential-expired')
    expect(shop.bank.asked.length).toBe(1)
  })

  it('is good weeks after its payment, when nothing else of that is known', async () => {
    const payment = await shop.sign({ amount: '0.60' })
    const token = receiptOf(await shop.send(payment, '/packed/1'))
    await shop.ring(payment, 20 * 24 * 60 * MINUTE)
    await shop.evict(payment)
    expect([await use(token), await use(token), await use(token)]).toEqual(['served', 'served', '402 payment-spent'])
    vi.setSystemTime(LATER + 31 * 24 * 60 * MINUTE)
    expect(await use(token)).toBe('402 credential-expired')
  })

  it.each([
    ['another route', '/fresh/1', {}],
    ['another route of its price', '/reports/1', {}],
  ])('opens nothing of %s', async (_what, path, init) => {
    expect(await use(await buy(), path, init)).toBe('402 payment-insufficient')
  })

  it('opens nothing of another site', async () => {
    const sent = withReceipt(await buy())
    expect((await shop.send(undefined, '/reports/1', { ...sent, host: 'https://chain.test' })).status).toBe(402)
  })

  it('gives no receipt while it is not known to have settled, and one once it is', async () => {
    shop.bank.mood = 'loses'
    const payment = await shop.sign({ amount: '0.60' })
    const unknown = await shop.send(payment, '/packed/1')
    expect([await toldBy(unknown), receiptOf(unknown)]).toEqual(['503 settlement-unknown', ''])
    shop.bank.mood = 'settles'
    const settled = await shop.send(payment, '/packed/1')
    expect([await toldBy(settled), await use(receiptOf(settled))]).toEqual(['served', 'served'])
    expect(shop.bank.moved.size).toBe(1)
  })

  it('gives none for the price of one request, or where the origin fails', async () => {
    expect(receiptOf(await shop.send(await shop.sign(), '/packed/1'))).toBe('')
    shop.world.origin = () => new Response('no', { status: 500 })
    const failed = await shop.send(await shop.sign({ amount: '0.60' }), '/packed/1')
    expect([failed.status, receiptOf(failed), shop.bank.asked.length]).toEqual([500, '', 1])
  })

  it('opens nothing if somebody else signs it', async () => {
    const [head = '', claims = ''] = (await buy()).split('.')
    const given = JSON.parse(atob(claims.replaceAll('-', '+').replaceAll('_', '/'))) as Record<string, unknown>
    const forged = await new SignJWT(given)
      .setProtectedHeader({ alg: 'HS256', typ: 'payment+jwt' })
      .sign(new Uint8Array(32))
    expect([head.length > 0, await use(forged)]).toEqual([true, '402 credential-invalid'])
  })

  it('is not made by a signature: a receipt of a payment that never settled opens nothing', async () => {
    const sold = await buy()
    const claims = JSON.parse(atob((sold.split('.')[1] ?? '').replaceAll('-', '+').replaceAll('_', '/'))) as object
    const key = packKey()
    const forged = await new SignJWT({ ...claims, jti: '["toy","ann","never"]' })
      .setProtectedHeader({ alg: 'HS256', typ: 'payment+jwt' })
      .sign(key)
    const same = await new SignJWT({ ...claims }).setProtectedHeader({ alg: 'HS256', typ: 'payment+jwt' }).sign(key)
    expect([await use(same), await use(forged)]).toEqual(['served', '402 payment-spent'])
    shop.bank.mood = 'pends'
    const doubtful = await shop.sign({ amount: '0.60' })
    expect(await toldBy(await shop.send(doubtful, '/packed/1'))).toBe('503 settlement-unknown')
    const early = await new SignJWT({ ...claims, jti: JSON.stringify(['toy', 'ann', doubtful.nonce]) })
      .setProtectedHeader({ alg: 'HS256', typ: 'payment+jwt' })
      .sign(key)
    expect(await use(early)).toBe('402 payment-spent')
    shop.bank.mood = 'settles'
    await shop.ring(doubtful, 6000)
    expect(await use(early)).toBe('served')
  })
})
