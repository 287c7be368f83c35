/**
 * A receipt, or another token with a number of uses, presented again and again after the last of them, from many places:
 * it was passed on. The fact is the token's, so the token is held, and never who paid for it: whoever buys a receipt may
 * lose it.
 *
 * A client whose answer was lost does the same: it tries again for seconds or for an hour, at home, on the phone and from a
 * server. What tells it from a receipt that was passed on is neither how often nor how long it tries, but from how many
 * systems (ASN): a client has three or four in an hour, and strangers have each their own. Where no system is known, a
 * phone on a train looks like many, so that is a note.
 */
import { hasHash, packed, shortHash } from './hashes.ts'
import type { Observation } from './observation.ts'
import { placeKind } from './places.ts'
import { type Firing, noteRequest, signalOf } from './signal.ts'

const LEAST_SYSTEMS = 5
const WINDOW_LENGTH = 3600
const HASH_LENGTH = 4

interface ReuseState {
  since: number
  times: number
  /** Places that are certainly not one client's: of each system one, and all relays as one. */
  systems: string
  /** Networks whose system is not known. */
  networks: string
  requests: string[]
  /** True once a note was made of this window. */
  isNoted: boolean
}

const begin = (): ReuseState => ({ since: 0, times: 0, systems: '', networks: '', requests: [], isNoted: false })

export const reuseSignal = signalOf<ReuseState>({
  name: 'reuse',
  kind: 'hard',
  suspect: 'token',
  looksAt: 'uses',
  concerns: ({ reason }) => reason === 'payment-spent',
  begin,
  observe(state, observation, now) {
    if (now - state.since > WINDOW_LENGTH) Object.assign(state, begin(), { since: now })
    state.times += observation.times ?? 1
    noteRequest(state.requests, observation, 5)
    addPlace(state, observation)
    const systems = state.systems.length / HASH_LENGTH
    const networks = state.networks.length / HASH_LENGTH
    if (systems + networks < LEAST_SYSTEMS) return undefined
    const firing: Firing = {
      observed: { times: state.times, ...(networks > 0 ? { systems, networks } : { systems }) },
      usual: { times: 0, systems: 1 },
      window: 'PT1H',
      requests: [...state.requests],
    }
    if (systems >= LEAST_SYSTEMS) Object.assign(state, begin())
    else if (state.isNoted) return undefined
    else state.isNoted = true
    return systems >= LEAST_SYSTEMS ? firing : { ...firing, kind: 'note' }
  },
  forgetNetworks: (state) => void Object.assign(state, begin()),
})

/** A phone that moves has many networks of one system, and a relay has many systems: each is one place. */
function addPlace(state: ReuseState, { network, asn }: Observation): void {
  if (asn !== undefined) state.systems = withHash(state.systems, placeKind(asn) === 'relay' ? '....' : packed(asn, 4))
  else if (network !== undefined) state.networks = withHash(state.networks, shortHash(network))
}

function withHash(set: string, hash: string): string {
  return hasHash(set, hash) || set.length >= LEAST_SYSTEMS * HASH_LENGTH ? set : `${set}${hash}`
}
