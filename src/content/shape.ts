import { CACHE_ONLY_FIELDS, isEventStream } from '../http/rules/fields.ts'
import type { Terms } from '../access/offer.ts'
import { endMs } from '../access/lifetime.ts'
import { setsOurCookie } from '../http/rules/setcookie.ts'
import type { AdmittedRequest } from '../ports.ts'
import { allowCredentials } from '../http/cors.ts'
import { followBody } from '../http/passthrough.ts'
import { boundStream, type Session, sessionMs, supervise, type Supervise } from './session.ts'
import type { Watch } from './watch.ts'

/** Closes a WebSocket when its session is over; whoever runs us knows how. */
export type BoundSocket = (response: Response, supervise: Supervise) => Response

/** How a cache of ours handled a request, as the parameters of its member of `Cache-Status` (RFC 9211). */
export type CacheAccount = string | undefined

/** How an answer came, and what is to become of it. */
export interface Course {
  readonly cache: CacheAccount
  readonly now: number
  readonly boundSocket: BoundSocket
  /** Absent where all of the answer is there: nothing of it can be held back any more. */
  readonly watch?: () => Watch | undefined
  /** Told where the answer is ended before its end. */
  readonly onEnd?: (() => void) | undefined
}

/**
 * Paid content is private to its reader, revalidated at each use, and bounded in time for as long as it is on its way,
 * whatever it is, unless it is known to be short.
 */
export function shape(answer: Response, admitted: AdmittedRequest, course: Course): Response {
  const { cache, boundSocket } = course
  const isPaid = admitted.route.terms.kind === 'paid'
  if (answer.status === 101) {
    keepOurCookies(answer.headers)
    const session = sessionOf(admitted, course)
    return session === undefined ? answer : boundSocket(answer, (end) => supervise(session, end))
  }
  const isWatched = isPaid && course.watch !== undefined && !isShort(answer.headers)
  const session = isWatched ? sessionOf(admitted, course) : undefined
  const response =
    session === undefined || answer.body === null ? answer : bounded(answer, answer.body, session, course)
  const { headers } = response
  keepOurCookies(headers)
  for (const name of CACHE_ONLY_FIELDS) headers.delete(name)
  if (cache !== undefined) headers.append('Cache-Status', `faregate; ${cache}`)
  if (isPaid || isOfOne(admitted)) markPrivate(headers, admitted)
  return response
}

/** What travels in one piece as a rule. To stand in its way costs as much as all that the gate does. */
const SHORT_BYTES = 65_536

/**
 * True for a body that is known to be short: all of it was asked for, and could have been sent, while it was paid for, so
 * that nobody gains by its being late.
 */
function isShort(headers: Headers): boolean {
  const length = headers.get('content-length')
  return length !== null && Number(length) <= SHORT_BYTES && !isEventStream(headers)
}

/** Removes each `Set-Cookie` by which an origin's page would sign its reader in here as someone else. */
export function keepOurCookies(headers: Headers): void {
  if (!headers.has('set-cookie')) return
  const fields = headers.getSetCookie()
  if (!fields.some(setsOurCookie)) return
  headers.delete('set-cookie')
  for (const field of fields) if (!setsOurCookie(field)) headers.append('set-cookie', field)
}

/** Undefined where nothing has to be paid for. */
export function sessionOf(
  admitted: AdmittedRequest,
  { now, watch }: Pick<Course, 'now' | 'watch'>,
): Session | undefined {
  const { limits, terms } = admitted.route
  if (terms.kind !== 'paid') return undefined
  return { lastsMs: sessionMs(endOf(terms, admitted, now), limits.maxSessionMs, now), watch: watch?.() }
}

type PaidTerms = Extract<Terms, { kind: 'paid' }>

/** When what opened a paid page ends: the credential, or the time in which no one needs one. */
function endOf({ observedUntilMs = 0 }: PaidTerms, { proof, endsMs = Infinity }: AdmittedRequest, now: number): number {
  if (proof === undefined) return observedUntilMs
  // When a payment can be settled no longer is not when what it paid for ends.
  if (proof.kind === 'payment') return endsMs
  const { expires, toleranceSeconds } = proof
  // What has ended is let through for as long as the issuer's clock may be off.
  return Math.min(endMs(expires) > now ? endMs(expires) : endMs(expires + toleranceSeconds), endsMs)
}

/** What is ended before its end shows that to its client, but for event streams: they may end at any event. */
function bounded(answer: Response, body: ReadableStream, session: Session, { onEnd }: Course): Response {
  if (isEventStream(answer.headers)) return new Response(boundStream(body, session, onEnd), answer)
  const sent = followBody(answer, body)
  const stop = supervise(session, () => {
    sent.cut()
    onEnd?.()
  })
  sent.left.then(stop, stop)
  return new Response(sent.body, answer)
}

/** A free page of one account or plan: a cache before the gate knows neither, whatever the origin says of it. */
function isOfOne({ proof, route: { cache } }: AdmittedRequest): boolean {
  return proof !== undefined && (cache.partition === 'account' || cache.partition === 'plan')
}

function markPrivate(headers: Headers, { zone, route, exchange, observed }: AdmittedRequest): void {
  // What a client kept would outlive the time in which no one pays.
  const maxAgeSeconds = observed === undefined ? route.cache.maxAgeSeconds : 0
  headers.set('cache-control', maxAgeSeconds === 0 ? 'private, no-cache' : `private, max-age=${maxAgeSeconds}`)
  headers.delete('expires')
  headers.delete('pragma')
  // Who has a token may read it from anywhere. Without one, what other sites may read stays for the origin to say.
  if (observed !== undefined) return
  if (allowCredentials(headers, { zone, fields: exchange.fields })) {
    headers.set('access-control-expose-headers', zone.exposedFields)
  } else if (exchange.fields.get('origin') !== null && !headers.has('access-control-allow-origin')) {
    headers.set('access-control-allow-origin', '*')
    headers.set('access-control-expose-headers', zone.exposedFields)
  }
}
