import { env } from 'cloudflare:workers'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { LedgerObject } from '../../../src/platform/cloudflare/ledger/ledger.ts'
import { compiled } from '../../support/compiled.ts'
import paid from '../../support/paid.ts'
import { createShop, SECOND, SECRETS, type Shop, type Signed, toldBy } from './shop.ts'

let shop: Shop
let account = ''
let accounts = 0

beforeEach(async () => {
  shop = await createShop()
  account = `filled-${++accounts}`
  vi.spyOn(console, 'error').mockImplementation(() => undefined)
})
afterEach(() => shop.end())

const { PAID } = env as unknown as { readonly PAID: DurableObjectNamespace<LedgerObject> }

function ledgerOf(of: string): DurableObjectStub<LedgerObject> {
  const [zone] = [...compiled(paid, SECRETS).sites.values()].map((site) => site.zone)
  return PAID.getByName(`account ${JSON.stringify([zone?.id, 'https://billing.test', of])}`)
}

/** The credit of an account in cents. */
async function creditOf(of = account): Promise<bigint> {
  const read = await ledgerOf(of).read({})
  if (!read.ok) throw new Error(read.error)
  return read.value.credit.reduce((sum, { units }) => sum + units, 0n) / 10_000_000n
}

async function beside(of = account, claims: Record<string, unknown> = {}): Promise<RequestInit> {
  const token = await shop.world.token({ sub: of, entitlements: [], ...claims })
  return { headers: { authorization: `Bearer ${token}` } }
}

/** Has every ledger lose what it is asked to grant meanwhile. */
async function lose(run: () => Promise<unknown>): Promise<void> {
  const granting = vi.spyOn(LedgerObject.prototype, 'grant').mockRejectedValue(new Error('the connection was lost'))
  await run()
  expect(granting).toHaveBeenCalledOnce()
  granting.mockRestore()
}

const credit = (): Promise<Signed> => shop.sign({ amount: '5.00' })
const told = async (payment: Signed | undefined, init: RequestInit, path = '/filled/1'): Promise<string> =>
  toldBy(await shop.send(payment, path, init))
const PAGE = 25n
const BOUGHT = 500n - PAGE

describe('a pack of credit', () => {
  it('fills the account whose token came beside the payment, less the price of the page; and that pays for others', async () => {
    expect(await told(undefined, await beside())).toBe('402 credit-insufficient')
    const answer = await shop.send(await credit(), '/filled/1', await beside())
    expect([answer.status, await answer.text()]).toEqual([200, 'the paid page'])
    expect([await creditOf(), answer.headers.get('faregate-receipt')]).toEqual([BOUGHT, null])
    expect(await told(undefined, await beside(), '/filled/2')).toBe('served')
    expect([await creditOf(), shop.bank.asked.length]).toEqual([BOUGHT - PAGE, 1])
  })

  it.each<[string, () => Promise<RequestInit>, string]>([
    ['no token', async () => ({}), '402 payment-insufficient'],
    ['a token that has expired', () => beside(account, { iat: 1, exp: 2 }), '402 credential-expired'],
    ['a forged token', async () => ({ headers: { authorization: 'Bearer e30.e30.e30' } }), '402 credential-invalid'],
    [
      'the token of an account that is closed',
      () => beside(account, { standing: 'inactive' }),
      '402 subscription-inactive',
    ],
    ['the token of an account on hold', () => beside(account, { standing: 'on-hold' }), '402 security-hold'],
  ])('is refused with %s beside it, before anybody is asked to move money', async (_what, init, reason) => {
    expect(await told(await credit(), await init())).toBe(reason)
    expect([shop.bank.verified, shop.bank.asked, shop.world.received.length]).toEqual([[], [], 0])
  })

  it('is one grant, however often and at once its payment comes', async () => {
    const [payment, init] = [await credit(), await beside()]
    const all = await Promise.all(Array.from({ length: 10 }, () => shop.begin(payment, '/filled/1', init)))
    const first = await Promise.all(all.map(toldBy))
    await Promise.all(all.map((one) => one.text()))
    await shop.gate.settled()
    expect(first.filter((one) => one === 'served')).toEqual(['served'])
    await told(payment, init)
    expect([await creditOf(), shop.bank.moved.size]).toEqual([BOUGHT, 1])
  })

  it('bought for one account fills no other: the payment is spent', async () => {
    const payment = await credit()
    expect(await told(payment, await beside())).toBe('served')
    expect(await told(payment, await beside('thief'))).toBe('402 payment-spent')
    expect([await creditOf(), await creditOf('thief')]).toEqual([BOUGHT, 0n])
  })

  it('of an unknown payment fills nobody, until the alarm has evidence', async () => {
    shop.bank.mood = 'loses'
    const payment = await credit()
    expect([await told(payment, await beside()), await creditOf()]).toEqual(['503 settlement-unknown', 0n])
    expect(await told(payment, await beside('thief'))).toBe('503 settlement-unknown')
    shop.bank.mood = 'settles'
    await shop.ring(payment, 6 * SECOND)
    await vi.waitUntil(async () => (await creditOf()) > 0n)
    expect([await creditOf(), await creditOf('thief'), shop.bank.moved.size]).toEqual([BOUGHT, 0n, 1])
  })

  it('of a payment that fails, or of an answer that does, fills nobody', async () => {
    shop.bank.mood = 'fails'
    expect(await told(await credit(), await beside())).toBe('402 payment-declined')
    shop.bank.mood = 'settles'
    shop.world.origin = () => new Response('no', { status: 500 })
    expect((await shop.send(await credit(), '/filled/1', await beside())).status).toBe(500)
    expect(await creditOf()).toBe(0n)
  })

  it('whose gate dies once the bank has moved the money is granted by the alarm, once', async () => {
    shop.broken = () => ({ endSettlement: () => new Promise(() => undefined) })
    const payment = await credit()
    expect([await told(payment, await beside()), await creditOf()]).toEqual(['503 settlement-unknown', 0n])
    shop.broken = () => ({})
    await shop.ring(payment, 40 * SECOND)
    await vi.waitUntil(async () => (await creditOf()) > 0n)
    await told(payment, await beside())
    expect([await creditOf(), shop.bank.moved.size]).toEqual([BOUGHT, 1])
  })

  it('that was not granted gives no page, and is granted when the same payment comes again', async () => {
    const [payment, init] = [await credit(), await beside()]
    await lose(async () => {
      const answer = await shop.send(payment, '/filled/1', init)
      expect([await toldBy(answer), answer.headers.get('www-authenticate')]).toEqual(['503 settlement-unknown', null])
    })
    expect(await told(payment, init)).toBe('served')
    expect([await creditOf(), shop.bank.asked.length]).toEqual([BOUGHT, 1])
  })

  it('that was not granted, and whose payer never comes again, is granted by the alarm', async () => {
    const [payment, init] = [await credit(), await beside()]
    await lose(() => shop.send(payment, '/filled/1', init))
    expect(await creditOf()).toBe(0n)
    await shop.evict(payment)
    await shop.ring(payment, 60 * SECOND)
    await vi.waitUntil(async () => (await creditOf()) > 0n)
    expect([await creditOf(), shop.bank.asked.length]).toEqual([BOUGHT, 1])
    expect(await told(payment, init)).toBe('served')
    expect(await creditOf()).toBe(BOUGHT)
  })
})
