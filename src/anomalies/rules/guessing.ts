/**
 * Guessing: one network presents many credentials that were never genuine. What is slowed are such credentials of that
 * network; a genuine one of the same network, as of a newsroom behind one address, never is. A client that sends
 * the same broken credential a thousand times guesses nothing.
 */
import { hasHash, shortHash } from './hashes.ts'
import { noteRequest, signalOf } from './signal.ts'

const LEAST_CREDENTIALS = 30
const MINUTE_LENGTH = 60

interface GuessingState {
  minute: number
  credentials: string
  /** Those that came without a hash. */
  unnamed: number
  requests: string[]
  fired: boolean
}

export const guessingSignal = signalOf<GuessingState>({
  name: 'guessing',
  kind: 'soft',
  suspect: 'network',
  looksAt: 'credentials',
  concerns: ({ credential, reason }) =>
    credential === 'refused' && (reason === 'credential-invalid' || reason === 'credential-malformed'),
  begin: () => ({ minute: 0, credentials: '', unnamed: 0, requests: [], fired: false }),
  observe(state, observation, now) {
    const minute = Math.floor(now / MINUTE_LENGTH)
    if (minute !== state.minute)
      Object.assign(state, { minute, credentials: '', unnamed: 0, requests: [], fired: false })
    if (state.fired) return undefined
    if (observation.token === undefined) state.unnamed += observation.times ?? 1
    else {
      const hash = shortHash(observation.token)
      if (hasHash(state.credentials, hash)) return undefined
      state.credentials += hash
    }
    noteRequest(state.requests, observation, 5)
    const credentials = state.credentials.length / 4 + state.unnamed
    if (credentials < LEAST_CREDENTIALS) return undefined
    state.fired = true
    const { requests } = state
    Object.assign(state, { credentials: '', unnamed: 0, requests: [] })
    return { observed: { credentials }, usual: { credentials: 0 }, window: 'PT1M', requests }
  },
})
