import type { Offer } from '../access/offer.ts'
import { paymentFor, type Refusal, type Remedy } from '../core/problem.ts'
import { describeRefusal, type RequestRef } from './describe.ts'
import { compileTemplate, slot, type Template } from '../core/template.ts'
import type { Zone } from '../zone.ts'
import { policyOf, refusalPage } from './html.ts'
import type { Rail } from '../rails/rail.ts'
import { EXPOSED_FIELDS } from '../content/shape.ts'

/** Where a refusal happened: as much of the site as was known by then. */
export interface RefusalContext {
  readonly zone: Zone | undefined
  readonly rails: readonly Rail[]
  readonly offer: Offer | undefined
}

/** All that one kind of refusal says every time. The slots are for the request's id and the URL to return to. */
export interface RefusalTemplate {
  readonly reason: string
  readonly status: number
  readonly common: Headers
  readonly body: Template
  readonly links: readonly Template[]
}

/** An offer belongs to one zone, and a zone to one list of rails; the sentences of refusals are few. */
type RefusalTemplates = WeakMap<object, Map<string, RefusalTemplate>>

const problems: RefusalTemplates = new WeakMap()
const pages: RefusalTemplates = new WeakMap()
const nowhere = {}

/** The notice of a refusal: made the first time it is needed, since most requests are refused as others were before. */
export function refusalTemplateOf(refusal: Refusal, place: RefusalContext, isPage: boolean): RefusalTemplate {
  const notices = isPage ? pages : problems
  const where = place.offer ?? place.zone ?? nowhere
  const known = notices.get(where) ?? new Map<string, RefusalTemplate>()
  const notice = known.get(refusal.detail)
  if (notice?.reason === refusal.reason) return notice
  const fresh = makeNotice(refusal, place, isPage)
  notices.set(where, known.set(refusal.detail, fresh))
  return fresh
}

function makeNotice(refusal: Refusal, { zone, rails, offer }: RefusalContext, isPage: boolean): RefusalTemplate {
  const ref = { id: slot(0), returnTo: slot(1) }
  const refused = describeRefusal(refusal, ref, zone, offer)
  const common = new Headers(isPage ? PAGE_FIELDS : PROBLEM_FIELDS)
  if (isPage) common.set('Content-Security-Policy', policyOf(refusal.reason))
  if (zone !== undefined) {
    for (const rail of rails) {
      for (const [name, value] of rail.challenge({ zone, refusal, offer })) common.append(name, value)
    }
  }
  return {
    reason: refusal.reason,
    status: refused.status,
    common,
    body: compileTemplate(isPage ? refusalPage(refused, refusal) : JSON.stringify(refused)),
    links: withPayment(refused.remedies, refusal, zone, ref.returnTo).map(linkTemplate),
  }
}

/** The page on which a price is confirmed. It is its reader's alone: no other site may read the balance. */
export function confirmPage(
  refusal: Refusal,
  ref: RequestRef,
  { zone, offer }: RefusalContext,
  { common: usual }: RefusalTemplate,
): { readonly common: Headers; readonly body: string } {
  const common = new Headers(usual)
  for (const [name] of READABLE_FIELDS) common.delete(name)
  common.set('Content-Security-Policy', policyOf(refusal.reason, true))
  return { common, body: refusalPage(describeRefusal(refusal, ref, zone, offer), refusal) }
}

/** A program looks for `rel="payment"` whatever the reason, so it is there even where another remedy is better. */
function withPayment(
  remedies: readonly Remedy[],
  { reason }: Refusal,
  zone: Zone | undefined,
  returnTo: string,
): readonly Remedy[] {
  if (zone === undefined || remedies.some(({ rel }) => rel === 'payment')) return remedies
  const payment = paymentFor(reason, zone.remedies, returnTo)
  return payment === undefined ? remedies : [...remedies, payment]
}

function linkTemplate({ href, rel, title }: Remedy): Template {
  return compileTemplate(`<${href}>; rel="${rel}"; title="${title}"`)
}

/** A refusal that waits for nothing takes no time that a runtime shows. */
export const NO_TIME: [string, string] = ['Server-Timing', 'gate;dur=0']

/** By any program: no credential of the reader is in it. */
const READABLE_FIELDS: [string, string][] = [
  ['Access-Control-Allow-Origin', '*'],
  ['Access-Control-Expose-Headers', EXPOSED_FIELDS],
]
const COMMON_FIELDS: [string, string][] = [['Cache-Control', 'no-store'], NO_TIME, ...READABLE_FIELDS]
const PROBLEM_FIELDS: [string, string][] = [...COMMON_FIELDS, ['Content-Type', 'application/problem+json']]
const PAGE_FIELDS: [string, string][] = [
  ...COMMON_FIELDS,
  ['Content-Type', 'text/html; charset=utf-8'],
  // Other sites are told no address; ours is, or browsers would send `Origin: null` with a form.
  ['Referrer-Policy', 'same-origin'],
  ['X-Content-Type-Options', 'nosniff'],
]
