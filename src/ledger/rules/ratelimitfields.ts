import { type Item, type Parameters, serializeItem } from 'structured-headers'

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
  const members = withDistinctNames(standings).map(memberOf)
  const kept = new Set<Member>()
  let [policyBytes, limitBytes] = [0, 0]
  for (const member of members.length > 1 ? members.toSorted(byShareLeft) : members) {
    policyBytes += member.policy.length + SEPARATOR.length
    limitBytes += member.limit.length + SEPARATOR.length
    if (Math.max(policyBytes, limitBytes) > MAX_FIELD_BYTES + SEPARATOR.length) break
    kept.add(member)
  }
  if (kept.size === 0) return undefined
  const written = members.filter((member) => kept.has(member))
  return {
    policy: written.map(({ policy }) => policy).join(SEPARATOR),
    limit: written.map(({ limit }) => limit).join(SEPARATOR),
  }
}

/** Between the members of a List (RFC 9651 §4.1.1). */
const SEPARATOR = ', '

/** A limit, and its member of either field. */
interface Member {
  readonly standing: LimitStanding
  readonly policy: string
  readonly limit: string
}

function memberOf(standing: LimitStanding): Member {
  return { standing, policy: serializeItem(policyItem(standing)), limit: serializeItem(limitItem(standing)) }
}

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

/** Least first: by what is left of the quota, without a division. */
function byShareLeft({ standing: one }: Member, { standing: other }: Member): number {
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
