/**
 * Card testing: cards are tried out at the checkout. Two signals, for the two ways.
 *
 * One trip on which card after card is declined is held itself. A network from which trip after trip is declined, and
 * hardly one succeeds, has its new trips slowed. Neither says anything of an account, nor of the neighbour's trip: people
 * behind one address buy on the day of a launch too, mistype a number twice, and succeed.
 */
import type { Observation } from './observation.ts'
import { hasHash, shortHash } from './hashes.ts'
import { noteRequest, signalOf } from './signal.ts'

const WINDOW_LENGTH = 600
/** What an honest buyer mistypes is noted. */
const NOTED_DECLINES = 3
const LEAST_DECLINES = 8
const LEAST_TRIPS = 5
const MAX_TRIPS = 16
const MAX_EVENTS = 64

/** The last events, as hashes one behind the other. Absent from states of an earlier version. */
type KnownEvents = string

interface DeclinesState {
  times: number[]
  events?: KnownEvents
  requests: string[]
  noted: number
}

const declinesSignal = signalOf<DeclinesState>({
  name: 'declines',
  kind: 'hard',
  suspect: 'trip',
  looksAt: 'declines',
  concerns: ({ event }) => event === 'payment-declined',
  begin: () => ({ times: [], requests: [], noted: 0 }),
  observe(state, observation, now) {
    if (!isNewEvent(state, observation, 2 * LEAST_DECLINES)) return undefined
    state.times = [...state.times.filter((time) => now - time <= WINDOW_LENGTH), now].slice(-LEAST_DECLINES)
    noteRequest(state.requests, observation, 5)
    const declines = state.times.length
    const isNote = declines === NOTED_DECLINES && now - state.noted > WINDOW_LENGTH
    if (!isNote && declines < LEAST_DECLINES) return undefined
    state.noted = now
    const firing = { observed: { declines }, usual: { declines: 0 }, window: 'PT10M', requests: [...state.requests] }
    if (isNote) return { ...firing, kind: 'note' }
    state.times = []
    return firing
  },
})

interface TripsState {
  since: number
  /** Trips of the window on which something was declined. */
  trips: string
  declines: number
  successes: number
  events?: KnownEvents
  requests: string[]
}

const tripsSignal = signalOf<TripsState>({
  name: 'trips',
  kind: 'soft',
  suspect: 'network',
  looksAt: 'declines',
  // Whoever tells of a beginning hears whether its network is slowed.
  concerns: ({ event, trip }) => event !== undefined && trip !== undefined,
  begin: () => ({ since: 0, trips: '', declines: 0, successes: 0, requests: [] }),
  observe(state, observation, now) {
    if (now - state.since > WINDOW_LENGTH)
      Object.assign(state, { since: now, trips: '', declines: 0, successes: 0, requests: [] })
    if (observation.event === 'trip-begun' || !isNewEvent(state, observation, MAX_EVENTS)) return undefined
    if (observation.event === 'payment-succeeded') {
      state.successes += 1
      return undefined
    }
    state.declines += 1
    addTrip(state, observation)
    noteRequest(state.requests, observation, 5)
    const trips = state.trips.length / 4
    if (trips < LEAST_TRIPS || state.declines < 3 * state.successes) return undefined
    const firing = {
      observed: { trips, declines: state.declines },
      usual: { successes: state.successes },
      window: 'PT10M',
      requests: state.requests,
    }
    Object.assign(state, { since: 0, trips: '', declines: 0, successes: 0, requests: [] })
    return firing
  },
})

export const cardTestingSignals = [declinesSignal, tripsSignal] as const

/** Notes the event of an observation as one of the last. False if it was told before: senders repeat what they have no answer to. */
function isNewEvent(state: { events?: KnownEvents }, { eventId, trip }: Observation, most: number): boolean {
  if (eventId === undefined) return true
  const hash = shortHash(`${eventId} ${trip}`)
  const { events = '' } = state
  if (hasHash(events, hash)) return false
  state.events = `${events}${hash}`.slice(-hash.length * most)
  return true
}

function addTrip(state: TripsState, { trip }: Observation): void {
  const hash = shortHash(trip ?? '')
  if (!hasHash(state.trips, hash) && state.trips.length < 4 * MAX_TRIPS) state.trips += hash
}
