/**
 * Precompiles refusals. Refusals are frequent, and nearly all of one kind are equal.
 *
 * A template is made at the first refusal of a reason, detail, format, and offer or zone. Its slots take the request's id, the
 * return URL and the reference, so that a refusal costs three insertions instead of a rendered page. Values of one request must stay
 * out of a template, or the next reader would see them: `withoutRequestValues` removes them, and `writeAnew` writes a
 * refusal that needs them.
 */
import { type Offer, statusesOf } from '../access/offer.ts'
import { type Refusal } from '../core/problem.ts'
import { linksBeside, type LinkValues, paymentFor, type Remedy } from '../core/remedy.ts'
import { namesResource, withResource } from './bodyslots.ts'
import { describeRefusal, type RefusedView, type RequestRef, requestRefOf } from './describe.ts'
import {
  compileTemplate,
  type EncodedTemplate,
  encodeTemplate,
  bytesOfText,
  fill,
  hasSlots,
  slot,
  type Template,
} from '../core/template.ts'
import type { Zone } from '../zone.ts'
import {
  bytesOf,
  challengeOnce,
  LAST_BYTES,
  LEAST_LINK_BYTES,
  MAX_FIELDS_BYTES,
  NO_CHALLENGE,
  OWN_BYTES,
  type RailsChallenge,
  type StaticChallenge,
} from './challenge.ts'
import type { RefusalFormat, WrittenFor } from './format.ts'
import type { ArticleFacts } from '../access/article.ts'
import type { Route } from '../access/route.ts'
import type { Rail } from '../rails/rail.ts'
import { EXPOSED_FIELDS } from '../http/cors.ts'
import type { Exchange, Field } from '../http/rules/exchange.ts'

/** The context of a refusal, as far as it was known. */
export interface RefusalContext {
  readonly site: RefusingSite | undefined
  readonly route: Route | undefined
  /** The reference of the refused request, if it gets one. */
  readonly reference?: string | undefined
  /** The public facts of the refused page, if they are known. */
  readonly article?: ArticleFacts | undefined
  /** The country that the request comes from (ISO 3166-1 alpha-2), if it has prices of its own. */
  readonly country?: string | undefined
}

/** The parts of a site that refusals are made from. */
export interface RefusingSite {
  readonly zone: Zone
  readonly rails: readonly Rail[]
  readonly refusals: readonly RefusalFormat[]
}

/**
 * The constant part of one kind of refusal. Its slots take the request's id, the return URL, the reference, the origin, and
 * then what the format says of the page.
 */
export interface RefusalTemplate {
  readonly reason: string
  readonly status: number
  readonly common: Headers
  /** The format's fields that contain slots. */
  readonly slotted: readonly (readonly [name: string, value: Template])[]
  readonly body: EncodedTemplate
  /** True if the body names the URL of the page. */
  readonly namesResource: boolean
  readonly links: readonly Template[]
  /** How many of these come from rails and format; the others are remedies. */
  readonly writtenLinks: number
  readonly challenge: StaticChallenge
  /** The bytes of the fields, without `Link`. */
  readonly bytes: number
  /** Returns what fills the slots for the page. */
  readonly articleParts: (article: ArticleFacts | undefined) => readonly Uint8Array[]
}

/**
 * Templates by detail, for each offer or zone. An offer belongs to one zone, a zone has one list of rails, and details are
 * few.
 */
type RefusalTemplates = WeakMap<object, Map<string, RefusalTemplate>>

const templates = new WeakMap<RefusalFormat, RefusalTemplates>()
const noZone = {}

/** Returns the template of a refusal, and makes it at the first refusal of that kind. */
export function refusalTemplateOf(
  refusal: Refusal,
  exchange: Exchange,
  context: RefusalContext,
  format: RefusalFormat,
): RefusalTemplate {
  const how = writtenFor(exchange, context, format)
  const ofFormat = templates.get(format) ?? new WeakMap<object, Map<string, RefusalTemplate>>()
  const owner = offerOf(context) ?? context.site?.zone ?? noZone
  const known = ofFormat.get(owner) ?? new Map<string, RefusalTemplate>()
  // One sentence may follow from several checks, and the body names the check.
  const kind = `${how.language} ${how.country} ${context.reference === undefined ? '' : 'referred '}${refusal.facts?.views?.resetsAt} ${refusal.check} ${refusal.status} ${refusal.detail}`
  const template = known.get(kind)
  if (template?.reason === refusal.reason) return template
  const fresh = makeTemplate(refusal, exchange, context, format, how)
  if (known.size < MOST_KINDS) templates.set(format, ofFormat.set(owner, known.set(kind, fresh)))
  return fresh
}

/** How many kinds of one owner are remembered: a detail that quotes a client would else fill the memory. */
const MOST_KINDS = 200

export function offerOf({ route }: RefusalContext): Offer | undefined {
  return route?.terms.kind === 'paid' ? route.terms.offer : undefined
}

function makeTemplate(
  refusal: Refusal,
  exchange: Exchange,
  context: RefusalContext,
  format: RefusalFormat,
  how: VariantFor,
): RefusalTemplate {
  const { site } = context
  const kind = withoutRequestValues(refusal)
  const ref = { id: slot(0), returnTo: slot(1), reference: context.reference && slot(2), origin: slot(3) }
  const refused = describeIn(kind, ref, context, how)
  const common = commonFields(site)
  const room = MAX_FIELDS_BYTES - LAST_BYTES - OWN_BYTES - LEAST_LINK_BYTES - FORMAT_BYTES - bytesOf(common)
  const status = format.statusFor?.(refused.status) ?? refused.status
  const isRefusal = status === refused.status || format.isEnvelope === true
  const challenge =
    site === undefined || !isRefusal
      ? NO_CHALLENGE
      : challengeOnce({ ...site, offer: offerOf(context) }, kind, exchange, room, refused.status)
  const told = { ...how, challenges: challenge.fields, origin: ref.origin }
  const text = format.write(refused, kind, challenge.members, told)
  const fixed = [...common, ...text.fields.filter(([, value]) => !hasSlots(value)), ...challenge.fields]
  const slotted = text.fields.filter(([, value]) => hasSlots(value))
  // `Link` is one field: that of a request takes the place of what a format or a rail wrote.
  const written = fixed.filter(isLink).map(([, value]) => compileTemplate(value))
  const links = isRefusal ? withPayment(refused.remedies, kind, site?.zone, ref).map(linkTemplate) : []
  return {
    reason: refusal.reason,
    status,
    common: new Headers(fixed.map(([name, value]) => [name, value])),
    slotted: slotted.map(([name, value]) => [name, compileTemplate(value)]),
    body: encodeTemplate(compileTemplate(text.body)),
    namesResource: namesResource(text.body),
    links: [...written, ...links],
    writtenLinks: written.length,
    challenge,
    bytes: bytesOf(fixed) + slotted.length * SLOTTED_BYTES,
    articleParts: rememberedParts((article) => format.article?.(article, refused, how) ?? NO_PARTS),
  }
}

const NO_PARTS: readonly string[] = []

type WriteParts = (article: ArticleFacts | undefined) => readonly string[]

/** Remembers what is written of each page: its facts are the same object for as long as they are kept. */
function rememberedParts(write: WriteParts): RefusalTemplate['articleParts'] {
  let unknown: readonly Uint8Array[] | undefined
  const known = new WeakMap<ArticleFacts, readonly Uint8Array[]>()
  return (article) => {
    if (article === undefined) return (unknown ??= write(undefined).map(bytesOfText))
    const parts = known.get(article) ?? write(article).map(bytesOfText)
    known.set(article, parts)
    return parts
  }
}

/** For whom a refusal is written, and where that reader is if prices depend on it. */
interface VariantFor extends WrittenFor {
  readonly country: string | undefined
}

export function writtenFor(exchange: Exchange, { site, country }: RefusalContext, format: RefusalFormat): VariantFor {
  const zone = site?.zone
  if (zone === undefined) return NOWHERE
  return { zone, language: format.languageOf?.(exchange, zone) ?? '', country }
}

const NOWHERE: VariantFor = { zone: undefined, language: '', country: undefined }

/** Removes the values of one request: a template is shown to every later reader. */
function withoutRequestValues(refusal: Refusal): Refusal {
  const { form: _form, account: _account, fields: _fields, amounts: _amounts, hint: _hint, ...others } = refusal
  const { ownRemedy: _own, facts, ...kind } = others
  const views = facts?.views
  return { ...kind, ...(views && { facts: { views } }), retryAfterSeconds: undefined }
}

/** Returns true if a refusal contains values of one request. */
export function hasRequestValues({ form, amounts, hint, ownRemedy, facts }: Refusal): boolean {
  if (facts !== undefined && Object.keys(facts).some((name) => name !== 'views')) return true
  return form !== undefined || amounts !== undefined || hint !== undefined || ownRemedy !== undefined
}

/** Returns the links of a refusal with a remedy of its own. */
export function linksAnew(
  refusal: Refusal,
  ref: RequestRef,
  context: RefusalContext,
  { links, writtenLinks }: RefusalTemplate,
): readonly Template[] {
  const { remedies } = describeIn(refusal, ref, context, NOWHERE)
  return [...links.slice(0, writtenLinks), ...withPayment(remedies, refusal, context.site?.zone, ref).map(linkTemplate)]
}

/** Writes a refusal that contains values of one request. */
export function writeAnew(
  refusal: Refusal,
  ref: RequestRef,
  context: RefusalContext,
  format: RefusalFormat,
  { challenge }: RefusalTemplate,
  added: RailsChallenge,
  how: VariantFor,
  exchange: Exchange,
): { readonly common: Headers; readonly body: string } {
  const refused = describeIn(refusal, ref, context, how)
  const challenges = [...challenge.fields, ...added.fields]
  const written = format.write(refused, refusal, added.members, { ...how, challenges, origin: ref.origin })
  // A form has its reader's balance in it: no other site may read it.
  const common = refusal.form === undefined ? commonFields(context.site) : PRIVATE_FIELDS
  const fields = [...common, ...written.fields, ...challenge.fields]
  const parts = format.partsOf?.(exchange) ?? format.article?.(context.article, refused, how) ?? NO_PARTS
  const body = fill(compileTemplate(written.body), withResource([...OWN_SLOTS, ...parts], exchange))
  return { common: new Headers(fields.map(([name, value]) => [name, value])), body }
}

/** Returns the id, the return URL and the reference of this request. */
export function refIn(exchange: Exchange, { reference }: RefusalContext, { hasNoReturn }: RefusalFormat): RequestRef {
  const ref = hasNoReturn ? { id: exchange.id, origin: exchange.origin, returnTo: '' } : requestRefOf(exchange)
  return reference === undefined ? ref : { ...ref, reference }
}

/** The slots of the request itself: a refusal that is written for one request has none. */
const OWN_SLOTS = ['', '', '', '']

/** Returns the facts of a refusal in its context. */
export function describeIn(
  refusal: Refusal,
  ref: RequestRef,
  context: RefusalContext,
  { language, country }: VariantFor,
): RefusedView {
  return describeRefusal(refusal, ref, context.site?.zone, offerOf(context), {
    ...(context.route && statusesOf(context.route)),
    ...(language !== '' && { language }),
    country,
  })
}

/** Adds `rel="payment"` even if another remedy is better: programs look for it whatever the reason. */
function withPayment(
  remedies: readonly Remedy[],
  { reason, ownRemedy }: Refusal,
  zone: Zone | undefined,
  values: LinkValues,
): readonly Remedy[] {
  if (zone === undefined || remedies.some(({ rel }) => rel === 'payment')) return remedies
  const payment = paymentFor(reason, linksBeside(ownRemedy, zone.remedies), values)
  return payment === undefined ? remedies : [...remedies, payment]
}

function isLink([name]: Field): boolean {
  return name.toLowerCase() === 'link'
}

function linkTemplate({ href, rel, title }: Remedy): Template {
  return compileTemplate(`<${href}>; rel="${rel}"; title="${title}"`)
}

/** The bytes reserved for the fields of a format. */
const FORMAT_BYTES = 512
/** The bytes reserved for one field with slots, beyond its name. */
const SLOTTED_BYTES = 128

const PRIVATE_FIELDS: readonly Field[] = [['Cache-Control', 'no-store']]

/** Returns the fields of every refusal. Any program may read a refusal: no credential is in the text. */
function commonFields(site: RefusingSite | undefined): readonly Field[] {
  return [
    ...PRIVATE_FIELDS,
    ['Access-Control-Allow-Origin', '*'],
    ['Access-Control-Expose-Headers', site?.zone.exposedFields ?? EXPOSED_FIELDS],
  ]
}
