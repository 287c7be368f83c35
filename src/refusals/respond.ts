import { type Exchange, type Field, methodAsked } from '../http/rules/exchange.ts'
import { isForbidden } from '../http/rules/method.ts'
import type { Refusal } from '../core/problem.ts'
import { requestRefOf } from './describe.ts'
import type { RefusalFormat } from './format.ts'
import { problem } from './problem.ts'
import { fill, type Template } from '../core/template.ts'
import type { Zone } from '../zone.ts'
import { allowCredentials, type Readers } from '../http/cors.ts'
import { dateText } from '../http/date.ts'
import {
  bytesOf,
  challengeAnew,
  LAST_BYTES,
  LEAST_LINK_BYTES,
  MAX_FIELDS_BYTES,
  type RailsChallenge,
} from './challenge.ts'
import {
  NO_TIME,
  offerOf,
  refusalTemplateOf,
  type RefusalContext,
  type RefusalTemplate,
  writeAnew,
} from './template.ts'

/** A response of the gate's own, still to be made once, with every field in place. */
export interface Reply {
  readonly status: number
  /** The fields that all responses of this kind have, `Server-Timing` of 0 ms among them. Only their `Date` is changed. */
  readonly common: Headers
  /** This one's own, as name and value; a name may come twice. */
  readonly fields: readonly Field[]
  readonly body: string | ReadableStream<Uint8Array> | null
  /** Undefined where the site is not known, and for what tells nobody anything of a reader. */
  readonly readers?: Readers | undefined
}

/** A refusal, written by the first format of the site that accepts the exchange, or else as a problem document. */
export function refuse(refusal: Refusal, exchange: Exchange, context: RefusalContext): Reply {
  const format = formatFor(exchange, context)
  const template = refusalTemplateOf(refusal, exchange, context, format)
  const ref = requestRefOf(exchange)
  const own = ownFields(refusal)
  const room = MAX_FIELDS_BYTES - LAST_BYTES - template.bytes - bytesOf(own)
  const added = addedTo(template, refusal, exchange, context, room - LEAST_LINK_BYTES)
  if (added !== undefined) own.push(...added.fields)
  const values = [ref.id, ref.returnTo]
  const link = linkField(template.links, values, added === undefined ? room : room - bytesOf(added.fields))
  const fields = link === '' ? own : [['Link', link] as const, ...own]
  const { status, challenge } = template
  const members = added?.members ?? challenge.members
  if (refusal.confirm !== undefined || members !== challenge.members) {
    const { common, body } = writeAnew(refusal, ref, context, format, template, members)
    return {
      status,
      common,
      fields,
      body: exchange.method === 'HEAD' ? null : body,
      readers: readersOf(refusal, exchange, context),
    }
  }
  for (const [name, value] of template.slotted) fields.push([name, fill(value, values)])
  const body = exchange.method === 'HEAD' ? null : fill(template.body, values)
  return { status, common: template.common, fields, body, readers: readersOf(refusal, exchange, context) }
}

/** What the refusal of one request has beside. */
function ownFields({ retryAfterSeconds, fields }: Refusal): Field[] {
  const own: Field[] = []
  if (retryAfterSeconds !== undefined) own.push(['Retry-After', String(retryAfterSeconds)])
  if (fields !== undefined) own.push(...fields)
  return own
}

/** Undefined if no rail has to be asked anew. */
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

/** Pages of the origins that the zone names may read a refusal with the reader's cookie, but not what a reader is to confirm. */
function readersOf({ confirm }: Refusal, { fields }: Exchange, { site }: RefusalContext): Readers | undefined {
  return site === undefined || confirm !== undefined ? undefined : { zone: site.zone, fields }
}

const PROBLEM = problem()

/** The first format of the site that accepts the exchange; problem documents for everyone else. */
export function formatFor(exchange: Exchange, { site, route }: RefusalContext): RefusalFormat {
  if (site === undefined) return PROBLEM
  for (const format of site.refusals) if (format.accepts(exchange, route)) return format
  return PROBLEM
}

/** Makes the response of a draft, which took the gate so long. `now`: its date, in milliseconds since 1970. */
export function respond({ status, common, fields, body, readers }: Reply, gateMs: number, now: number): Response {
  const response = new Response(body, { status, headers: dated(common, now) })
  const { headers } = response
  for (const [name, value] of fields) headers.append(name, value)
  if (readers !== undefined) allowCredentials(headers, readers)
  if (gateMs > 0) headers.set('Server-Timing', `gate;dur=${gateMs}`)
  return response
}

/** The date that common fields have now: written once in a second, and not for every response. */
const dates = new WeakMap<Headers, string>()

function dated(common: Headers, now: number): Headers {
  const date = dateText(now)
  if (dates.get(common) !== date) {
    common.set('Date', date)
    dates.set(common, date)
  }
  return common
}

const MAX_LINK_BYTES = 2048

/** RFC 8288. A remedy whose URL is too long for a header field is in the body only. */
function linkField(links: readonly Template[], values: readonly string[], room: number): string {
  const most = Math.min(MAX_LINK_BYTES, room)
  let field = ''
  for (const template of links) {
    const link = fill(template, values)
    if (field.length + link.length + 2 <= most) field += field === '' ? link : `, ${link}`
  }
  return field
}

const REQUESTED_FIELDS = /^[\w!#$%&'*+.^`|~-]+(?:\s*,\s*[\w!#$%&'*+.^`|~-]+)*$/
const MAX_REQUESTED_BYTES = 1024
const PREFLIGHT_SECONDS = 600
const PREFLIGHT_FIELDS = new Headers([
  ['Access-Control-Allow-Origin', '*'],
  ['Access-Control-Max-Age', String(PREFLIGHT_SECONDS)],
  ['Cache-Control', 'no-store'],
  NO_TIME,
  ['Vary', 'Access-Control-Request-Headers, Access-Control-Request-Method'],
])

const ANY_METHOD: readonly string[] = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE']

/**
 * The answer to a preflight on a paid route, so that a browser can go on to pay: the origin is not asked. `methods`: those that
 * may follow; where it is left out, whatever is asked for may. `zone`: whose pages it lets send the cookie.
 */
export function answerPreflight({ method, fields }: Exchange, methods?: readonly string[], zone?: Zone): Reply {
  const wanted = fields.get('access-control-request-headers') ?? ''
  const isList = wanted.length <= MAX_REQUESTED_BYTES && REQUESTED_FIELDS.test(wanted)
  return {
    status: 204,
    common: PREFLIGHT_FIELDS,
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
