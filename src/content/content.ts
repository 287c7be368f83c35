/**
 * The content of an admitted request.
 *
 * The request has been decided on and, if it costs, reserved for. `fetchContent` asks memory first, then the next stage:
 * a cache, or the origin. A metered request goes through its meter, and a request that sends content is watched while it
 * is sent. The answer is judged once more if it came late, and shaped for the client: private, bounded in time, without
 * fields meant for caches. Nothing here commits or releases a reservation: the caller does both, by the result.
 */

import { after, type Eventually } from '../core/eventually.ts'
import { isSafe } from '../http/rules/exchange.ts'
import { type Refusal, refusal } from '../core/problem.ts'
import { err, ok, type Result } from '../core/result.ts'
import { MAX_HELD_BYTES } from '../cache/rules/stored.ts'
import type { Metered } from '../access/meter.ts'
import type { BoundSocket, Answer, Call, Origin, OriginFailure, AdmittedRequest } from '../ports.ts'
import type { Rail } from '../rails/rail.ts'
import type { RecheckServices } from '../standing/recheck.ts'
import type { Verify } from '../tokens/verify.ts'
import { tapBody } from '../http/passthrough.ts'
import { forward } from './forward.ts'
import { FROM_MEMORY, type MemoryCache } from './memory.ts'
import { askUploading, isLate, isUpload, overdue } from './pending.ts'
import { sessionCookieOf, withSession } from './samehost.ts'
import { type CacheAccount, shape, withoutExposed } from './shape.ts'
import { type AnswerResult, askMetered, type MeteredAnswer } from './metered.ts'
import { askStored } from './stored.ts'
import { watchOf } from './watch.ts'

/** A response to serve, with the facts of its delivery for the log. */
export interface Content {
  readonly response: Response
  readonly originMs: number
  readonly cache: CacheAccount
  /** True if the response came from memory, dated and in no time. */
  readonly isTimed: boolean
  /** The usage that a meter counts in the response. */
  readonly used?: Metered['used'] | undefined
}

interface ContentServices extends RecheckServices {
  readonly verify: Verify
  readonly boundSocket: BoundSocket
  readonly memory: MemoryCache
}

const FAILURES: Record<OriginFailure, string> = {
  'origin-unreachable': 'The origin of this site could not be reached.',
  'origin-timeout': 'The origin of this site did not answer in time.',
  overloaded: 'The origin of this site has as many requests as it may have. Nothing was charged.',
  'request-malformed': 'The content of the request broke off. Nothing was charged.',
  'request-timeout': 'The content of the request did not come in time. Nothing was charged.',
  misconfigured: 'The gate has no origin for this site.',
}

/**
 * Fetches the answer from memory or the next stage, and shapes it for the client. `beforeOrigin`: a check to pass before
 * the origin is asked; a stored copy needs none. Errors: `origin-unreachable`, `origin-timeout`, `overloaded`,
 * `misconfigured`, `request-malformed`, `request-timeout`; those of a decision, if the payment ended before the answer
 * came.
 */
export function fetchContent(
  admitted: AdmittedRequest,
  rails: readonly Rail[],
  origin: Origin,
  services: ContentServices,
  call: Call,
  beforeOrigin?: () => Eventually<Result<undefined, Refusal>>,
): Eventually<Result<Content, Refusal>> {
  const held = services.memory.find(admitted, call)
  if (held !== undefined) return ok({ response: held, originMs: 0, cache: FROM_MEMORY, isTimed: true })
  const began = services.clock()
  const askUpstream = (signal?: AbortSignal): Eventually<AnswerResult> =>
    admitted.bound === undefined
      ? origin(admitted, () => forward(admitted, rails, signal))
      : askMetered({ ...services, ...call, admitted, bound: admitted.bound, rails, origin, signal })
  const ask = (signal?: AbortSignal): Eventually<AnswerResult> =>
    beforeOrigin === undefined
      ? askUpstream(signal)
      : after(
          askStored(admitted, rails, origin),
          (stored) => stored ?? after(beforeOrigin(), (fit) => (fit.ok ? askUpstream(signal) : fit)),
        )
  if (!isUpload(admitted)) return after(ask(), (answer) => accept(answer))
  const asked = askUploading(admitted, async (signal) => ask(signal), services, call)
  return asked.then((uploaded) => (uploaded.ok ? accept(uploaded.value.answer, uploaded.value.cut) : uploaded))

  function accept(answer: AnswerResult, cut?: () => void): Eventually<Result<Content, Refusal>> {
    if (!answer.ok)
      return err(typeof answer.error === 'string' ? refusal(answer.error, FAILURES[answer.error]) : answer.error)
    if (admitted.route.billing === undefined) return acceptAnswer(answer.value, cut)
    return after(sessionCookieOf(answer.value.response, admitted, services, call), (cookie) =>
      after(acceptAnswer(answer.value, cut), (content) =>
        content.ok ? ok({ ...content.value, response: withSession(content.value.response, cookie) }) : content,
      ),
    )
  }

  function acceptAnswer(answer: MeteredAnswer, cut: (() => void) | undefined): Eventually<Result<Content, Refusal>> {
    noteCopies(admitted, answer, services.memory)
    const now = services.clock()
    const received = { answer, now, originMs: now - began, onEnd: cut, rails }
    if (!isLate(admitted, now)) return ok(shapeAnswer(received, admitted, now - admitted.exchange.now, services, call))
    return overdue(admitted, services, call).then((why) => {
      if (why === undefined) return ok(shapeAnswer(received, admitted, 0, services, call))
      answer.response.body?.cancel().catch(() => undefined)
      cut?.()
      return err(why)
    })
  }
}

function noteCopies(admitted: AdmittedRequest, { response, copy }: Answer, memory: MemoryCache): void {
  if (copy !== undefined) memory.keep(admitted, copy)
  if (isChange(admitted, response)) memory.forget(admitted.zone, admitted.exchange.target.path)
}

/** An answer, and the time it came. */
interface ReceivedAnswer {
  readonly answer: MeteredAnswer
  readonly now: number
  readonly originMs: number
  readonly onEnd: (() => void) | undefined
  readonly rails: readonly Rail[]
}

/** The accounts of a cache that has the answer stored now. */
const STORED = /^hit|; stored/

/** Shapes an answer. `ageMs`: the age of the decision to admit the request, in milliseconds. */
function shapeAnswer(
  { answer, now, ...received }: ReceivedAnswer,
  admitted: AdmittedRequest,
  ageMs: number,
  services: ContentServices,
  call: Call,
): Content {
  const { boundSocket } = services
  const { response, cache, ttlSeconds, copy } = answer
  const account = cache === undefined || ttlSeconds === undefined ? cache : `${cache}; ttl=${ttlSeconds}`
  const delivery = { cache: account, now, boundSocket, onEnd: received.onEnd }
  const isThere = answer.isWhole ?? (copy !== undefined && copy.content.length <= MAX_HELD_BYTES)
  const answered = withAttempt(admitted, answer)
  const watched = isThere ? delivery : { ...delivery, watch: () => watchOf(answered, services, call.waitUntil, ageMs) }
  admitted.collect?.(response, cache !== undefined && STORED.test(cache))
  if (answer.used !== undefined && response.body !== null) tapBody(response.body, undefined)
  const shaped = shape(response, admitted, watched)
  for (const name of admitted.route.meter?.fields ?? []) shaped.headers.delete(name)
  withoutExposed(shaped.headers, received.rails)
  if (shaped.status === 101) chooseProtocol(shaped.headers, admitted, received.rails)
  return { response: shaped, originMs: received.originMs, cache, isTimed: false, used: answer.used }
}

/** Returns the request with the attempt that was answered, and no other: an operator may close what it is at. */
function withAttempt(admitted: AdmittedRequest, { attempt }: MeteredAnswer): AdmittedRequest {
  const { bound } = admitted
  return bound === undefined || attempt === undefined
    ? admitted
    : { ...admitted, bound: { ...bound, attempts: [attempt] } }
}

/**
 * Sets the WebSocket subprotocol to the one that carried the token, unless the origin has chosen one: it must be one that
 * the client offered (RFC 6455 §4.2.2).
 */
function chooseProtocol(headers: Headers, { exchange }: AdmittedRequest, rails: readonly Rail[]): void {
  if (headers.has('sec-websocket-protocol')) return
  const chosen = rails.map((rail) => rail.protocolOf?.(exchange)).find((protocol) => protocol !== undefined)
  if (chosen !== undefined) headers.set('sec-websocket-protocol', chosen)
}

/** Returns true for a successful change: it makes every copy of its target doubtful (RFC 9111 §4.4). */
function isChange({ exchange }: AdmittedRequest, { status }: Response): boolean {
  return !isSafe(exchange.method) && status >= 200 && status < 400
}
