import type { Attempt, Bound, Meter, Metered } from '../access/meter.ts'
import { err, ok, type Result } from '../core/result.ts'
import type { Refusal } from '../core/problem.ts'
import type { AdmittedRequest, Answer, Origin, OriginFailure, WaitUntil } from '../ports.ts'
import type { Rail } from '../rails/rail.ts'
import { forward } from './forward.ts'

/** An answer, and what a meter counts of it. */
export interface MeteredAnswer extends Answer {
  readonly used?: Metered['used']
}

/** What became of asking the next stage. A meter may refuse what was answered. */
export type Asked = Result<MeteredAnswer, OriginFailure | Refusal>

interface Asking {
  readonly admitted: AdmittedRequest
  readonly bound: Bound
  readonly rails: readonly Rail[]
  readonly origin: Origin
  readonly waitUntil: WaitUntil
  readonly signal: AbortSignal | undefined
}

const AS_IT_CAME: readonly Attempt[] = [{}]
/** Nothing was begun: another server may be asked. After a timeout one may be at work, which somebody would have to pay. */
const NEVER_BEGUN: ReadonlySet<unknown> = new Set<OriginFailure>(['origin-unreachable', 'overloaded'])

/**
 * Makes the attempts of a bound, one after the other, until the meter takes an answer. Nothing of an answer leaves before it
 * does. Errors: those of the last attempt; a refusal of the meter.
 */
export async function askMetered(asking: Asking): Promise<Asked> {
  const { bound, admitted } = asking
  const { meter } = admitted.route
  let last: Asked = err('origin-unreachable')
  for (const attempt of bound.attempts ?? AS_IT_CAME) {
    const answer = await send(attempt, asking)
    last = answer.ok && meter !== undefined ? await measure(meter, attempt, answer.value, asking) : answer
    if (last.ok || !NEVER_BEGUN.has(last.error)) return last
  }
  return last
}

function send(attempt: Attempt, { admitted, rails, origin, signal }: Asking): ReturnType<Origin> {
  const { server } = attempt
  const to = server === undefined ? admitted : { ...admitted, server }
  return origin(to, () => {
    const outgoing = forward(to, rails, signal)
    return attempt.request?.(outgoing) ?? outgoing
  })
}

async function measure(meter: Meter, attempt: Attempt, answer: Answer, asking: Asking): Promise<Asked> {
  const { admitted, bound, waitUntil } = asking
  const { response, reported } = answer
  const left = admitted.request.signal
  const measured = await meter.measure(response, attempt, { left, waitUntil, bound, reported })
  if (measured.ok) return ok({ ...answer, ...measured.value })
  response.body?.cancel().catch(() => undefined)
  return err(measured.error === 'next-attempt' ? 'origin-unreachable' : measured.error)
}
