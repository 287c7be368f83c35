import * as fc from 'fast-check'
import { CompactSign, importJWK } from 'jose'
import { beforeAll, describe, expect, it } from 'vitest'
import { parseMoney } from '../../src/core/money.ts'
import {
  type BillingIssuer,
  createIssuer,
  generateKeys,
  InvalidClaimsError,
  type LimitInput,
} from '../../src/billing/index.ts'
import { maybe, mostly, name, NO_NAMES, NO_NUMBERS, text } from './arbitraries.ts'
import { createGate, type GateReaders, type GateVerdict } from './gate.ts'

/**
 * Whatever the issuer signs, the gate takes as it is meant; whatever it refuses to sign, the gate refuses. The claims of what
 * is refused are written here once more, and signed without any judgement.
 */

const ISSUER = 'https://billing.test'
const AUDIENCE = 'https://news.test'
const NOW = 1_800_000_000_250
const IAT = 1_800_000_000
const URI = `${ISSUER}/status/1`
const RUNS = { numRuns: 400 }

let billing: BillingIssuer
let gate: GateReaders
let signAnyhow: (typ: string, claims: object) => Promise<string>
beforeAll(async () => {
  const keys = await generateKeys()
  const clock = (): number => NOW
  billing = createIssuer({ issuer: ISSUER, audience: AUDIENCE, keys, clock, randomId: () => 'random' })
  gate = createGate({ issuer: ISSUER, audience: AUDIENCE, keys: [...billing.jwks().keys], now: NOW })
  const jwk = keys[0]?.jwk ?? {}
  const [key, kid] = [await importJWK(jwk), String(jwk['kid'])]
  signAnyhow = (typ, claims) => {
    // What JSON cannot say, another backend would say wrongly.
    const json = JSON.stringify(claims, (_, value: unknown) =>
      typeof value === 'number' && !Number.isFinite(value) ? String(value) : value,
    )
    return new CompactSign(new TextEncoder().encode(json)).setProtectedHeader({ alg: 'EdDSA', typ, kid }).sign(key)
  }
})

const registered = {
  lifetimeSeconds: maybe(fc.integer({ min: 1, max: 3600 }), 0, 86_400.5, 1e9, ...NO_NUMBERS),
  notBefore: maybe(fc.integer({ min: IAT - 100, max: IAT }), ...NO_NUMBERS),
  id: maybe(text, ...NO_NAMES, 'x'.repeat(256)),
  audience: maybe(fc.constant(AUDIENCE), '', [], [AUDIENCE, 'https://b.test'], [AUDIENCE], 5),
}
const status = maybe(
  fc.nat(1e6).map((idx) => ({ idx, uri: URI })),
  { idx: -1, uri: URI },
  { idx: 0.5, uri: URI },
  { idx: 1, uri: 'not a URI' },
  { idx: 1 },
  { uri: URI },
  {},
)
const amount = mostly(
  fc.constantFrom('0', '0.25', '12', '999999999999.999999999', '5.00'),
  5,
  ...'.5 05 1e3 -1 1,5 0.0000000001 five'.split(' '),
)
const currency = mostly(fc.constantFrom('USD', 'EUR'), 'usd', 'DOLLARS', '', 5)

/** Claims as another backend would write them. */
function claims(input: Record<string, unknown>, seconds: number): Record<string, unknown> {
  const { lifetimeSeconds = seconds, notBefore, id = 'random', audience = AUDIENCE } = input
  return { iss: ISSUER, aud: audience, iat: IAT, nbf: notBefore, exp: IAT + (lifetimeSeconds as number), jti: id }
}

const statusClaim = (place: unknown): unknown => place && { status_list: place }

/** Signs the input, and holds what the gate says of that against what was meant. */
async function agrees<T>(
  input: object,
  sign: () => Promise<string>,
  ask: (token: string) => Promise<GateVerdict<T>>,
  typ: string,
  other: object,
  meant: () => object,
): Promise<void> {
  const signed = await sign().catch((error: unknown) => error)
  if (typeof signed === 'string') {
    const verdict = await ask(signed)
    expect(verdict, JSON.stringify(input)).toMatchObject({ ok: true, value: meant() })
  } else {
    expect(signed).toBeInstanceOf(InvalidClaimsError)
    expect(await ask(await signAnyhow(typ, other)), JSON.stringify(input)).toMatchObject({ ok: false })
  }
}

const limit = fc.record(
  {
    name: mostly(fc.stringMatching(/^[ -~]{1,64}$/), '', 'x'.repeat(65), 'é', 5),
    quota: mostly(fc.nat(), ...NO_NUMBERS, 0.5),
    window: mostly(fc.constantFrom(1, 3600, 'P1D', 'P1M'), 0, 'P1Y', 1e9, 0.5),
    unit: maybe(fc.constant('tokens'), '', 5),
    kind: maybe(fc.constantFrom('fixed', 'sliding'), 'rolling'),
    anchor: maybe(fc.constantFrom('2026-01-01T00:00:00Z', 1_700_000_000), 'yesterday', {}),
  },
  { requiredKeys: ['name', 'quota', 'window'] },
)

const TOO_MANY = Array.from({ length: 17 }, () => ({ name: 'a', quota: 1, window: 1 }))

const entitlement = fc.record({
  ...registered,
  account: name,
  entitlements: mostly(
    fc.array(
      fc.oneof(
        text,
        text.map((value) => ({ value })),
      ),
    ),
    [''],
    [{ value: '' }],
    [{}],
    7,
  ),
  plan: maybe(text, 7, {}),
  standing: maybe(fc.constantFrom('active', 'past-due', 'inactive', 'on-hold'), 'paused', '', 7),
  limits: maybe(fc.array(limit, { maxLength: 3 }), {}, [7], TOO_MANY),
  status,
})

const limitMeant = ({ name, quota, window, unit = 'requests', kind = 'fixed', anchor }: LimitInput): object => ({
  name,
  quota: BigInt(quota),
  window,
  unit,
  kind,
  anchor: typeof anchor === 'string' ? Date.parse(anchor) / 1000 : anchor,
})

describe('the issuer and the gate agree', () => {
  it('on entitlements', async () => {
    await fc.assert(
      fc.asyncProperty(entitlement, async (input) => {
        const { account, entitlements, plan, standing, limits, status: place, lifetimeSeconds = 3600 } = input
        await agrees(
          input,
          () => billing.signEntitlement(input as never),
          gate.entitlement,
          'entitlement+jwt',
          { ...claims(input, 3600), sub: account, entitlements, plan, standing, limits, status: statusClaim(place) },
          () => ({
            account,
            entitlements: (entitlements as (string | { value: string })[]).map((one) =>
              typeof one === 'string' ? one : one.value,
            ),
            plan,
            standing: standing ?? 'active',
            limits: ((limits ?? []) as LimitInput[]).map(limitMeant),
            jti: input.id ?? 'random',
            expires: IAT + Number(lifetimeSeconds),
            ...(place === undefined ? {} : { status: place }),
          }),
        )
      }),
      RUNS,
    )
  })

  const receipt = fc.record({
    ...registered,
    account: maybe(text, ...NO_NAMES),
    amount,
    currency,
    resource: mostly(fc.constantFrom('/reports/*', '/a/b.pdf', '/'), 'reports', '', '/a?b', '/*/**', 7),
    methods: maybe(fc.subarray(['GET', 'POST', 'HEAD'], { minLength: 1 }), [], ['get'], 'GET', [7]),
    uses: maybe(fc.integer({ min: 1, max: 1_000_000 }), 0, 1_000_001, 1.5, '1'),
    passSeconds: maybe(fc.integer({ min: 1, max: 2_678_400 }), 0, 2_678_401, '60'),
    status,
  })

  it('on receipts', async () => {
    await fc.assert(
      fc.asyncProperty(receipt, async (input) => {
        const { account: sub, passSeconds: pass, resource, methods, uses, status: place } = input
        const paid = { amount: input.amount, currency: input.currency }
        await agrees(
          input,
          () => billing.signReceipt(input as never),
          gate.payment,
          'payment+jwt',
          { ...claims(input, 3600), sub, ...paid, resource, methods, uses, pass, status: statusClaim(place) },
          () => ({
            jti: input.id ?? 'random',
            payer: sub,
            amount: parseMoney(paid.amount, paid.currency),
            methods: methods ?? ['GET', 'HEAD'],
            grant: pass === undefined ? { kind: 'uses', uses: uses ?? 1 } : { kind: 'pass', passSeconds: pass },
          }),
        )
      }),
      RUNS,
    )
  })

  const operator = fc.record({
    ...registered,
    subject: maybe(text, ...NO_NAMES.filter((bad) => bad !== '\ud800')),
    scopes: mostly(fc.subarray(['purge', 'hold', 'credit'], { minLength: 1 }), [], [''], ['a"b'], ['é'], ['a', '']),
  })

  it('on operators’ tokens', async () => {
    await fc.assert(
      fc.asyncProperty(operator, async (input) => {
        const { subject, scopes } = input
        await agrees(
          input,
          () => billing.signOperator(input as never),
          gate.operator,
          'operator+jwt',
          { ...claims(input, 300), sub: subject, scope: (scopes as string[]).join(' ') },
          () => ({ subject, scopes }),
        )
      }),
      RUNS,
    )
  })

  const payloads: Readonly<Record<string, fc.Arbitrary<unknown>>> = {
    'standing-changed': fc.record({ standing: mostly(fc.constantFrom('active', 'on-hold'), 'paused') }),
    'entitlements-changed': fc.record({ entitlements: mostly(fc.array(text), 'premium', [7]) }),
    'tokens-revoked': fc.oneof(
      fc.record({ before: mostly(fc.integer({ min: 0, max: IAT }), IAT + 60, '1') }),
      fc.record({ jti: name }),
      fc.record({ jtis: mostly(fc.array(text, { minLength: 1, maxLength: 40 }), [], [''], Array(41).fill('a')) }),
    ),
    'credit-granted': fc.record({ amount, currency }),
    'credit-taken': fc.record({ amount, currency, grant: maybe(name, '') }),
    'hold-placed': mostly(fc.constant({}), 7, [], null, { until: 1 }),
  }
  const TYPES = Object.keys(payloads)
  const any = fc.oneof(...Object.values(payloads))
  const said = fc.oneof(
    ...TYPES.map((type) => ({ arbitrary: fc.tuple(fc.constant(type), payloads[type] ?? any), weight: 4 })),
    { arbitrary: fc.tuple(fc.constantFrom(...TYPES, 'standing', 'hold'), any), weight: 1 },
  )
  const event = fc.record({
    account: maybe(text, ...NO_NAMES.filter((bad) => typeof bad !== 'object')),
    events: fc.array(said, { minLength: 1, maxLength: 2 }).map((each) => Object.fromEntries(each)),
    at: maybe(fc.integer({ min: IAT - 86_400, max: IAT }), IAT + 60, IAT - 9 * 86_400, '1', {}),
    audience: registered.audience,
    id: registered.id,
  })

  it('on events', async () => {
    await fc.assert(
      fc.asyncProperty(event, async (input) => {
        const { account, events, at: toe = NOW / 1000, audience = AUDIENCE, id: jti = 'random' } = input
        const sub_id = account === undefined ? undefined : { format: 'iss_sub', iss: ISSUER, sub: account }
        const types = Object.entries(events).map(([type, said]) => [`urn:faregate:event:${type}`, said])
        await agrees(
          input,
          () => billing.signEvent(input as never),
          gate.event,
          'secevent+jwt',
          { iss: ISSUER, aud: audience, iat: IAT, jti, toe, sub_id, events: Object.fromEntries(types) },
          () => ({ id: jti, account, changes: expect.any(Array) as unknown }),
        )
      }),
      { numRuns: 1000 },
    )
  })

  const list = fc.record({
    uri: mostly(fc.constant(URI), 'status', '', 7),
    bits: fc.constantFrom(1, 2, 4, 8),
    statuses: fc.array(fc.constantFrom(0, 1), { maxLength: 40 }),
    ttlSeconds: maybe(fc.integer({ min: 1, max: 86_400 }), 0, ...NO_NUMBERS),
    // The gate forgives five seconds; the issuer none.
    lifetimeSeconds: maybe(fc.integer({ min: 1, max: 86_400 }), -6, NaN, Infinity, {}),
  })

  it('on status lists', async () => {
    await fc.assert(
      fc.asyncProperty(list, async (input) => {
        const { uri: sub, ttlSeconds: ttl = 300, lifetimeSeconds = 86_400 } = input
        const exp = IAT + (lifetimeSeconds as number)
        const status_list = { bits: 1, lst: 'eNrbuRgAAhcBXQ' }
        await agrees(
          input,
          () => billing.statusList(input as never),
          (token) => gate.statuslist(token, URI),
          'statuslist+jwt',
          { sub, iss: ISSUER, iat: IAT, exp, ttl, status_list },
          () => ({ ttlSeconds: ttl, list: { bits: input.bits } }),
        )
      }),
      RUNS,
    )
  })
})
