/**
 * Spend unlike itself: three of the last ten charges far above what the account has paid so far.
 *
 * Amounts are compared as logarithms, by median and median distance of the last ninety: a single large purchase moves
 * neither. What has been paid often enough before is usual, however rare. And a price that the seller changed is not the
 * buyer's doing: where a route has always cost the same and from now on costs another, the difference is taken out.
 *
 * Whoever buys much from where they have always bought is likely to be the owner, so a charge from a system (ASN) of the
 * account's own counts for half. If a program has paid all of them from there it is a note: one that was given a dearer model
 * does just that, and slowing it would cost its owner and stop nobody else.
 */
import { packed, shortHash, unpacked } from './hashes.ts'
import { type ChargedAmounts, isOfProgram, type Observation } from './observation.ts'
import { placeKind } from './places.ts'
import { rounded, spreadOf } from './robust.ts'
import { type Firing, noteRequest, signalOf } from './signal.ts'

const MOST_PAST = 90
/** Charges of which nothing is said, because there are too few before them. */
const LEAST_PAST = 20
const LOOKED_AT = 10
const MOST_REQUESTS = 3
/** Three charges from elsewhere, or six from where the account is usual. */
const LEAST_UNUSUAL = 6
const FROM_ELSEWHERE = 2
const FROM_USUAL = 1
const MOST_SYSTEMS = 6
/** Days on which there were charges from a system before it is the account's own. */
const LEAST_DAYS = 3
const MOST_Z = 2.5
const LEAST_DEVIATION = 0.15
/** The share of the past that may be as high as what is unusual. */
const USUAL_SHARE = 0.03
const NEARLY = 0.1
const DAY_LENGTH = 86_400
const KEPT_SECONDS = 30 * DAY_LENGTH
const MOST_ROUTES = 4
/** Charges of one amount before another is a change of price. */
const LEAST_SAME = 3
/** Charges in another currency or unit before that is what is counted. */
const LEAST_OTHER = 10

/** Logarithms are kept as whole numbers in two characters: in steps of 1/80, from e⁻²⁴. */
const STEPS = 80
const LOWEST = 24

interface RouteAmount {
  readonly route: string
  /** The last amount, as a step. */
  amount: number
  /** How often it came in a row; -1 if amounts differ. */
  times: number
  before?: number
  /** What changes of price have added. */
  raised: number
}

interface SpendState {
  /** The currency or unit of all amounts. */
  in: string
  /** Charges in a row that were in another. */
  others: number
  past: string
  /** Of the last ten charges what each weighs: `0` if it was usual. */
  unusual: string
  routes: RouteAmount[]
  /** Systems of usual charges, the number of days on which there were some, and the last of them. */
  systems: [system: string, days: number, last: number][]
  requests: string[]
  /** When it last fired and what fired did not become usual. */
  kept: number
}

export const spendSignal = signalOf<SpendState>({
  name: 'spend',
  kind: 'soft',
  suspect: 'account',
  looksAt: 'amounts',
  concerns: ({ charged }) => charged !== undefined && charged.joined !== true,
  begin: () => ({ in: '', others: 0, past: '', unusual: '', routes: [], systems: [], requests: [], kept: 0 }),
  observe(state, observation, now) {
    const charge = amountOf(observation.charged)
    if (charge === undefined || !isCounted(state, charge.in)) return undefined
    const step = Math.round((Math.log(charge.amount) + LOWEST) * STEPS)
    const value = withoutPriceChange(state.routes, observation.route ?? '', step)
    const past = unpacked(state.past, 2).map((each) => each / STEPS)
    state.past = `${state.past}${packed(value, 2)}`.slice(-2 * MOST_PAST)
    if (past.length < LEAST_PAST) {
      noteSystem(state, observation, now)
      return undefined
    }
    const firing = compare(state, observation, past, value / STEPS)
    if (state.unusual.endsWith('0')) noteSystem(state, observation, now)
    if (firing !== undefined) keepApart(state, now)
    return firing
  },
})

/** Returns the price of a charge, else its largest number of units. */
function amountOf(charged: ChargedAmounts | undefined): { readonly in: string; readonly amount: number } | undefined {
  if (charged?.price !== undefined) return positive(charged.price.currency, charged.price.amount)
  const units = Object.entries(charged?.units ?? {}).map(([unit, amount]) => positive(unit, amount))
  return units.reduce((most, each) => ((each?.amount ?? 0) > (most?.amount ?? 0) ? each : most), undefined)
}

function positive(unit: string, text: string): { readonly in: string; readonly amount: number } | undefined {
  const amount = Number(text)
  return Number.isFinite(amount) && amount > 0 ? { in: unit.slice(0, 16), amount } : undefined
}

/** Amounts of one currency or unit are compared. What has replaced it begins anew. */
function isCounted(state: SpendState, unit: string): boolean {
  if (state.in === unit) {
    state.others = 0
    return true
  }
  state.others += 1
  if (state.in !== '' && state.others < LEAST_OTHER) return false
  Object.assign(state, spendSignal.begin(), { in: unit })
  return true
}

function compare(
  state: SpendState,
  observation: Observation,
  past: readonly number[],
  value: number,
): Firing | undefined {
  const { median, deviation } = spreadOf(past)
  const z = (value - median) / Math.max(deviation, LEAST_DEVIATION)
  const before = count(state.unusual)
  const asHigh = z > MOST_Z ? past.filter((each) => each >= value - NEARLY).length - before : Infinity
  const isUnusual = asHigh <= Math.max(2, past.length * USUAL_SHARE)
  const weight = isFromUsual(state, observation) ? FROM_USUAL : FROM_ELSEWHERE
  state.unusual = `${state.unusual}${isUnusual ? weight : 0}`.slice(-LOOKED_AT)
  if (!isUnusual) return undefined
  noteRequest(state.requests, observation, MOST_REQUESTS)
  if (weightOf(state.unusual) < LEAST_UNUSUAL) return undefined
  const isOwnProgram = isOfProgram(observation) && !state.unusual.includes(`${FROM_ELSEWHERE}`)
  const firing: Firing = {
    kind: isOwnProgram ? 'note' : 'soft',
    observed: { charges: count(state.unusual), amount: rounded(Math.exp(value - LOWEST)), deviations: rounded(z) },
    usual: { amount: rounded(Math.exp(median - LOWEST)), charges: past.length },
    window: `${state.unusual.length} charges`,
    requests: state.requests,
  }
  state.requests = []
  return firing
}

/**
 * Takes what fired out of the past, so that it is as unusual the next time. Only once in a while: whoever spends more from
 * now on has become used to it by the second time.
 */
function keepApart(state: SpendState, now: number): void {
  const flags = state.unusual
  state.unusual = ''
  if (now - state.kept < KEPT_SECONDS) return
  state.kept = now
  const from = state.past.length / 2 - flags.length
  const amounts = Array.from({ length: state.past.length / 2 }, (_, index) =>
    state.past.slice(2 * index, 2 * index + 2),
  )
  state.past = amounts.filter((_, index) => (flags[index - from] ?? '0') === '0').join('')
}

function count(flags: string): number {
  return flags.replaceAll('0', '').length
}

function weightOf(flags: string): number {
  return Array.from(flags, Number).reduce((sum, weight) => sum + weight, 0)
}

/** Clouds are one system: a job runs now in one and now in another. */
function systemOf({ asn }: Observation): string | undefined {
  if (asn === undefined) return undefined
  return placeKind(asn) === 'cloud' ? '..' : packed(asn % 4095, 2)
}

function isFromUsual({ systems }: SpendState, observation: Observation): boolean {
  const system = systemOf(observation)
  return systems.some(([each, days]) => each === system && days >= LEAST_DAYS)
}

function noteSystem(state: SpendState, observation: Observation, now: number): void {
  const system = systemOf(observation)
  if (system === undefined) return
  const day = Math.floor(now / DAY_LENGTH)
  const [, days, last] = state.systems.find(([each]) => each === system) ?? [system, 0, 0]
  if (last === day) return
  const others = state.systems.filter(([each]) => each !== system)
  state.systems = [...others, [system, Math.min(days + 1, LEAST_DAYS), day] as [string, number, number]].slice(
    -MOST_SYSTEMS,
  )
}

/** Returns an amount less what changes of its route's price have added. */
function withoutPriceChange(routes: RouteAmount[], name: string, amount: number): number {
  const route = shortHash(name)
  const index = routes.findIndex((each) => each.route === route)
  const known = index < 0 ? undefined : routes.splice(index, 1)[0]
  const entry = known ?? { route, amount, times: 0, raised: 0 }
  routes.push(entry)
  while (routes.length > MOST_ROUTES) routes.shift()
  if (entry.times < 0) return amount
  if (entry.amount === amount) entry.times = Math.min(entry.times + 1, LEAST_SAME)
  else if (entry.times < LEAST_SAME || entry.before === amount) {
    // Amounts of this route differ by themselves.
    Object.assign(entry, { times: -1, raised: 0 })
    delete entry.before
  } else {
    entry.raised += amount - entry.amount
    entry.before = entry.amount
    entry.amount = amount
    entry.times = 1
  }
  return amount - entry.raised
}
