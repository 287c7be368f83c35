/**
 * A revoked token that is still used: somebody has it who was not told. It opens nothing; the operator should know. The
 * refusal is the same for a subscription that ended, whose app goes on asking, so this is a note.
 */
import { noteRequest, signalOf } from './signal.ts'

const MOST_A_MINUTE = 10
const MINUTE_LENGTH = 60
const QUIET_LENGTH = 3600

interface RevokedState {
  minute: number
  count: number
  requests: string[]
  fired: number
}

export const revokedSignal = signalOf<RevokedState>({
  name: 'revoked',
  kind: 'note',
  suspect: 'token',
  looksAt: 'credentials',
  concerns: ({ reason }) => reason === 'subscription-inactive',
  begin: () => ({ minute: 0, count: 0, requests: [], fired: 0 }),
  observe(state, observation, now) {
    const minute = Math.floor(now / MINUTE_LENGTH)
    if (minute !== state.minute) Object.assign(state, { minute, count: 0, requests: [] })
    state.count += observation.times ?? 1
    noteRequest(state.requests, observation, 5)
    if (state.count <= MOST_A_MINUTE || now - state.fired < QUIET_LENGTH) return undefined
    state.fired = now
    return {
      observed: { requests: state.count },
      usual: { requests: 0 },
      window: 'PT1M',
      requests: [...state.requests],
    }
  },
})
