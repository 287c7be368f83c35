import type { MeteredAmount } from '../../access/meter.ts'
import type { CallAttempt } from './attempts.ts'
import { countInput } from './boundcall.ts'
import { capOf } from './call.ts'
import { chargeOf } from './charges.ts'
import type { CountTokens } from './counter.ts'
import type { Gateway } from './gateway.ts'

/** The means to price a call of which its provider has reported nothing. */
export interface Unreported {
  readonly gateway: Gateway
  readonly attempt: CallAttempt
  readonly count: CountTokens
  /** In milliseconds since 1970. */
  readonly now: number
}

/**
 * Prices a call whose client left before anything of the answer had come: its input, as the provider counts it or as it was bounded,
 * and no output, unless the model may have thought meanwhile: then as many tokens as it can have generated in the time. A caller could
 * otherwise leave before the last event, again and again, and have the operator pay for the thinking.
 */
export async function priceUnreported({
  gateway,
  attempt,
  count,
  now,
}: Unreported): Promise<MeteredAmount | undefined> {
  const { call, model, since } = attempt
  const counted = call.counted ?? (await countInput(call, gateway, attempt.account, count))
  // What is no stream is generated before its first byte.
  const mayThink = !call.request.isStream || (call.request.mayThink ?? true)
  const waited = BigInt(Math.max(0, Math.ceil((now - since) / 1000)))
  const [could, cap] = [waited * model.topSpeed, capOf(call.request, model, attempt.cap)]
  const output = mayThink ? (could < cap ? could : cap) * call.request.output.choices : 0n
  const tokens = { ...(counted !== undefined && { input: counted }), output }
  const usage = counted === undefined ? { tokens, isInputUnknown: true as const } : { tokens }
  return chargeOf(gateway, attempt, usage, 'bounded')
}
