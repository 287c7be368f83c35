import { parseAccept } from 'hono/utils/accept'
import type { Exchange } from '../core/exchange.ts'
import type { Offer } from '../core/offer.ts'
import { paymentFor, type Refusal, type Remedy } from '../core/problem.ts'
import { describeRefusal, returnAddress } from '../core/refused.ts'
import type { Route } from '../core/route.ts'
import type { Zone } from '../core/zone.ts'
import { refusalPage } from '../pages/refusal.ts'
import type { Rail } from '../rails/rail.ts'
import { EXPOSED_FIELDS } from './content.ts'

/** Where a refusal happened: as much of the site as was known by then. */
export interface Place {
  readonly zone: Zone | undefined
  readonly rails: readonly Rail[]
  readonly offer: Offer | undefined
}

/** A response of the gate's own, still to be made: made once, with every field in place. */
export interface Draft {
  readonly status: number
  /** Name and value; a name may come twice. */
  readonly fields: (readonly [string, string])[]
  readonly body: string | null
}

/** A refusal: a problem document (RFC 9457), or for a browser a page with the same facts. */
export function refuse(refusal: Refusal, exchange: Exchange, place: Place): Draft {
  const { zone, rails, offer } = place
  const refused = describeRefusal(refusal, exchange, zone, offer)
  const isPage = prefersHtml(exchange.fields.get('accept'))
  const fields: (readonly [string, string])[] = isPage ? [...PAGE_FIELDS] : [...PROBLEM_FIELDS]
  if (refusal.retryAfterSeconds !== undefined) fields.push(['Retry-After', String(refusal.retryAfterSeconds)])
  const links = linkField(withPayment(refused.remedies, refusal, exchange, zone))
  if (links !== '') fields.push(['Link', links])
  if (zone !== undefined) for (const rail of rails) fields.push(...rail.challenge({ zone, refusal, offer }))
  const body = exchange.method === 'HEAD' ? null : isPage ? refusalPage(refused) : JSON.stringify(refused)
  return { status: refused.status, fields, body }
}

/** Makes the response of a draft. */
export function respond({ status, fields, body }: Draft): Response {
  return new Response(body, { status, headers: fields as [string, string][] })
}

/** Never stored, and readable by any program: no credential of the reader is in it. */
const COMMON_FIELDS: readonly (readonly [string, string])[] = [
  ['Cache-Control', 'no-store'],
  ['Access-Control-Allow-Origin', '*'],
  ['Access-Control-Expose-Headers', EXPOSED_FIELDS],
  ['X-Content-Type-Options', 'nosniff'],
]
const PROBLEM_FIELDS = [...COMMON_FIELDS, ['Content-Type', 'application/problem+json']] as const
const PAGE_FIELDS = [
  ...COMMON_FIELDS,
  ['Content-Type', 'text/html; charset=utf-8'],
  [
    'Content-Security-Policy',
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  ],
  ['Referrer-Policy', 'no-referrer'],
] as const

/** True when a page is wanted more than JSON; a client that does not say gets JSON. */
function prefersHtml(accept: string | null): boolean {
  if (accept === null || !accept.includes('html')) return false
  const wanted = parseAccept(accept)
  const quality = (pattern: RegExp): number => wanted.find(({ type }) => pattern.test(type))?.q ?? 0
  return quality(/^(?:text\/html|application\/xhtml\+xml)$/i) > quality(/^application\/(?:problem\+)?json$/i)
}

/** A program looks for `rel="payment"` whatever the reason, so it is there even where another remedy is better. */
function withPayment(
  remedies: readonly Remedy[],
  { reason }: Refusal,
  exchange: Exchange,
  zone: Zone | undefined,
): readonly Remedy[] {
  if (zone === undefined || remedies.some(({ rel }) => rel === 'payment')) return remedies
  const payment = paymentFor(reason, zone.remedies, returnAddress(exchange))
  return payment === undefined ? remedies : [...remedies, payment]
}

const MAX_LINK_BYTES = 2048

/** RFC 8288. A remedy whose URL is too long for a header field is in the body only. */
function linkField(remedies: readonly Remedy[]): string {
  const links = remedies.map(({ href, rel, title }) => `<${href}>; rel="${rel}"; title="${title}"`)
  let field = ''
  for (const link of links) {
    if (field.length + link.length + 2 <= MAX_LINK_BYTES) field += field === '' ? link : `, ${link}`
  }
  return field
}

const REQUESTED_FIELDS = /^[\w!#$%&'*+.^`|~-]+(?:\s*,\s*[\w!#$%&'*+.^`|~-]+)*$/
const MAX_REQUESTED_BYTES = 1024
const PREFLIGHT_SECONDS = 600

/** The answer to a preflight on a paid route, so that a browser can go on to pay: the origin is not asked. */
export function answerPreflight({ fields }: Exchange, route: Route): Draft {
  const wanted = fields.get('access-control-request-headers') ?? ''
  const isList = wanted.length <= MAX_REQUESTED_BYTES && REQUESTED_FIELDS.test(wanted)
  const methods = route.methods ?? ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE']
  return {
    status: 204,
    fields: [
      ['Access-Control-Allow-Origin', '*'],
      ['Access-Control-Allow-Methods', methods.join(', ')],
      ['Access-Control-Allow-Headers', isList ? wanted : 'Authorization, Content-Type'],
      ['Access-Control-Max-Age', String(PREFLIGHT_SECONDS)],
      ['Cache-Control', 'no-store'],
      ['Vary', 'Access-Control-Request-Headers'],
    ],
    body: null,
  }
}
