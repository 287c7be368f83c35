/**
 * A token in many hands: one account at many more networks in a day than is usual for it, or on three continents within
 * an hour.
 *
 * What a person does must not look so. A phone on a train has another network every few minutes, all of one operator: so
 * no system counts for more than two hands. A relay changes addresses for all who use it, a job in a cloud at each start:
 * neither counts. Two continents are a family with one of them abroad, or a VPN: that is a note and no more.
 * Networks are hashed under a salt of the day, so a day is all that can be counted.
 */
import { hasHash, packed, shortHash } from './hashes.ts'
import type { Observation } from './observation.ts'
import { continentOf, placeKind } from './places.ts'
import { quantileOf } from './robust.ts'
import { type Firing, noteRequest, signalOf } from './signal.ts'

const DAY_LENGTH = 86_400
const MAX_NETWORKS = 32
const SYSTEM_LENGTH = 2
const NO_SYSTEM = '..'
const MOST_OF_A_SYSTEM = 2
const LEAST_HANDS = 12
const TIMES_USUAL = 3
const USUAL_DAYS = 14
/** Days of which something must be known before a day can be unusual. */
const LEAST_DAYS = 3
const NEAR_SECONDS = 600
const HOUR_LENGTH = 3600

interface HandsState {
  day: number
  /** The networks of the day, hashed, and the system of each. */
  networks: string
  systems: string
  /** Hands on each of the last days on which there were any. */
  usual: number[]
  /** The last time at each continent of the day, with the system. */
  continents: Record<string, [time: number, system: number]>
  /** Continents of days before. */
  known: string
  requests: string[]
  /** The days on which it fired: by networks, and by continents. */
  fired: [networks: number, continents: number]
}

export const handsSignal = signalOf<HandsState>({
  name: 'hands',
  kind: 'soft',
  suspect: 'account',
  looksAt: 'networks',
  concerns: ({ network, country }) => network !== undefined || country !== undefined,
  begin: () => ({
    day: 0,
    networks: '',
    systems: '',
    usual: [],
    continents: {},
    known: '',
    requests: [],
    fired: [0, 0],
  }),
  observe(state, observation, now) {
    if (placeKind(observation.asn) !== 'other') return undefined
    const day = Math.floor(now / DAY_LENGTH)
    if (day > state.day) beginDay(state, day)
    const isNew = addNetwork(state, observation)
    if (isNew) noteRequest(state.requests, observation, 3)
    const byNetworks = isNew ? tooManyNetworks(state) : undefined
    return byNetworks ?? tooFarApart(state, observation, now)
  },
  // How many they were is kept.
  forgetNetworks: (state, now) => beginDay(state, Math.floor(now / DAY_LENGTH)),
})

function beginDay(state: HandsState, day: number): void {
  const hands = handsOf(state)
  if (hands > 0) {
    // What was far too much raises what is usual slowly: else a thief would be the usual within a week.
    const most = state.usual.length < LEAST_DAYS ? hands : 2 * usualOf(state) + 1
    state.usual = [...state.usual, Math.min(hands, most)].slice(-USUAL_DAYS)
  }
  for (const continent of Object.keys(state.continents)) if (!hasHash(state.known, continent)) state.known += continent
  state.day = day
  state.networks = ''
  state.systems = ''
  state.continents = {}
  state.requests = []
}

function addNetwork(state: HandsState, { network, asn }: Observation): boolean {
  if (network === undefined || state.networks.length >= MAX_NETWORKS * 4) return false
  const hash = shortHash(network)
  if (hasHash(state.networks, hash)) return false
  state.networks += hash
  state.systems += asn === undefined ? NO_SYSTEM : packed(asn % 4095, SYSTEM_LENGTH)
  return true
}

/** Counts the networks of the day, of one system two at most. */
function handsOf({ systems }: HandsState): number {
  const counts = countSystems(systems)
  let hands = 0
  for (const [system, count] of counts) hands += system === NO_SYSTEM ? count : Math.min(count, MOST_OF_A_SYSTEM)
  return hands
}

function countSystems(systems: string): ReadonlyMap<string, number> {
  const counts = new Map<string, number>()
  for (let at = 0; at < systems.length; at += SYSTEM_LENGTH) {
    const system = systems.slice(at, at + SYSTEM_LENGTH)
    counts.set(system, (counts.get(system) ?? 0) + 1)
  }
  return counts
}

function usualOf({ usual }: HandsState): number {
  return quantileOf(usual, 0.75)
}

function tooManyNetworks(state: HandsState): Firing | undefined {
  const hands = handsOf(state)
  const usual = usualOf(state)
  if (state.fired[0] === state.day || hands < LEAST_HANDS || hands <= TIMES_USUAL * usual) return undefined
  state.fired[0] = state.day
  return {
    kind: state.usual.length < LEAST_DAYS ? 'note' : 'soft',
    observed: { networks: hands, systems: countSystems(state.systems).size },
    usual: { networks: usual, days: state.usual.length },
    window: 'P1D',
    requests: [...state.requests],
  }
}

function tooFarApart(state: HandsState, observation: Observation, now: number): Firing | undefined {
  const { country, asn } = observation
  const continent = country === undefined ? undefined : continentOf(country)
  if (continent === undefined || asn === undefined) return undefined
  state.continents[continent] = [now, asn]
  const within = (seconds: number): [string, [number, number]][] =>
    Object.entries(state.continents).filter(([, [time]]) => now - time <= seconds)
  const everywhere = within(HOUR_LENGTH)
  const isEverywhere = areNew(state, everywhere, 3)
  const apart = isEverywhere ? everywhere : within(NEAR_SECONDS)
  if (!areNew(state, apart, 2)) return undefined
  // Two continents are worth a note a day; a third makes more of it.
  const rank = state.day + (isEverywhere ? 0.5 : 0)
  if (state.fired[1] >= rank) return undefined
  state.fired[1] = rank
  noteRequest(state.requests, observation, 3)
  return {
    kind: isEverywhere && state.usual.length >= LEAST_DAYS ? 'soft' : 'note',
    observed: { continents: apart.length },
    usual: { continents: Math.max(1, state.known.length / 2), days: state.usual.length },
    window: isEverywhere ? 'PT1H' : 'PT10M',
    requests: [...state.requests],
  }
}

/** True if there are so many continents, as many systems, and one of them was not the account's on any day before. */
function areNew({ known }: HandsState, places: readonly [string, [number, number]][], least: number): boolean {
  return (
    places.length >= least &&
    new Set(places.map(([, [, system]]) => system)).size >= least &&
    !places.every(([continent]) => hasHash(known, continent))
  )
}
