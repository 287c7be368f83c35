import { type Exchange, type Field, methodAsked } from '../http/rules/exchange.ts'
import { isForbidden } from '../http/rules/method.ts'
import type { Route } from '../access/route.ts'
import { joinBytes } from '../core/bytes.ts'
import type { Refusal } from '../core/problem.ts'
import type { RefusalFormat } from './format.ts'
import { refreshSeconds } from './refresh.ts'
import { problem } from './problem.ts'
import { fill, fillEncoded, type Template } from '../core/template.ts'
import type { Zone } from '../zone.ts'
import { allowCredentials, type Readers } from '../http/cors.ts'
import { dateText } from '../http/date.ts'
import { withResource } from './bodyslots.ts'
import {
  bytesOf,
  challengeAnew,
  LAST_BYTES,
  LEAST_LINK_BYTES,
  MAX_FIELDS_BYTES,
  type RailsChallenge,
} from './challenge.ts'
import {
  describeIn,
  hasRequestValues,
  linksAnew,
  offerOf,
  refIn,
  refusalTemplateOf,
  type RefusalContext,
  type RefusalTemplate,
  type RefusingSite,
  writeAnew,
  writtenFor,
} from './template.ts'

/** A response of the gate's own that is not sent yet. Sent once. */
export interface Reply {
  readonly status: number
  /** The fields of every response of this kind. Only their `Date` and `Link` change. */
  readonly common: Headers
  readonly link: string | undefined
  /** The other fields of this response alone, as name and value; a name may come twice. */
  readonly fields: readonly Field[]
  readonly body: string | Uint8Array<ArrayBuffer> | null
  /**
   * The request whose origin may read the response with a cookie. Undefined if the site is unknown, or if only this reader
   * may read the response.
   */
  readonly readers?: Readers | undefined
  /** The name of the format of a refusal. */
  readonly format?: string
}

/** Refuses in the first format of the site that accepts the exchange, or else as a problem document. */
export function refuse(refusal: Refusal, exchange: Exchange, context: RefusalContext): Reply {
  const format = formatFor(exchange, context)
  const template = refusalTemplateOf(refusal, exchange, context, format)
  const ref = refIn(exchange, context, format)
  const fields = ownFields(refusal, format, exchange)
  const room = MAX_FIELDS_BYTES - LAST_BYTES - template.bytes - bytesOf(fields)
  const added = addedTo(template, refusal, exchange, context, room - LEAST_LINK_BYTES)
  if (added !== undefined) fields.push(...added.fields)
  const values = [ref.id, ref.returnTo, ref.reference ?? '', ref.origin]
  const links = refusal.ownRemedy === undefined ? template.links : linksAnew(refusal, ref, context, template)
  const link = linkField(links, values, added === undefined ? room : room - bytesOf(added.fields))
  const { status, challenge } = template
  const { fields: addedFields = [], members = challenge.members } = added ?? {}
  const isAnew = members !== challenge.members || (addedFields.length > 0 && format.partsOf !== undefined)
  if (hasRequestValues(refusal) || isAnew) {
    const how = writtenFor(exchange, context, format)
    const more = { fields: addedFields, members }
    const { common, body } = writeAnew(refusal, ref, context, format, template, more, how, exchange)
    return {
      status,
      common,
      link,
      fields,
      body: exchange.method === 'HEAD' ? null : body,
      readers: readersOf(refusal, exchange, context),
      format: format.name,
    }
  }
  for (const [name, value] of template.slotted) fields.push([name, fill(value, values)])
  const filling = [...values, ...(format.partsOf?.(exchange) ?? template.articleParts(context.article))]
  const body =
    exchange.method === 'HEAD'
      ? null
      : fillEncoded(template.body, template.namesResource ? withResource(filling, exchange) : filling)
  return {
    status,
    common: template.common,
    link,
    fields,
    body,
    readers: readersOf(refusal, exchange, context),
    format: format.name,
  }
}

/** Returns the fields of one request's refusal. */
function ownFields(refusal: Refusal, format: RefusalFormat, exchange: Exchange): Field[] {
  const { retryAfterSeconds, fields } = refusal
  const { hasRetryMs } = format
  const own: Field[] = []
  const refresh = refreshSeconds(refusal, format, exchange)
  if (refresh !== undefined) own.push(['Refresh', String(refresh)])
  if (retryAfterSeconds !== undefined) own.push(['Retry-After', String(retryAfterSeconds)])
  if (retryAfterSeconds !== undefined && hasRetryMs) own.push(['Retry-After-Ms', String(retryAfterSeconds * 1000)])
  if (fields !== undefined) own.push(...fields)
  return own
}

/** Asks the rails that must be asked each time. Returns undefined if there are none. */
function addedTo(
  { challenge }: RefusalTemplate,
  refusal: Refusal,
  exchange: Exchange,
  context: RefusalContext,
  room: number,
): RailsChallenge | undefined {
  const { site } = context
  if (site === undefined || challenge.dynamic.length === 0) return undefined
  return challengeAnew({ ...site, offer: offerOf(context) }, challenge, refusal, exchange, room)
}

/** Lets pages of the zone's named origins read a refusal with the reader's cookie, except for a form. */
function readersOf({ form }: Refusal, { fields }: Exchange, { site }: RefusalContext): Readers | undefined {
  return site === undefined || form !== undefined ? undefined : { zone: site.zone, fields }
}

const PROBLEM = problem()

/** Returns the first format of the site that accepts the exchange, or else the problem document. */
export function formatFor(exchange: Exchange, { site, route }: RefusalContext): RefusalFormat {
  if (site === undefined) return PROBLEM
  for (const format of site.refusals) if (format.accepts(exchange, route)) return format
  return PROBLEM
}

const BLANK_LINE = new TextEncoder().encode('\n\n')

/**
 * Returns what ends an event stream that breaks off after its head, in the format of its refusals; undefined if that has nothing
 * for it. A blank line comes first: the stream may have broken off inside an event.
 */
export function terminalOf(
  refusal: Refusal,
  exchange: Exchange,
  site: RefusingSite,
  route: Route,
): Uint8Array | undefined {
  const context = { site, route }
  const format = formatFor(exchange, context)
  if (format.terminal === undefined) return undefined
  const refused = describeIn(refusal, refIn(exchange, context, format), context, writtenFor(exchange, context, format))
  return joinBytes([BLANK_LINE, format.terminal(refused, refusal, { exchange, route })])
}

/**
 * Makes the response of a reply. `gateMs` is the time the gate took; a reply that waited for nothing says none. `now` is the
 * response's date, in milliseconds since 1970.
 */
export function respond(reply: Reply, gateMs: number, now: number): Response {
  const { status, common, link, fields, body, readers } = reply
  setDate(common, now)
  // Set before they are copied, as a response's own fields are an object of the runtime's that most refusals never need.
  if (link === undefined) common.delete('Link')
  else common.set('Link', link)
  const response = new Response(body, { status, headers: common })
  for (const [name, value] of fields) response.headers.append(name, value)
  if (readers !== undefined && readers.zone.origins.size > 0) allowCredentials(response.headers, readers)
  if (gateMs > 0) response.headers.set('Server-Timing', `gate;dur=${gateMs}`)
  return response
}

/** The date last written into shared fields: it is written once a second, not for every response. */
const dates = new WeakMap<Headers, string>()

function setDate(common: Headers, now: number): void {
  const date = dateText(now)
  if (dates.get(common) !== date) {
    common.set('Date', date)
    dates.set(common, date)
  }
}

const MAX_LINK_BYTES = 2048

/**
 * Writes `Link` (RFC 8288) within `room` bytes; undefined if nothing fits. A remedy with a longer URL is in the body only.
 */
function linkField(links: readonly Template[], values: readonly string[], room: number): string | undefined {
  const most = Math.min(MAX_LINK_BYTES, room)
  let field = ''
  for (const template of links) {
    const link = fill(template, values)
    if (field.length + link.length + 2 <= most) field += field === '' ? link : `, ${link}`
  }
  return field === '' ? undefined : field
}

const REQUESTED_FIELDS = /^[\w!#$%&'*+.^`|~-]+(?:\s*,\s*[\w!#$%&'*+.^`|~-]+)*$/
const MAX_REQUESTED_BYTES = 1024
const PREFLIGHT_SECONDS = 600
const PREFLIGHT_FIELDS = new Headers([
  ['Access-Control-Allow-Origin', '*'],
  ['Access-Control-Max-Age', String(PREFLIGHT_SECONDS)],
  ['Cache-Control', 'no-store'],
  ['Vary', 'Access-Control-Request-Headers, Access-Control-Request-Method'],
])

const ANY_METHOD: readonly string[] = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE']

/**
 * Answers a preflight on a paid route without the origin, so that a browser can go on to pay. `methods` are the methods that
 * may follow; without them, any method may. Pages of the origins that `zone` names may send the cookie.
 */
export function answerPreflight({ method, fields }: Exchange, methods?: readonly string[], zone?: Zone): Reply {
  const wanted = fields.get('access-control-request-headers') ?? ''
  const isList = wanted.length <= MAX_REQUESTED_BYTES && REQUESTED_FIELDS.test(wanted)
  return {
    status: 204,
    common: PREFLIGHT_FIELDS,
    link: undefined,
    fields: [
      ['Access-Control-Allow-Methods', (methods ?? anyWith(methodAsked(method, fields))).join(', ')],
      ['Access-Control-Allow-Headers', isList ? wanted : 'Authorization, Content-Type'],
    ],
    body: null,
    readers: zone && { zone, fields },
  }
}

function anyWith(asked: string): readonly string[] {
  return ANY_METHOD.includes(asked) || isForbidden(asked) ? ANY_METHOD : [...ANY_METHOD, asked]
}
