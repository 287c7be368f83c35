import type { Breakdown } from '../../../src/access/meter.ts'
import * as fc from 'fast-check'
import { STANDINGS } from '../../../src/access/entitlement.ts'
import { exactRate } from '../../../src/access/ratelimit.ts'
import type { AmendCommand, ChargeCommand, Delivery, SignedProof } from '../../../src/ledger/rules/commands.ts'
import type { Settlement } from '../../../src/ledger/rules/payment.ts'
import { entryOf, type Statement } from '../../../src/standing/rules/standing.ts'
import { chargeOf, EUR, HOUR, limit, MINUTE } from '../rules/pureledger.ts'
import { LATER } from './driver.ts'

export const LIMITS = [
  limit(40n, 60),
  limit(60n, 300, { kind: 'sliding' }),
  limit(200n, 'P1D'),
  limit(500n, 'P1M', { anchor: 31 * 86_400 - 1 }),
  limit(90n, 3600, { name: 'tokens', kind: 'sliding' }),
]
export const RATES = [exactRate(6, 30, '/a'), exactRate(10, 300, '/a'), exactRate(4, 60, '/b')]

/** Objects without a prototype cannot be sent to an object. */
const PLAIN = { noNullPrototype: true }

export const ids = fc.nat(25).map((n) => `r${n}`)

/**
 * An id is good for a minute: a ledger may then have forgotten who had it, and no request ever has that of an earlier one.
 */
export function idOf(id: string, minutesAgo = 0): string {
  return `${id} of minute ${Math.floor((Date.now() - LATER) / MINUTE) - minutesAgo}`
}

const minutesAgo = fc.constantFrom(0, 0, 0, 0, 1, 6, 7, 60, 24 * 60)

const counts = fc.subarray([
  { name: 'requests', units: 1n },
  { name: 'tokens', units: 30n },
  { name: 'requests', units: 7n },
])

/** So few seconds that much is said in one; and so long ago that some of it is forgotten while the test runs. */
const at = fc.integer({ min: -60, max: 5 }).map((seconds) => LATER / 1000 + seconds)
export const TOKEN_SECONDS = 2 * 3600
const tokens = fc.constantFrom(undefined, 't1', 't2')
const names = fc.subarray(['a', 'b'])
const statements: fc.Arbitrary<Statement> = fc.oneof(
  fc.record({ at, kind: fc.constant('standing' as const), standing: fc.constantFrom(...STANDINGS) }, PLAIN),
  fc.record({ at, kind: fc.constant('entitlements' as const), names }, PLAIN),
  fc.record({ at, kind: fc.constant('hold' as const), isLifted: fc.boolean() }, PLAIN),
)
export const notes = fc.array(
  fc.oneof(
    { weight: 4, arbitrary: statements.map((statement) => ({ entry: entryOf(statement) })) },
    { weight: 1, arbitrary: at.map((when) => ({ entry: { revokedAt: when - 50 } })) },
    {
      weight: 1,
      arbitrary: fc.record(
        { token: fc.constantFrom('t1', 't2'), entry: fc.constant({ revokedAt: LATER / 1000 }) },
        PLAIN,
      ),
    },
  ),
  { minLength: 1, maxLength: 3 },
)

const proofs: fc.Arbitrary<SignedProof> = fc
  .record({
    issuedAt: at,
    jti: tokens,
    standing: fc.constantFrom('active', 'active', 'past-due'),
    names,
    opens: fc.subarray(['a', 'b']),
    isReceipt: fc.boolean(),
  })
  .map(({ issuedAt, jti, standing, names: entitlements, opens, isReceipt }) => {
    const named = { issuedAt, ...(jti && { token: jti }) }
    if (isReceipt) return { kind: 'receipt', ...named }
    return { kind: 'entitlement', ...named, standing, entitlements, ...(opens.length > 0 && { opens }) }
  })

export const charges = fc.record(
  {
    id: ids,
    counts,
    limits: fc.subarray(LIMITS),
    rates: fc.option(fc.subarray(RATES), { nil: undefined }),
    price: fc.option(fc.bigInt(0n, 30n).map(EUR), { nil: undefined }),
    receipt: fc.constantFrom(undefined, undefined, { uses: 5 }, { passSeconds: 90 }),
    idempotency: fc.option(
      fc.record({ key: fc.constantFrom('k1', 'k2'), digest: fc.constantFrom('d1', 'd1', 'd1', 'd2') }, PLAIN),
      { nil: undefined, freq: 3 },
    ),
    continuation: fc.constantFrom(undefined, 'a', 'b'),
    clientRetry: fc.option(fc.record({ digest: fc.constantFrom('r1', 'r2'), isRetry: fc.boolean() }, PLAIN), {
      nil: undefined,
      freq: 3,
    }),
    isPart: fc.constantFrom(true, true, false),
    representation: fc.constantFrom(undefined, undefined, '"v1"', '"v2"'),
    proof: fc.option(proofs, { nil: undefined }),
    facts: fc.constantFrom(undefined, { route: '/llm', meter: 'm' }),
    settleAfterMs: fc.integer({ min: 1, max: 3 * MINUTE }),
  },
  PLAIN,
)

type Asked = typeof charges extends fc.Arbitrary<infer T> ? T : never

/** Without the members that are undefined, which the type does not have. */
export function commandOf({ id, settleAfterMs, ...asked }: Asked): ChargeCommand {
  const given = Object.fromEntries(Object.entries(asked).filter(([, value]) => value !== undefined))
  const more = asked.receipt === undefined ? {} : { expires: LATER + 3 * HOUR }
  return chargeOf(idOf(id), Date.now(), { ...given, ...more, settleByMs: Date.now() + settleAfterMs })
}

/** Payments that are settled by nobody, and of which more is heard. */
export const payments = fc.record(
  { id: ids, digest: fc.constantFrom('d1', 'd2'), nonce: fc.constantFrom('n:1', 's:2') },
  PLAIN,
)

export function paymentOf({ id, digest, nonce }: { id: string; digest: string; nonce: string }): ChargeCommand {
  const payment = { zone: 'news', rail: 'toy', payload: { nonce }, requirements: [nonce, 1, null] }
  const times = { settleByMs: Date.now() + 3 * MINUTE, claimByMs: Date.now() + MINUTE, expires: LATER + 3 * HOUR }
  return chargeOf(idOf(id), Date.now(), { payment, idempotency: { key: 'payment', digest }, price: EUR(0n), ...times })
}

export const settlements = fc.record(
  {
    charge: ids,
    minutesAgo,
    request: fc.option(ids, { nil: undefined, freq: 4 }),
    settlement: fc.constantFrom<Settlement | undefined>(
      undefined,
      undefined,
      { kind: 'settled', reference: 'n:1' },
      { kind: 'failed', reason: 'declined' },
      { kind: 'unknown' },
    ),
  },
  PLAIN,
)

export const amends = fc.record(
  {
    charge: ids,
    request: fc.option(ids, { nil: undefined, freq: 4 }),
    minutesAgo,
    delivery: fc.constantFrom<Delivery>('complete', 'broken', 'none'),
    counts: fc.option(
      fc.bigInt(0n, 40n).map((units) => [{ name: 'tokens', units }]),
      { nil: undefined },
    ),
    price: fc.option(fc.bigInt(0n, 40n), { nil: undefined }),
    isUnsent: fc.boolean(),
    representation: fc.constantFrom(undefined, '"v1"', 'n:1'),
    breakdown: fc.constantFrom(undefined, breakdownOf('small'), breakdownOf('large', 1000n)),
  },
  PLAIN,
)

function breakdownOf(of: string, more = 0n): Breakdown {
  const lines = [{ name: 'input', units: 3n, rate: '2.5' }, ...(more > 0n ? [{ name: 'output', units: more }] : [])]
  return { of, basis: 'measured', lines, ...(more > 0n && { rates: 'configured', tier: 'default' }) }
}

type Amending = typeof amends extends fc.Arbitrary<infer T> ? T : never

export function amendOf({
  minutesAgo,
  delivery,
  counts,
  price,
  isUnsent,
  representation,
  breakdown,
  ...asked
}: Amending): AmendCommand {
  const charge = idOf(asked.charge, minutesAgo)
  const request = idOf(asked.request ?? asked.charge, minutesAgo)
  const more = { ...(isUnsent && { isUnsent }), ...(counts && { counts }), ...(representation && { representation }) }
  return { charge, request, delivery, ...more, ...(price !== undefined && { price }), ...(breakdown && { breakdown }) }
}

export const takings = fc.record(
  {
    id: fc.nat(8).map((n) => `t${n}`),
    units: fc.bigInt(0n, 60n),
    currency: fc.constantFrom('EUR', 'EUR', 'EUR', 'USD'),
    of: fc.constantFrom<[string, ...string[]]>(['g'], ['g0'], ['g1', 'g0'], ['g2'], ['g9'], ['g9', 'g3']),
  },
  { ...PLAIN, requiredKeys: ['id', 'units', 'currency'] },
)
