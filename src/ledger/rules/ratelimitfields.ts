import { type Item, type Parameters, serializeList } from 'structured-headers'

/** The state of a limit after a request. */
export interface LimitStanding {
  readonly name: string
  readonly quota: bigint
  readonly unit: string
  readonly windowSeconds: number
  readonly remaining: bigint
  /** Seconds until more is free. */
  readonly resetSeconds: number
}

/** The fields of a metered response (draft-ietf-httpapi-ratelimit-headers-10): `RateLimit-Policy` and `RateLimit`. */
export interface RateLimitFields {
  readonly policy: string
  readonly limit: string
}

/** The units of the draft that are written, its default `requests` excepted. Clients do not know other units. */
const WRITTEN_UNITS = new Set(['content-bytes', 'concurrent-requests'])

/** RFC 9651 §3.3.1: an Integer has at most fifteen digits. */
const MAX_INTEGER = 999_999_999_999_999n

const MAX_FIELD_BYTES = 1024

/**
 * Writes both fields; undefined if there are no limits. If they would be too long, both name the limits with the least left.
 * A program can read of each limit: name, quota, window, rest, and the time until more is free.
 */
export function rateLimitFields(standings: readonly LimitStanding[]): RateLimitFields | undefined {
  const named = withDistinctNames(standings)
  const kept = new Set<LimitStanding>()
  let [policyBytes, limitBytes] = [0, 0]
  for (const standing of named.toSorted(byShareLeft)) {
    policyBytes += serializeList([policyItem(standing)]).length + SEPARATOR_BYTES
    limitBytes += serializeList([limitItem(standing)]).length + SEPARATOR_BYTES
    if (Math.max(policyBytes, limitBytes) > MAX_FIELD_BYTES + SEPARATOR_BYTES) break
    kept.add(standing)
  }
  if (kept.size === 0) return undefined
  const told = named.filter((standing) => kept.has(standing))
  return { policy: serializeList(told.map(policyItem)), limit: serializeList(told.map(limitItem)) }
}

const SEPARATOR_BYTES = ', '.length

/** Makes names distinct: `requests` in a minute and in a day are two policies, and clients tell policies apart by name. */
function withDistinctNames(standings: readonly LimitStanding[]): readonly LimitStanding[] {
  const times = new Map<string, number>()
  for (const { name } of standings) times.set(name, (times.get(name) ?? 0) + 1)
  const taken = new Set(times.keys())
  return standings.map((standing) => {
    if (times.get(standing.name) === 1) return standing
    const longer = `${standing.name}-${standing.windowSeconds}`
    let name = longer
    for (let number = 2; taken.has(name); number++) name = `${longer}-${number}`
    taken.add(name)
    return { ...standing, name }
  })
}

/** Orders by the share of the quota left, least first, without a division. */
function byShareLeft(one: LimitStanding, other: LimitStanding): number {
  const difference = one.remaining * atLeastOne(other.quota) - other.remaining * atLeastOne(one.quota)
  return difference < 0n ? -1 : difference > 0n ? 1 : 0
}

function atLeastOne(quota: bigint): bigint {
  return quota > 0n ? quota : 1n
}

function policyItem({ name, quota, unit, windowSeconds }: LimitStanding): Item {
  const parameters: Parameters = new Map([['q', integer(quota)]])
  if (WRITTEN_UNITS.has(unit)) parameters.set('qu', unit)
  return [name, parameters.set('w', windowSeconds)]
}

function limitItem({ name, remaining, resetSeconds, windowSeconds }: LimitStanding): Item {
  return [
    name,
    new Map([
      ['r', integer(remaining)],
      // A sliding window is counted in parts, and a clock may run back: both can exceed the window a little.
      ['t', integer(BigInt(Math.min(windowSeconds, Math.max(0, Math.ceil(resetSeconds)))))],
    ]),
  ]
}

function integer(value: bigint): number {
  if (value < 0n) return 0
  return Number(value > MAX_INTEGER ? MAX_INTEGER : value)
}
