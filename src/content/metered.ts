import type { Attempt, Bound, Meter, Metered } from '../access/meter.ts'
import { err, ok, type Result } from '../core/result.ts'
import type { Refusal } from '../core/problem.ts'
import { contentOf } from '../http/content.ts'
import type { AdmittedRequest, Answer, Clock, Origin, OriginFailure, WaitUntil } from '../ports.ts'
import type { Rail } from '../rails/rail.ts'
import { forward } from './forward.ts'

/** An answer, with the usage that a meter counts in it. */
export interface MeteredAnswer extends Answer {
  readonly used?: Metered['used']
  /** The attempt that it answers; absent without a bound. */
  readonly attempt?: Attempt
}

/** The outcome of asking the next stage. A meter may refuse an answer. */
export type AnswerResult = Result<MeteredAnswer, OriginFailure | Refusal>

interface AttemptContext {
  readonly admitted: AdmittedRequest
  readonly bound: Bound
  readonly rails: readonly Rail[]
  readonly origin: Origin
  readonly clock: Clock
  readonly waitUntil: WaitUntil
  readonly signal: AbortSignal | undefined
}

const UNCHANGED: readonly Attempt[] = [{}]
/**
 * Failures before any work began: another server may be asked. After a timeout a server may be at work, for somebody to
 * pay.
 */
const NEVER_BEGUN: ReadonlySet<unknown> = new Set<OriginFailure>(['origin-unreachable', 'overloaded'])

/**
 * Makes the attempts of a bound in order, until the meter accepts an answer. Nothing of an answer leaves before that. No
 * attempt begins after the route's time for an answer. Errors: those of the last attempt; a refusal of the meter.
 */
export async function askMetered(context: AttemptContext): Promise<AnswerResult> {
  const { bound } = context
  if (bound.answer !== undefined) return ok({ response: bound.answer(), isWhole: true })
  const asked = await askInOrder(context)
  const isUnanswered = !asked.ok && typeof asked.error === 'string'
  return isUnanswered && bound.otherwise !== undefined ? ok({ response: bound.otherwise(), isWhole: true }) : asked
}

async function askInOrder(context: AttemptContext): Promise<AnswerResult> {
  const { admitted, clock } = context
  const { meter, limits } = admitted.route
  const deadline = clock() + limits.responseMs
  let last: AnswerResult = err('origin-unreachable')
  for (const [index, attempt] of attemptsOf(context).entries()) {
    if (index > 0 && clock() >= deadline) return last
    admitted.noteCost?.(meter?.unanswered && (() => meter.unanswered?.(attempt)))
    const answer = await send(attempt, context)
    last = answer.ok && meter !== undefined ? await measure(meter, attempt, answer.value, context) : answer
    if (last.ok || last.error !== 'origin-timeout') admitted.noteCost?.(last.ok ? usedOf(last.value, meter) : undefined)
    if (last.ok || !NEVER_BEGUN.has(last.error)) return last
  }
  return last
}

/** An answer that is an error of its server's costs nothing. */
function usedOf({ response, used }: MeteredAnswer, meter: Meter | undefined): Metered['used'] | undefined {
  return response.ok && meter?.unanswered !== undefined ? used : undefined
}

/** Returns the attempts that can be made. Content that was not read can be sent only once. */
function attemptsOf({
  bound: { attempts = UNCHANGED },
  admitted: { request, content },
}: AttemptContext): readonly Attempt[] {
  return content === undefined && contentOf(request) !== null ? attempts.slice(0, 1) : attempts
}

function send(attempt: Attempt, { admitted, rails, origin, signal }: AttemptContext): ReturnType<Origin> {
  const { server, path } = attempt
  const request = requestOf(attempt, admitted)
  const to = { ...admitted, request, ...(server !== undefined && { server, ...(path !== undefined && { path }) }) }
  return origin(to, () => {
    const outgoing = forward(to, rails, signal)
    return attempt.request?.(outgoing) ?? outgoing
  })
}

/** Returns the request with the content of the attempt, or with the content read before. */
function requestOf(attempt: Attempt, { request, content: read }: AdmittedRequest): Request {
  const content = attempt.content ?? read
  if (content === undefined) return request
  const { url, method, signal } = request
  const headers = new Headers(request.headers)
  headers.set('content-length', String(content.byteLength))
  return new Request(url, { method, headers, body: content, signal })
}

async function measure(meter: Meter, attempt: Attempt, answer: Answer, context: AttemptContext): Promise<AnswerResult> {
  const { admitted, bound, waitUntil } = context
  const { response, reported } = answer
  const left = admitted.request.signal
  const measured = await meter.measure(response, attempt, { left, waitUntil, bound, charge: admitted.charge, reported })
  if (measured.ok) return ok({ ...(measured.value.isOwn ? measured.value : { ...answer, ...measured.value }), attempt })
  response.body?.cancel().catch(() => undefined)
  return err(measured.error === 'next-attempt' ? 'origin-unreachable' : measured.error)
}
