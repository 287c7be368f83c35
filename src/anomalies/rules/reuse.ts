/**
 * A receipt, or another token with a number of uses, presented again and again after the last of them, from several
 * networks: it was passed on. The fact is the token's, so the token is held, and never who paid for it: whoever buys a
 * receipt may lose it.
 */
import { hasHash, packed, shortHash } from './hashes.ts'
import type { Observation } from './observation.ts'
import { placeKind } from './places.ts'
import { noteRequest, signalOf } from './signal.ts'

const LEAST_TIMES = 5
const LEAST_NETWORKS = 3
const WINDOW_LENGTH = 3600
const MAX_NETWORKS = 8

interface ReuseState {
  since: number
  times: number
  /** Networks that are certainly not one client's: of each system one. */
  networks: string
  requests: string[]
}

export const reuseSignal = signalOf<ReuseState>({
  name: 'reuse',
  kind: 'hard',
  suspect: 'token',
  looksAt: 'uses',
  concerns: ({ reason }) => reason === 'payment-spent',
  begin: () => ({ since: 0, times: 0, networks: '', requests: [] }),
  observe(state, observation, now) {
    if (now - state.since > WINDOW_LENGTH) Object.assign(state, { since: now, times: 0, networks: '', requests: [] })
    state.times += observation.times ?? 1
    noteRequest(state.requests, observation, 5)
    const network = handOf(observation)
    if (network !== undefined && !hasHash(state.networks, network) && state.networks.length < 4 * MAX_NETWORKS)
      state.networks += network
    const networks = state.networks.length / 4
    if (state.times < LEAST_TIMES || networks < LEAST_NETWORKS) return undefined
    const firing = {
      observed: { times: state.times, networks },
      usual: { times: 0, networks: 1 },
      window: 'PT1H',
      requests: state.requests,
    }
    Object.assign(state, { since: 0, times: 0, networks: '', requests: [] })
    return firing
  },
})

/** A phone that moves has many networks of one system, and a relay has many systems: each is one hand. */
function handOf({ network, asn }: Observation): string | undefined {
  if (placeKind(asn) === 'relay') return '....'
  if (asn !== undefined) return packed(asn, 4)
  return network === undefined ? undefined : shortHash(network)
}
