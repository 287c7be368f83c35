/** Those who ask: customers with a credential, their habits, and bursts of their programs. */
import type { ChargedFacts } from '../../../src/logrecord.ts'
import { type Day, HOUR, MINUTE, SECOND, timeAt } from './calendar.ts'
import { type BillingLine, type RefusedFor, type RequestLine, STATUSES, type Timed } from './line.ts'
import type { Network, Uplink } from './networks.ts'
import { createRandom, hashText, type Random } from './random.ts'

/** One who lives through the days in their order, and leaves lines at each, in any order. */
export type Actor = (day: Day) => Iterable<Timed>

/** A piece of honest life. */
export interface Scenario {
  readonly name: string
  /** Why this is honest, whatever it looks like. */
  readonly why: string
  readonly actors: (world: World) => readonly Actor[]
}

/** What a scenario is made with: of its own, so that another scenario changes nothing in it. */
export interface World {
  readonly scenario: string
  /** Returns random numbers for a name within the scenario. */
  random(name: string): Random
  hash(kind: string, name: string): string
}

export function createWorld(seed: number, scenario: string): World {
  return {
    scenario,
    random: (name) => createRandom(`${seed}/${scenario}/${name}`),
    hash: (kind, name) => hashText(`${seed}/${scenario}/${kind}/${name}`),
  }
}

/** What a customer has bought, and how their credential is made. */
export interface Terms {
  readonly zone: string
  readonly route: string
  readonly plan?: string
  readonly rail: string
  /** The hours that a token lives; `lasting` for keys and feeds; `nameless` for tokens without a `jti`. */
  readonly token: number | 'lasting' | 'nameless'
  readonly charged?: ChargedFacts
}

export const NEWS = {
  zone: 'news',
  route: '/articles/*',
  plan: 'Reader',
  rail: 'bearer',
  token: 1,
} as const satisfies Terms
export const COUNTED_NEWS = {
  ...NEWS,
  plan: 'Light',
  token: 24,
  charged: { units: { articles: '1' } },
} as const satisfies Terms
export const DATA = {
  zone: 'data',
  route: '/v1/*',
  plan: 'Pro',
  rail: 'keys',
  token: 'lasting',
  charged: { units: { requests: '1' } },
} as const satisfies Terms

/** Changes to a line; `device` names the device, each of which has a token of its own. */
export type Changes = Partial<RequestLine> & { readonly device?: string }

export interface Customer {
  readonly name: string
  readonly account: string
  readonly random: Random
  serve(time: number, from: Network, changes?: Changes): Timed
  /** A refusal of a genuine credential. */
  refuse(time: number, from: Network, reason: RefusedFor, changes?: Changes): Timed
  /** What `serve` gives nearly always. Now and then a device wakes with a token that has ended meanwhile. */
  ask(time: number, from: Network, changes?: Changes): Iterable<Timed>
  bill(time: number, event: BillingLine['event'], from?: Network, trip?: string): Timed
}

const SALTED = new Map<string, string>()

/** Returns the hash of a network under the salt of the day, which nobody can compare with another day's. */
function networkText(prefix: string, time: number): string {
  const text = `salt/${Math.floor(time / (24 * HOUR))}/${prefix}`
  const known = SALTED.get(text)
  if (known !== undefined) return known
  if (SALTED.size > 20_000) SALTED.clear()
  const made = hashText(text)
  SALTED.set(text, made)
  return made
}

const textOf = (time: number): string => new Date(Math.floor(time)).toISOString()

export const placeOf = (
  { prefix, country, asn }: Network,
  time: number,
): Pick<RequestLine, 'network' | 'country' | 'asn'> => ({
  network: networkText(prefix, time),
  country,
  asn,
})

/** Creates a customer, by a name within the scenario. */
export function createCustomer(world: World, name: string, terms: Terms): Customer {
  const random = world.random(name)
  const account = world.hash('account', name)
  const lineOf = (
    time: number,
    from: Network,
    outcome: Partial<RequestLine>,
    { device = '', ...changes }: Changes,
  ): Timed => ({
    at: Math.floor(time),
    line: {
      time: textOf(time),
      id: random.uuid(),
      zone: terms.zone,
      route: terms.route,
      method: 'GET',
      status: 200,
      decision: 'serve',
      ...outcome,
      rail: terms.rail,
      credential: 'verified',
      account,
      plan: terms.plan,
      ...(outcome.decision !== 'refuse' && { charged: terms.charged }),
      ...placeOf(from, time),
      token: tokenOf(world, name, terms, device, time),
      ...changes,
    },
  })
  const customer: Customer = {
    name,
    account,
    random,
    serve: (time, from, changes = {}) => lineOf(time, from, {}, changes),
    refuse: (time, from, reason, changes = {}) =>
      lineOf(time, from, { decision: 'refuse', status: STATUSES[reason], reason }, changes),
    *ask(time, from, changes) {
      if (terms.token !== 'lasting' && random.isBy(0.004))
        yield customer.refuse(time - random.between(1, 4) * SECOND, from, 'credential-expired', changes)
      yield customer.serve(time, from, changes)
    },
    bill: (time, event, from, trip) => billed(terms.zone, time, event, { account, from, trip }),
  }
  return customer
}

function tokenOf(world: World, name: string, { token }: Terms, device: string, time: number): string | undefined {
  if (token === 'nameless') return undefined
  if (token === 'lasting') return world.hash('token', `${name}/${device}`)
  return world.hash('token', `${name}/${device}/${Math.floor(time / (token * HOUR))}`)
}

/** Returns billing's line of a payment. */
export function billed(
  zone: string,
  time: number,
  event: BillingLine['event'],
  { account, from, trip }: { account?: string | undefined; from?: Network | undefined; trip?: string | undefined },
): Timed {
  const place = from && placeOf(from, time)
  return { at: Math.floor(time), line: { time: textOf(time), event, zone, account, trip, ...place } }
}

/** Returns the line of a request with a credential that cannot be told, or with none. */
export function stranger(random: Random, terms: Terms, at: { time: number; from: Network }, reason: RefusedFor): Timed {
  const { time, from } = at
  const isBare = reason === 'payment-required'
  return {
    at: Math.floor(time),
    line: {
      time: textOf(time),
      id: random.uuid(),
      zone: terms.zone,
      route: terms.route,
      method: 'GET',
      status: STATUSES[reason],
      decision: 'refuse',
      reason,
      ...(!isBare && { rail: terms.rail, credential: 'refused' }),
      ...placeOf(from, time),
    },
  }
}

/** When somebody reads: between two hours of their clock, on some days, by some device. */
export interface Habit {
  readonly from: number
  readonly to: number
  readonly on: 'all' | 'work' | 'free'
  /** The chance of a sitting on such a day. */
  readonly chance: number
  readonly pages: number
  readonly by: Uplink
  readonly device?: string
}

/** A sitting of a reader: page after page, each read for a while. */
export function* sit(
  customer: Customer,
  start: number,
  pages: number,
  by: Uplink,
  changes?: Changes,
  pauseSeconds = 90,
): Iterable<Timed> {
  let time = start
  for (let page = 0; page < pages; page++) {
    yield* customer.ask(time, by(time), changes)
    time += customer.random.between(4, 2 * pauseSeconds) * SECOND
  }
}

/** A burst of a program: `count` requests within a time, the first at its beginning. */
export function* burst(
  customer: Customer,
  start: number,
  count: number,
  minutes: number,
  by: Uplink,
  changes?: Changes,
): Iterable<Timed> {
  for (let index = 0; index < count; index++) {
    const time = start + (index === 0 ? 0 : customer.random.next() * minutes * MINUTE)
    yield* customer.ask(time, by(time), changes)
  }
}

/** Lives by habits. `factor` says how much more than usual is read on a day. */
export function* live(
  customer: Customer,
  day: Day,
  offset: number,
  habits: readonly Habit[],
  factor = 1,
): Iterable<Timed> {
  const { random } = customer
  for (const { from, to, on, chance, pages, by, device } of habits) {
    if ((on === 'work' && !day.isWorkday) || (on === 'free' && day.isWorkday)) continue
    if (!random.isBy(chance * Math.min(1.2, factor))) continue
    const start = timeAt(day, random.between(from, to), offset)
    yield* sit(customer, start, Math.max(1, random.about(pages * factor)), by, device === undefined ? {} : { device })
  }
}

/** Makes `count` actors of a scenario. */
export function many(count: number, make: (name: string, index: number) => Actor): readonly Actor[] {
  return upTo(count).map((index) => make(String(index), index))
}

/** Returns the numbers from 0 to `count`, which is excluded; `count` is asked for once. */
export const upTo = (count: number): readonly number[] => Array.from({ length: count }, (_, index) => index)
