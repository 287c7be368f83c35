/** The figures of the dashboard: pure sums over a tally. */
import { REASONS, type Reason } from '../../core/problem.ts'
import { addHistogram, type Histogram, quantileMs } from '../../tallies/rules/histogram.ts'
import {
  addAmounts,
  type Dimension,
  DIMENSIONS,
  MONEY_DIMENSIONS,
  type MoneyDimension,
  namesIn,
  type Tally,
  type TrafficCell,
} from '../../tallies/rules/tally.ts'

/** The first row. */
export interface Headline {
  /** Accounts that were refused with a genuine credential, and how often all of them were. */
  readonly hurt: { readonly accounts: number; readonly isMore: boolean; readonly refusals: number }
  /** Refusals of credentials that were not genuine. */
  readonly notGenuine: number
  readonly errors: number
  readonly unsettled: number
  readonly undelivered: number
  /** Kept, by currency, in units of 10⁻⁹. */
  readonly revenue: ReadonlyMap<string, bigint>
  /** Pages that asked to be paid, and charges that were closed with something kept. */
  readonly asked: number
  readonly charges: number
  /** Refusals that could be cured by paying and were shown as a page, and trips to buy that ended well. */
  readonly pages: number
  readonly bought: number
  /** Answers from a copy, and all whose copy could have been used. */
  readonly hits: number
  readonly cacheable: number
  readonly originP95Ms: number | undefined
  readonly requests: number
}

type Facts = Readonly<Record<Dimension, string>>

/** Returns the names in a kind of traffic, by dimension. */
function factsOf(kind: string): Facts {
  const names = namesIn(kind)
  return Object.fromEntries(DIMENSIONS.map((dimension, index) => [dimension, names[index] ?? ''])) as Facts
}

/** A page that asks to be paid: nobody who is held is shown an offer. */
function isPageOfOffers(decision: string, reason: string, format: string): boolean {
  if (decision !== 'refuse' || format !== 'html' || !isReason(reason) || reason === 'security-hold') return false
  return REASONS[reason].status === 402
}

function isReason(name: string): name is Reason {
  return Object.hasOwn(REASONS, name)
}

const isHit = (cache: string): boolean => cache === 'hit'

/** Adds up the first row. The gate's own endpoints are no traffic. */
export function headlineOf(tally: Tally): Headline {
  const origin: Histogram = []
  const sums = {
    refusals: 0,
    notGenuine: 0,
    errors: 0,
    asked: 0,
    pages: 0,
    bought: 0,
    hits: 0,
    cacheable: 0,
    requests: 0,
  }
  for (const [kind, { count, originMs }] of tally.traffic) {
    const { decision, status, credential, reason, cache, format, trip, offer } = factsOf(kind)
    if (trip === 'finished' && offer !== '') sums.bought += count
    if (decision === 'own') continue
    if (isPageOfOffers(decision, reason, format)) sums.pages += count
    sums.requests += count
    if (status === '5xx' && decision !== 'prefetch') sums.errors += count
    if (decision === 'refuse' && credential === 'verified') sums.refusals += count
    if (decision === 'refuse' && credential === 'refused') sums.notGenuine += count
    if (decision === 'refuse' && reason === 'payment-required') sums.asked += count
    if (decision === 'serve' && cache !== '') sums.cacheable += count
    if (decision === 'serve' && isHit(cache)) sums.hits += count
    addHistogram(origin, originMs)
  }
  const revenue = new Map<string, bigint>()
  const money = { unsettled: 0, undelivered: 0, charges: 0 }
  for (const cell of tally.money.values()) {
    money.unsettled += cell.unsettled
    money.undelivered += cell.undelivered
    money.charges += cell.charges
    addAmounts(revenue, cell.money)
  }
  const hurt = { accounts: tally.hurt.size, isMore: tally.hasMoreHurt, refusals: sums.refusals }
  return { ...sums, ...money, hurt, revenue, originP95Ms: quantileMs(origin, 0.95) }
}

/** Refusals of one reason. */
export interface ReasonRow {
  readonly reason: string
  readonly count: number
  readonly verified: number
  readonly notGenuine: number
}

/** Adds up refusals by reason, the most frequent first. */
export function reasonsOf({ traffic }: Tally): readonly ReasonRow[] {
  const rows = new Map<string, { reason: string; count: number; verified: number; notGenuine: number }>()
  for (const [kind, { count }] of traffic) {
    const { decision, reason, credential } = factsOf(kind)
    if (decision !== 'refuse') continue
    const row = rows.get(reason) ?? { reason, count: 0, verified: 0, notGenuine: 0 }
    rows.set(reason, row)
    row.count += count
    if (credential === 'verified') row.verified += count
    if (credential === 'refused') row.notGenuine += count
  }
  return [...rows.values()].sort((one, other) => other.count - one.count)
}

/** The traffic of one route. */
export interface RouteRow {
  readonly route: string
  readonly requests: number
  readonly refused: number
  readonly hits: number
  readonly cacheable: number
  readonly p95Ms: number | undefined
  readonly bytes: number
}

/** Adds up traffic by route, the busiest first. */
export function routesOf({ traffic }: Tally): readonly RouteRow[] {
  const cells = new Map<string, [Facts, TrafficCell][]>()
  for (const [kind, cell] of traffic) {
    const facts = factsOf(kind)
    if (facts.decision === 'own') continue
    cells.set(facts.route, [...(cells.get(facts.route) ?? []), [facts, cell]])
  }
  const rows = Array.from(cells, ([route, all]): RouteRow => {
    const times: Histogram = []
    for (const [, { totalMs }] of all) addHistogram(times, totalMs)
    const countIf = (is: (facts: Facts) => boolean): number =>
      all.reduce((sum, [facts, { count }]) => sum + (is(facts) ? count : 0), 0)
    return {
      route,
      requests: countIf(() => true),
      refused: countIf(({ decision }) => decision === 'refuse'),
      hits: countIf(({ decision, cache }) => decision === 'serve' && isHit(cache)),
      cacheable: countIf(({ decision, cache }) => decision === 'serve' && cache !== ''),
      p95Ms: quantileMs(times, 0.95),
      bytes: all.reduce((sum, [, { bytes }]) => sum + bytes, 0),
    }
  })
  return rows.sort((one, other) => other.requests - one.requests)
}

/** What would have been decided on routes that are only watched. */
export function observedOf({ traffic }: Tally): readonly (readonly [observed: string, count: number])[] {
  const counts = new Map<string, number>()
  for (const [kind, { count }] of traffic) {
    const { observed } = factsOf(kind)
    if (observed !== '') counts.set(observed, (counts.get(observed) ?? 0) + count)
  }
  return [...counts].sort(([, one], [, other]) => other - one)
}

/** The money of one name, by currency. */
export interface MoneyRow {
  readonly name: string
  readonly charges: number
  readonly money: ReadonlyMap<string, bigint>
}

/** Adds up money by one dimension; what has no such name is left out. */
export function moneyBy({ money }: Tally, dimension: MoneyDimension): readonly MoneyRow[] {
  const index = MONEY_DIMENSIONS.indexOf(dimension)
  const rows = new Map<string, { name: string; charges: number; money: Map<string, bigint> }>()
  for (const [kind, cell] of money) {
    const name = namesIn(kind)[index] ?? ''
    if (name === '') continue
    const row = rows.get(name) ?? { name, charges: 0, money: new Map<string, bigint>() }
    rows.set(name, row)
    row.charges += cell.charges
    addAmounts(row.money, cell.money)
  }
  return [...rows.values()].sort((one, other) => other.charges - one.charges)
}

/** What became of one offer. */
export interface OfferRow {
  readonly offer: string
  /** Pages shown on routes that it opens. */
  readonly pages: number
  readonly begun: number
  readonly finished: number
  readonly cancelled: number
}

/** Adds up pages and trips by offer. `opening`: the offers that open a route, by the route's name. */
export function offersOf({ traffic }: Tally, opening: ReadonlyMap<string, readonly string[]>): readonly OfferRow[] {
  const rows = new Map<string, { pages: number; begun: number; finished: number; cancelled: number }>()
  const rowOf = (offer: string) => {
    const row = rows.get(offer) ?? { pages: 0, begun: 0, finished: 0, cancelled: 0 }
    rows.set(offer, row)
    return row
  }
  for (const offer of new Set([...opening.values()].flat())) rowOf(offer)
  for (const [kind, { count }] of traffic) {
    const { route, decision, reason, format, trip, offer } = factsOf(kind)
    if (isPageOfOffers(decision, reason, format))
      for (const name of opening.get(route) ?? []) rowOf(name).pages += count
    if (offer !== '' && (trip === 'begun' || trip === 'finished' || trip === 'cancelled')) rowOf(offer)[trip] += count
  }
  return Array.from(rows, ([offer, row]) => ({ offer, ...row })).sort((one, other) => other.finished - one.finished)
}

/** Counts what exemptions opened, by the exemption, the most frequent first. */
export function exemptedOf({
  traffic,
}: Tally): readonly (readonly [exemption: string, count: number, bytes: number])[] {
  const sums = new Map<string, [number, number]>()
  for (const [kind, { count, bytes }] of traffic) {
    const { exempt } = factsOf(kind)
    if (exempt === '') continue
    const [requests, total] = sums.get(exempt) ?? [0, 0]
    sums.set(exempt, [requests + count, total + bytes])
  }
  return Array.from(sums, ([exemption, [count, bytes]]) => [exemption, count, bytes] as const).sort(
    ([, one], [, other]) => other - one,
  )
}
