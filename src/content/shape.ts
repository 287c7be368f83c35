import { CACHE_ONLY_FIELDS, isEventStream } from '../http/rules/fields.ts'
import type { Terms } from '../access/offer.ts'
import { endMs } from '../access/lifetime.ts'
import { setsOurCookie } from '../http/rules/setcookie.ts'
import type { AdmittedRequest, BoundSocket } from '../ports.ts'
import { allowCredentials } from '../http/cors.ts'
import { followBody } from '../http/passthrough.ts'
import type { Rail } from '../rails/rail.ts'
import { CREDENTIAL_ENDED, type Session, SESSION_OVER, sessionMs, supervise } from './session.ts'
import type { Watch } from './watch.ts'

/** How a cache of ours handled a request: parameters of its member in `Cache-Status` (RFC 9211). */
export type CacheAccount = string | undefined

/** The delivery of an answer: how it came, and how it is bounded. */
export interface ContentDelivery {
  readonly cache: CacheAccount
  readonly now: number
  readonly boundSocket: BoundSocket
  /** Absent if the whole answer is here: nothing of it can be held back any more. */
  readonly watch?: () => Watch | undefined
  /** Called if the answer is ended early. */
  readonly onEnd?: (() => void) | undefined
}

/**
 * Shapes an answer for its client. Paid content is private to its reader, revalidated at each use, and bounded in time
 * while it is on its way, whatever its media type, unless it is known to be short. `Set-Cookie` fields with a name of
 * ours and fields for caches are removed.
 */
export function shape(answer: Response, admitted: AdmittedRequest, delivery: ContentDelivery): Response {
  const { cache, boundSocket } = delivery
  const isPaid = admitted.route.terms.kind === 'paid'
  if (answer.status === 101) {
    keepOurCookies(answer.headers)
    const session = sessionOf(admitted, delivery)
    return session === undefined ? answer : boundSocket(answer, (end) => supervise(session, end))
  }
  const isBounded = isPaid || isEventStream(answer.headers)
  const isWatched = isBounded && delivery.watch !== undefined && !isShort(answer.headers)
  const session = isWatched ? sessionOf(admitted, delivery) : undefined
  const response =
    session === undefined || answer.body === null
      ? answer
      : boundResponse(answer, answer.body, session, admitted, delivery)
  const { headers } = response
  keepOurCookies(headers)
  for (const name of CACHE_ONLY_FIELDS) headers.delete(name)
  if (cache !== undefined) headers.append('Cache-Status', `faregate; ${cache}`)
  if (isPaid || isPersonal(admitted)) markPrivate(headers, admitted)
  return response
}

/** Bodies up to this size travel in one piece as a rule. A watch on them would cost as much as all that the gate does. */
const SHORT_BYTES = 65_536

/**
 * Returns true for a body known to be short. The client asked for all of it, and all could have been sent, while it was
 * paid for: nobody gains from its lateness.
 */
function isShort(headers: Headers): boolean {
  const length = headers.get('content-length')
  return length !== null && Number(length) <= SHORT_BYTES && !isEventStream(headers)
}

/** Removes the fields of rails: what says that a payment was settled is the gate's alone to say. */
export function withoutExposed(headers: Headers, rails: readonly Pick<Rail, 'exposes'>[]): void {
  for (const { exposes = [] } of rails) for (const name of exposes) headers.delete(name)
}

/** Removes each `Set-Cookie` that would sign the reader in here as someone else. */
export function keepOurCookies(headers: Headers): void {
  if (!headers.has('set-cookie')) return
  const fields = headers.getSetCookie()
  if (!fields.some(setsOurCookie)) return
  headers.delete('set-cookie')
  for (const field of fields) if (!setsOurCookie(field)) headers.append('set-cookie', field)
}

/** Returns the session of an answer; undefined if the route is free, unless an operator may close it. */
export function sessionOf(
  admitted: AdmittedRequest,
  { now, watch }: Pick<ContentDelivery, 'now' | 'watch'>,
): Session | undefined {
  const { limits, terms } = admitted.route
  if (terms.kind !== 'paid') {
    const watching = watch?.()
    return watching && { lastsMs: sessionMs(Infinity, Infinity, now), overdue: SESSION_OVER, watch: watching }
  }
  const endsMs = endOf(terms, admitted, now)
  const overdue = endsMs - now <= limits.maxSessionMs ? CREDENTIAL_ENDED : SESSION_OVER
  return { lastsMs: sessionMs(endsMs, limits.maxSessionMs, now), overdue, watch: watch?.() }
}

type PaidTerms = Extract<Terms, { kind: 'paid' }>

/**
 * Returns the end of a paid page, in milliseconds since 1970: that of the credential, or of the time in which no one
 * needs one.
 */
function endOf(terms: PaidTerms, { proof, endsMs = Infinity }: AdmittedRequest, now: number): number {
  if (proof === undefined) return Math.max(terms.observedUntilMs ?? 0, terms.lever?.untilMs ?? 0)
  // The time limit on settling a payment does not limit the content it pays for.
  if (proof.kind === 'payment') return endsMs
  const { expires, toleranceSeconds } = proof
  // An expired token is admitted for as long as the issuer's clock may be off.
  return Math.min(endMs(expires) > now ? endMs(expires) : endMs(expires + toleranceSeconds), endsMs)
}

/**
 * Bounds an answer by its session. A client sees that the content was cut short, except for event streams: those may end
 * at any event, and do so with the event for that, if the format of the route's refusals has one.
 */
function boundResponse(
  answer: Response,
  body: ReadableStream,
  session: Session,
  { terminal, request }: AdmittedRequest,
  { onEnd }: ContentDelivery,
): Response {
  const sent = followBody(answer, body)
  const stop = supervise(session, (why) => {
    if (isEventStream(answer.headers)) sent.finish(terminal?.(why))
    else sent.cut()
    onEnd?.()
  })
  sent.left.then(stop, stop)
  // Nothing else shows that a client has left while the origin is silent.
  request.signal.addEventListener('abort', stop, { once: true })
  return new Response(sent.body, answer)
}

/**
 * Returns true for a free page of one account or plan. A cache before the gate knows neither, so no field of the origin
 * may let it keep the page.
 */
function isPersonal({ proof, route: { cache } }: AdmittedRequest): boolean {
  return proof !== undefined && (cache.partition === 'account' || cache.partition === 'plan')
}

function markPrivate(headers: Headers, { zone, route, exchange, observed, exempt }: AdmittedRequest): void {
  // A copy kept by the client would outlive the time in which no one pays.
  const maxAgeSeconds = observed === undefined && exempt?.lever === undefined ? route.cache.maxAgeSeconds : 0
  headers.set('cache-control', maxAgeSeconds === 0 ? 'private, no-cache' : `private, max-age=${maxAgeSeconds}`)
  headers.delete('expires')
  headers.delete('pragma')
  // A page of any origin may read the answer with a token. Without one, the origin says which other sites may.
  if (observed !== undefined) return
  if (allowCredentials(headers, { zone, fields: exchange.fields })) {
    headers.set('access-control-expose-headers', zone.exposedFields)
  } else if (exchange.fields.get('origin') !== null && !headers.has('access-control-allow-origin')) {
    headers.set('access-control-allow-origin', '*')
    headers.set('access-control-expose-headers', zone.exposedFields)
  }
}
