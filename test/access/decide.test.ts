import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type DecidedRequest, decide } from '../../src/access/decide.ts'
import type { Entitlement } from '../../src/access/entitlement.ts'
import { DEFAULT_METERING, type Limit, type Metering } from '../../src/access/limit.ts'
import type { Offer, Terms } from '../../src/access/offer.ts'
import type { Receipt } from '../../src/access/receipt.ts'
import { compileResource } from '../../src/access/resource.ts'
import { ok } from '../../src/core/result.ts'
import { readTarget } from '../../src/http/rules/target.ts'
import { entitlementOf, presenting } from '../support/proofs.ts'
import { parseMoney } from '../../src/core/money.ts'

const NOW = 1_800_000_000

function money(amount: string, currency = 'USD') {
  const found = parseMoney(amount, currency)
  if (found === undefined) throw new Error(amount)
  return found
}

function terms(over: Partial<Offer> = {}, metering: Metering = DEFAULT_METERING): Extract<Terms, { kind: 'paid' }> {
  const words = { title: undefined, description: undefined, resource: '/reports/*' }
  const offer = { entitlements: [], price: money('0.25'), onSale: true, ...words, ...over }
  return { kind: 'paid', offer, metering, observedUntilMs: undefined }
}

function receipt({
  resource = '/reports/*',
  ...over
}: Partial<Omit<Receipt, 'resource'>> & { resource?: string }): Receipt {
  const compiled = compileResource(resource)
  if (compiled === undefined) throw new Error(resource)
  return {
    kind: 'receipt',
    issuer: 'https://billing.test',
    jti: 'r-1',
    payer: undefined,
    amount: money('0.25'),
    resource: compiled,
    methods: ['GET', 'HEAD'],
    grant: { kind: 'uses', uses: 1 },
    accountHash: undefined,
    issuedAt: NOW - 60,
    notBefore: NOW - 60,
    expires: NOW + 3600,
    toleranceSeconds: 5,
    ...over,
  }
}

function entitlement(over: Partial<Entitlement> = {}): Entitlement {
  return entitlementOf(NOW - 60, { expires: NOW + 3600, ...over })
}

function asked(path = '/reports/1', method = 'GET', now = NOW * 1000): DecidedRequest {
  const target = readTarget(path, '')
  if (!target.ok) throw new Error(path)
  return { method, target: target.value, now }
}

describe('a receipt', () => {
  const uses = (count: number) => ({ grant: { kind: 'uses', uses: count } }) as const
  const pass = { grant: { kind: 'pass', passSeconds: 3600 } } as const
  const opens: [
    name: string,
    receipt: Parameters<typeof receipt>[0],
    asked?: DecidedRequest,
    offer?: Partial<Offer>,
  ][] = [
    ['of the price', {}],
    ['of more', { amount: money('1') }],
    ['of the price for each of its uses', { ...uses(4), amount: money('1') }],
    ['of the price for a pass', pass],
    ['for HEAD with GET', { methods: ['GET'] }, asked('/reports/1', 'HEAD')],
    ['for POST', { methods: ['POST'] }, asked('/reports/1', 'POST')],
    ['for a path of its own', { resource: '/reports/q3.pdf' }, asked('/reports/q3.pdf')],
    ['of nothing, for what costs nothing', { amount: money('0') }, asked(), { price: money('0') }],
    ['beside entitlements that would do', {}, asked(), { entitlements: ['premium'] }],
    ['within its tolerance', {}, asked('/reports/1', 'GET', (NOW + 3604) * 1000)],
  ]
  it.each(opens)('%s opens a paid route', (_name, given, request = asked(), offer = {}) => {
    const decision = decide(terms(offer), presenting({ receipt: ok(receipt(given)) }), request)
    expect(decision).toMatchObject({
      action: 'serve',
      proof: { kind: 'receipt' },
      cost: { from: 'receipt', jti: 'r-1' },
    })
  })

  const AMOUNT = 'its amount is less than 0.25 USD for each of its uses'
  const short: [
    name: string,
    receipt: Parameters<typeof receipt>[0],
    detail: string,
    asked?: DecidedRequest,
    offer?: Partial<Offer>,
  ][] = [
    ['one unit short', { amount: { units: 249_999_999n, currency: 'USD' } }, AMOUNT],
    ['of nothing', { amount: money('0') }, AMOUNT],
    ['of the price for two uses', uses(2), AMOUNT],
    ['a unit short of a million uses', { ...uses(1_000_000), amount: money('249999.999999999') }, AMOUNT],
    ['of another currency', { amount: money('1000', 'JPY') }, 'its currency is not USD'],
    ['for another path', { resource: '/other/*' }, 'its resource is not this path'],
    ['for one page', { resource: '/reports/2' }, 'its resource is not this path'],
    ['for a reading of the path', {}, 'its resource is not this path', asked('/reports/..%2fsecret')],
    ['for another method', {}, 'its methods lack this one', asked('/reports/1', 'POST')],
    ['for HEAD alone', { methods: ['HEAD'] }, 'its methods lack this one'],
    ['for OPTIONS', {}, 'its methods lack this one', asked('/reports/1', 'OPTIONS')],
    ['for a route without a price', {}, 'no price', asked(), { price: undefined, entitlements: ['premium'] }],
    [
      'in every way',
      { resource: '/x', methods: ['PUT'], amount: money('1', 'EUR') },
      'its resource is not this path; its methods lack this one; its currency is not USD',
    ],
  ]
  it.each(short)('%s is insufficient', (_name, given, detail, request = asked(), offer = {}) => {
    const decision = decide(terms(offer), presenting({ receipt: ok(receipt(given)) }), request)
    expect(decision).toMatchObject({
      action: 'refuse',
      refusal: { reason: 'payment-insufficient', check: 'cover', detail: expect.stringContaining(detail) },
    })
  })

  it('is refused before and after its time, whatever else is wrong', () => {
    const at = (second: number) =>
      decide(
        terms(),
        presenting({ receipt: ok(receipt({ resource: '/x' })) }),
        asked('/reports/1', 'GET', second * 1000),
      )
    expect(at(NOW - 66)).toMatchObject({ refusal: { reason: 'credential-not-yet-valid' } })
    expect(at(NOW + 3605)).toMatchObject({ refusal: { reason: 'credential-expired' } })
  })

  it('opens nothing that is closed or not on sale, and is nobody on a free route', () => {
    const presented = presenting({ receipt: ok(receipt({ resource: '/*' })) })
    expect(decide({ kind: 'closed' }, presented, asked())).toMatchObject({ refusal: { reason: 'not-for-sale' } })
    expect(decide(terms({ onSale: false }), presented, asked())).toMatchObject({ refusal: { reason: 'not-for-sale' } })
    expect(decide({ kind: 'free' }, presented, asked())).toEqual({
      action: 'serve',
      proof: undefined,
      cost: undefined,
    })
  })

  it('never opens a request that its own claims do not pay for', () => {
    const piece = fc.constantFrom('reports', '/', '/', '..', '%2f', '%5c', ';', 'Q', 'q3.pdf', '.', 'é', '%252e')
    const path = fc.array(piece, { maxLength: 7 }).map((pieces) => `/reports/${pieces.join('')}`)
    const method = fc.constantFrom('GET', 'HEAD', 'POST', 'OPTIONS')
    const units = fc.bigInt({ min: 0n, max: 3_000_000_000n })
    const count = fc.integer({ min: 1, max: 12 })
    const patterns = fc.constantFrom('/reports/*', '/*', '/reports/q3.pdf', '/reports', '/reports/*/q3.pdf')
    let served = 0
    fc.assert(
      fc.property(path, method, units, count, patterns, (sent, verb, paid, times, resource) => {
        const target = readTarget(sent, '')
        if (!target.ok) return
        const given = receipt({ resource, amount: { units: paid, currency: 'USD' }, ...uses(times) })
        const decision = decide(terms(), presenting({ receipt: ok(given) }), {
          method: verb,
          target: target.value,
          now: NOW * 1000,
        })
        if (decision.action === 'refuse') return
        served++
        expect(paid).toBeGreaterThanOrEqual(250_000_000n * BigInt(times))
        expect(['GET', 'HEAD']).toContain(verb)
        const { exact } = given.resource.pattern
        expect(exact.test(target.value.path)).toBe(true)
        if (target.value.path === resource) return
        for (const reading of target.value.interpretations) expect(exact.test(reading.path)).toBe(true)
      }),
      { numRuns: 3000 },
    )
    expect(served).toBeGreaterThan(30)
  })
})

const hourly: Limit = {
  name: 'requests',
  quota: 100n,
  unit: 'requests',
  window: 3600,
  kind: 'fixed',
  anchor: undefined,
}
const daily: Limit = { ...hourly, quota: 1000n, window: 'P1D' }
const reports: Limit = { ...hourly, name: 'reports', unit: 'reports', quota: 5n, window: 'P1M' }
const plain = terms({ entitlements: ['premium'], price: undefined })
const both = terms({ entitlements: ['gold'] })
const counting = (counts: Record<string, bigint>, quotas: Limit[] = []) =>
  terms({ entitlements: ['premium'], price: undefined }, { counts, quotas })
const one = [{ name: 'requests', units: 1n }]

describe('what a request of an account demands', () => {
  const cases: [name: string, terms: Terms, limits: Limit[], cost: unknown][] = [
    ['nothing without limits', plain, [], undefined],
    ['nothing on a free route', { kind: 'free' }, [hourly], undefined],
    ['a request of its limit', plain, [hourly], { counts: one, limits: [hourly], price: undefined }],
    ['a request in each window', plain, [hourly, daily], { counts: one, limits: [hourly, daily] }],
    ['nothing of a limit that is not counted here', plain, [reports], undefined],
    ['only of the limits that are', plain, [hourly, reports], { counts: one, limits: [hourly] }],
    [
      'as much as the route counts',
      counting({ reports: 3n }),
      [reports, hourly],
      { counts: [{ name: 'reports', units: 3n }], limits: [reports] },
    ],
    ['nothing where the route counts nothing', counting({}), [hourly], undefined],
    ['nothing where it counts none', counting({ requests: 0n }), [hourly], undefined],
    [
      'by unit where the name is not counted',
      plain,
      [{ ...hourly, name: 'burst' }],
      { counts: [...one, { name: 'burst', units: 1n }], limits: [{ name: 'burst' }] },
    ],
    ["of the route's quotas", counting({ requests: 1n }, [daily]), [], { counts: one, limits: [daily] }],
    [
      "of the token's limits, where both have the name",
      counting({ requests: 1n }, [daily]),
      [hourly],
      { limits: [hourly] },
    ],
    [
      'of both, where the names differ',
      counting({ requests: 1n, reports: 1n }, [reports]),
      [hourly],
      { limits: [hourly, reports] },
    ],
    ['a limit of nothing all the same', plain, [{ ...hourly, quota: 0n }], { limits: [{ quota: 0n }] }],
    ['names that every object has: none', plain, [{ ...hourly, name: 'toString', unit: '__proto__' }], undefined],
    ['the price, from credit, where nothing else covers', both, [], { price: money('0.25'), counts: [], limits: [] }],
    ['the price and a request', both, [hourly], { price: money('0.25'), counts: one, limits: [hourly] }],
  ]
  it.each(cases)('is %s', (_name, given, limits, cost) => {
    const decision = decide(given, presenting({ entitlement: ok(entitlement({ limits })) }), asked())
    if (decision.action !== 'serve') throw new Error(decision.refusal.reason)
    if (cost === undefined) expect(decision.cost).toBeUndefined()
    else
      expect(decision.cost).toMatchObject({
        from: 'account',
        issuer: 'https://billing.test',
        account: 'ann',
        ...cost,
      })
  })

  it('is the same for every method: what is kept of it is judged when the response is known', () => {
    for (const method of ['GET', 'HEAD', 'POST', 'OPTIONS', 'DELETE']) {
      const decision = decide(
        plain,
        presenting({ entitlement: ok(entitlement({ limits: [hourly] })) }),
        asked('/reports/1', method),
      )
      expect(decision).toMatchObject({ cost: { counts: one } })
    }
  })

  it('of a receipt is one use, or a pass, until no one takes it any longer', () => {
    const demandOf = (given: Parameters<typeof receipt>[0]): unknown => {
      const decision = decide(terms(), presenting({ receipt: ok(receipt(given)) }), asked())
      return decision.action === 'serve' && decision.cost
    }
    const common = { from: 'receipt', issuer: 'https://billing.test', jti: 'r-1', expires: (NOW + 3605) * 1000 }
    expect(demandOf({})).toEqual({ ...common, receipt: { uses: 1 } })
    expect(demandOf({ grant: { kind: 'uses', uses: 3 }, amount: money('1') })).toEqual({
      ...common,
      receipt: { uses: 3 },
    })
    expect(demandOf({ grant: { kind: 'pass', passSeconds: 60 } })).toEqual({ ...common, receipt: { passSeconds: 60 } })
  })
})
