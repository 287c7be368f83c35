import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { makeParties, NOW, type Parties } from '../../tokens/hostile/parties.ts'
import { openLedger } from '../../../src/ledger/rules/place.ts'
import { bearer, purchases, receipt } from '../../../src/index.ts'
import { receiptToken } from '../../tokens/payment/gate.ts'
import { PASS, receiptOfBilling } from './site.ts'
import { FETCH, HERE, IMAGE, OTHER_GENERATION, PurchaseWorld, shopOptions } from './world.ts'

const PAGE = '/reports/1'
const NAME = /^__Host-faregate-receipt-/
let parties: Parties
let world: PurchaseWorld

beforeAll(async () => {
  parties = await makeParties()
})
beforeEach(() => {
  world = new PurchaseWorld(parties)
})
afterEach(() => {
  // Whatever a test is about: no cookie and no id of a purchase is told to anybody but its browser.
  const outside = world.received.flatMap(({ url, headers }) => [url, ...Array.from(headers, (pair) => pair.join(': '))])
  expect([...world.told, ...outside].join('\n')).not.toMatch(/faregate-receipt|eyJhbGciOiJkaXIi/)
})
afterAll(() => vi.restoreAllMocks())

const kept = (): string[] => [...world.browser.cookies.keys()].filter((name) => NAME.test(name))

describe('A receipt in the browser, beside other credentials,', () => {
  const PACK = { amount: '5', currency: 'USD', resource: '/reports/*', uses: 20 }

  it('yields to a receipt that a client sends on purpose', async () => {
    await world.buy(receiptOfBilling(PASS))
    const token = await receiptToken(parties, { ...PACK, jti: 'sent', exp: NOW + 3600 })
    for (const fields of [{ 'faregate-receipt': token }, { authorization: `Bearer ${token}` }]) {
      expect(await world.status(PAGE, { ...HERE, ...fields })).toBe(200)
      const answer = await world.open('/__faregate/account', { ...HERE, ...fields, accept: 'application/json' })
      expect(await answer.json()).toMatchObject({ receipt: { id: 'sent' } })
    }
    expect(await world.reason(PAGE, { ...HERE, 'faregate-receipt': 'nonsense' })).toBe('credential-malformed')
  })

  it('is shown on the account page, with what is left of it, to whoever has no account', async () => {
    await world.buy(receiptOfBilling({ grant: { kind: 'uses', uses: 3 } }))
    const shown = await (await world.open('/__faregate/account', HERE)).text()
    expect(shown).toContain('3 of 3 uses left.')
    expect(shown).not.toContain('?format=csv')
  })

  it('pays before credit does, and leaves a subscription alone', async () => {
    await world.buy(receiptOfBilling({}, '/both/*'))
    world.browser.cookies.set('__Host-faregate', await world.token({ entitlements: [] }))
    expect(await (await world.open('/both/1')).text()).toContain('what you bought')
    world.browser.cookies.set('__Host-faregate', await world.token())
    expect(await world.status('/both/1')).toBe(200)
  })

  it('hides no credit once it is used up', async () => {
    await world.buy(receiptOfBilling({ grant: { kind: 'uses', uses: 1 } }, '/both/*'))
    await world.confirm('/both/1')
    expect(await world.status('/both/1')).toBe(200)
    world.now += 301_000
    const token = await world.token({ sub: 'ann', entitlements: [] })
    world.browser.cookies.set('__Host-faregate', token)
    const id = crypto.randomUUID()
    const holder = { from: 'account', issuer: 'https://billing.example', account: 'ann' } as const
    const { ledgers } = world.services
    await (ledgers && openLedger(ledgers, world.zone, holder).grant({ id, units: 10n ** 9n, currency: 'USD' }))
    expect(await (await world.open('/both/1')).text()).toContain('Pay $0.25 and open')
    expect([await world.confirm('/both/1'), await world.status('/both/1')]).toEqual([303, 200])
  })

  it('opens what a plan covers whose quota is used up: a pass, and uses just confirmed', async () => {
    const price = { amount: '0.25', currency: 'USD' }
    const quotas = [{ name: 'reads', unit: 'requests', quota: 1, window: 3600 }]
    const routes = [{ path: '/counted/*', requires: 'premium', price, quotas }]
    world.renew(shopOptions(parties, { routes }))
    world.browser.cookies.set('__Host-faregate', await world.token())
    expect([await world.status('/counted/1'), await world.reason('/counted/1')]).toEqual([200, 'usage-limit-reached'])
    const bought = receiptOfBilling({}, '/counted/*')
    await world.buy(bought)
    expect(await world.reason('/counted/1')).toBe('usage-limit-reached')
    await world.confirmFirst(bought, '/counted/1')
    expect(await world.status('/counted/1')).toBe(200)
    await world.buy(receiptOfBilling({ ...PASS, jti: 'pass' }, '/counted/*'))
    expect(await world.status('/counted/2')).toBe(200)
  })

  it('counts for nothing where nothing has a price, and where all is free', async () => {
    await world.buy(receiptOfBilling(PASS, '/*'))
    expect(await world.reason('/paid/1')).toBe('payment-required')
    expect(await world.status('/free/1')).toBe(200)
  })
})

describe('What becomes of a receipt in the browser', () => {
  it.each([
    ['revoked', 'token-revoked', 'subscription-inactive'],
    ['held', 'token-hold', 'security-hold'],
  ] as const)('is said on the page if it was %s', async (_what, kind, reason) => {
    await world.buy(receiptOfBilling({ ...PASS, expires: NOW + 40 * 86_400 }))
    expect(await world.status(PAGE)).toBe(200)
    const at = Math.floor(world.now / 1000)
    await world.say(
      kind === 'token-hold' ? { kind, jti: 'receipt-1', at, isLifted: false } : { kind, jti: 'receipt-1', at },
    )
    expect(await world.reason(PAGE)).toBe(reason)
    expect(kept()).toHaveLength(1)
    world.now += 36 * 86_400_000
    expect(await world.reason(PAGE), 'a month later').toBe(reason)
  })

  it('is removed, and said, if it has ended', async () => {
    await world.buy(receiptOfBilling(PASS))
    world.now += 86_500_000
    expect(await world.reason(PAGE)).toBe('credential-expired')
    expect([kept(), await world.reason(PAGE)]).toEqual([[], 'payment-required'])
  })

  it('ends with the days that the configuration allows', async () => {
    await world.buy(receiptOfBilling({ ...PASS, expires: NOW + 40 * 86_400 }))
    world.renew(shopOptions(parties, { rails: [bearer(), purchases({ days: 2 })] }))
    expect(await world.status(PAGE)).toBe(200)
    world.now += 2 * 86_400_000
    expect(await world.reason(PAGE)).toBe('credential-expired')
  })

  it.each([
    ['nothing that was sealed', 'nonsense', 'credential-malformed'],
    [
      'a value of another type',
      `${btoa('{"alg":"dir","enc":"A256GCM","typ":"trip+jwt"}')}..AA.AA.AA`,
      'credential-invalid',
    ],
  ])('is removed if it is %s', async (_what, value, reason) => {
    world.browser.cookies.set('__Host-faregate-receipt-AAAAAAAA', value.replaceAll('=', ''))
    expect(await world.reason(PAGE)).toBe(reason)
    expect([kept(), await world.reason(PAGE)]).toEqual([[], 'payment-required'])
  })

  it('is removed if its issuer is not trusted any more', async () => {
    await world.buy(receiptOfBilling({ issuer: 'https://shop.example' }))
    expect(await world.reason(PAGE)).toBe('credential-invalid')
    expect(kept()).toEqual([])
  })

  it('stays if its key is not known now, and counts again when it is', async () => {
    await world.buy(receiptOfBilling(PASS))
    world.renew(shopOptions(parties, {}, OTHER_GENERATION))
    expect([await world.reason(PAGE), kept().length]).toEqual(['payment-required', 1])
    world.renew(shopOptions(parties, {}, [...OTHER_GENERATION, { generation: 1, secret: 'GATE_SECRET' }]))
    expect(await world.status(PAGE)).toBe(200)
  })

  it('opens nothing in another zone', async () => {
    await world.buy(receiptOfBilling(PASS))
    const given = shopOptions(parties)
    world.renew({ ...given, zones: given.zones.map((zone) => ({ ...zone, id: `${zone.name}-other` })) })
    expect(await world.reason(PAGE)).toBe('payment-required')
  })

  it('reaches no origin, even in a zone that takes none', async () => {
    await world.buy(receiptOfBilling(PASS))
    world.browser.cookies.set('session', '1')
    const routes = [{ path: '/free/*', free: true as const, cache: 'off' as const }]
    world.renew(shopOptions(parties, { rails: [receipt()], routes }))
    expect(await world.status('/free/1')).toBe(200)
    expect(world.received[0]?.headers.get('cookie')).toBe('session=1')
  })
})

describe('The gate shows a receipt in the browser', () => {
  it('on the account page, to its browser and to nobody whose page only asks', async () => {
    await world.buy(receiptOfBilling())
    const answer = await world.open('/__faregate/account', FETCH)
    expect(await answer.json()).toMatchObject({ receipt: { id: 'receipt-1', uses: 20, left: { uses: 20 } } })
    expect(await world.status('/__faregate/account', IMAGE)).toBe(401)
  })

  it('in an explanation, which charges nothing', async () => {
    await world.buy(receiptOfBilling())
    const ask = async (): Promise<unknown> =>
      (await world.open(`/__faregate/explain?target=${PAGE}`, { ...HERE, accept: '*/*' })).json()
    expect(await ask()).toMatchObject({ decision: { action: 'refuse', reason: 'payment-required' } })
    await world.confirm(PAGE)
    expect(await ask()).toMatchObject({
      decision: { action: 'serve', charges: { receipt: { uses: 20 } } },
      checks: expect.arrayContaining([
        expect.objectContaining({ check: 'issuer', outcome: 'pass', found: 'https://billing.example' }),
        expect.objectContaining({ check: 'cover', found: expect.objectContaining({ resource: '/reports/*' }) }),
      ]),
    })
    expect(await (await world.open('/__faregate/account', FETCH)).json()).toMatchObject({
      receipt: { left: { uses: 20 } },
    })
  })
})
