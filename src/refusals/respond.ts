import { type Exchange, methodAsked } from '../http/rules/exchange.ts'
import { isForbidden } from '../http/rules/method.ts'
import type { Refusal } from '../core/problem.ts'
import { requestRefOf } from './describe.ts'
import { fill, type Template } from '../core/template.ts'
import type { Zone } from '../zone.ts'
import { allowCredentials, type Readers } from '../http/cors.ts'
import { dateText } from '../http/date.ts'
import { confirmPage, NO_TIME, refusalTemplateOf, type RefusalContext } from './template.ts'
import { prefersHtml } from '../http/accept.ts'

/** A response of the gate's own, still to be made once, with every field in place. */
export interface Reply {
  readonly status: number
  /** The fields that all responses of this kind have, `Server-Timing` of 0 ms among them; never changed. */
  readonly common: Headers
  /** This one's own, as name and value; a name may come twice. */
  readonly fields: (readonly [string, string])[]
  readonly body: string | null
  /** Undefined where the site is not known, and for what tells nobody anything of a reader. */
  readonly readers?: Readers | undefined
}

/** A refusal: a problem document (RFC 9457), or for a browser a page with the same facts. */
export function refuse(refusal: Refusal, exchange: Exchange, place: RefusalContext): Reply {
  const isPage = prefersHtml(exchange.fields.get('accept'))
  const notice = refusalTemplateOf(refusal, place, isPage)
  const { id, returnTo } = requestRefOf(exchange)
  const values = [id, returnTo]
  const fields: (readonly [string, string])[] = []
  const links = linkField(notice.links, values)
  if (links !== '') fields.push(['Link', links])
  if (refusal.retryAfterSeconds !== undefined) fields.push(['Retry-After', String(refusal.retryAfterSeconds)])
  if (refusal.fields !== undefined) fields.push(...refusal.fields)
  if (isPage && refusal.confirm !== undefined)
    return { status: notice.status, fields, ...confirmPage(refusal, requestRefOf(exchange), place, notice) }
  const body = exchange.method === 'HEAD' ? null : fill(notice.body, values)
  const readers = place.zone && { zone: place.zone, fields: exchange.fields }
  return { status: notice.status, common: notice.common, fields, body, readers }
}

/** Makes the response of a draft, which took the gate so long. `now`: its date, in milliseconds since 1970. */
export function respond({ status, common, fields, body, readers }: Reply, gateMs: number, now: number): Response {
  const response = new Response(body, { status, headers: common })
  const { headers } = response
  for (const [name, value] of fields) headers.append(name, value)
  headers.set('Date', dateText(now))
  if (readers !== undefined) allowCredentials(headers, readers)
  if (gateMs > 0) headers.set('Server-Timing', `gate;dur=${gateMs}`)
  return response
}

const MAX_LINK_BYTES = 2048

/** RFC 8288. A remedy whose URL is too long for a header field is in the body only. */
function linkField(links: readonly Template[], values: readonly string[]): string {
  let field = ''
  for (const template of links) {
    const link = fill(template, values)
    if (field.length + link.length + 2 <= MAX_LINK_BYTES) field += field === '' ? link : `, ${link}`
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
