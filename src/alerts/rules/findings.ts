/** What of ten minutes is beyond its threshold: pure sums over a tally, beside that of the same minutes last week. */
import { isLasting, type KnownCondition } from '../../tallies/rules/conditions.ts'
import { DIMENSIONS, type Dimension, namesIn, type Tally } from '../../tallies/rules/tally.ts'
import { type AlertName, type AlertFinding, findingOf, type Thresholds } from './alert.ts'

/** The names that the alerts tell apart. */
export const WATCHED_BY = [
  'route',
  'decision',
  'status',
  'reason',
  'cache',
  'rail',
] as const satisfies readonly Dimension[]

export interface WatchedSums {
  readonly now: Tally
  readonly lastWeek: Tally
}

const OF_ORIGINS: ReadonlySet<string> = new Set(['origin-unreachable', 'origin-timeout'])
/** A provider also refuses the operator's own account, or takes no more calls. */
const OF_PROVIDERS: ReadonlySet<string> = new Set([...OF_ORIGINS, 'overloaded', 'misconfigured'])
const OF_PAYMENTS: ReadonlySet<string> = new Set(['payments-unavailable', 'settlement-unknown'])

/**
 * Returns what is beyond its threshold in the sums. `isProvided`: whether somebody else answers a route, as a provider of
 * language models does.
 */
export function findInSums(
  { now, lastWeek }: WatchedSums,
  thresholds: Thresholds,
  isProvided: (route: string) => boolean,
): readonly AlertFinding[] {
  const [money, usual] = [moneyOf(now), moneyOf(lastWeek)]
  const counted: readonly (readonly [AlertName, number, number])[] = [
    ['customers-refused', now.hurt.size, lastWeek.hurt.size],
    ['charges-unsettled', money.unsettled, usual.unsettled],
    ['payments-undelivered', money.undelivered, usual.undelivered],
  ]
  return [
    ...counted.flatMap(([alert, observed, usual]) => findingOf({ alert, observed, usual }, thresholds)),
    ...sharesOf(now, isProvided).flatMap((share) => findingOf(share, thresholds)),
  ]
}

function moneyOf({ money }: Tally): { readonly unsettled: number; readonly undelivered: number } {
  const sums = { unsettled: 0, undelivered: 0 }
  for (const { unsettled, undelivered } of money.values()) {
    sums.unsettled += unsettled
    sums.undelivered += undelivered
  }
  return sums
}

interface Share {
  readonly alert: AlertName
  readonly of: string
  observed: number
  outOf: number
}

/** Returns how many requests failed of those that an origin or a provider answered, by route, and of payments, by rail. */
function sharesOf({ traffic }: Tally, isProvided: (route: string) => boolean): readonly Share[] {
  const shares = new Map<string, Share>()
  const add = (alert: AlertName, of: string, count: number, hasFailed: boolean): void => {
    const key = `${alert}\n${of}`
    const share = shares.get(key) ?? { alert, of, observed: 0, outOf: 0 }
    shares.set(key, share)
    share.outOf += count
    if (hasFailed) share.observed += count
  }
  for (const [kind, { count }] of traffic) {
    const { route, decision, status, reason, cache, rail } = factsIn(kind)
    const isProvider = isProvided(route)
    const hasFailed = decision === 'serve' ? status === '5xx' : (isProvider ? OF_PROVIDERS : OF_ORIGINS).has(reason)
    if (hasFailed || (decision === 'serve' && cache !== 'hit'))
      add(isProvider ? 'provider-failing' : 'origin-failing', route, count, hasFailed)
    const isUnpaid = OF_PAYMENTS.has(reason)
    if (rail !== '' && (isUnpaid || decision === 'serve')) add('payments-failing', rail, count, isUnpaid)
  }
  return [...shares.values()]
}

/** Returns the names in a kind of traffic, by dimension. */
function factsIn(kind: string): Readonly<Record<Dimension, string>> {
  const names = namesIn(kind)
  const facts = DIMENSIONS.map((dimension, index) => [dimension, names[index] ?? ''] as const)
  return Object.fromEntries(facts) as Record<Dimension, string>
}

/** Returns the conditions that last, as findings. */
export function findInConditions(
  known: readonly KnownCondition[],
  thresholds: Thresholds,
  now: number,
): readonly AlertFinding[] {
  return known
    .filter((condition) => isLasting(condition, now))
    .flatMap(({ name, of, seconds }) => findingOf({ alert: name, of, observed: seconds ?? 1 }, thresholds))
}
