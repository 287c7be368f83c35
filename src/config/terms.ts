import * as v from 'valibot'
import { mayBeAllowed, mayBeListed } from '../http/rules/fields.ts'
import { parseInstant } from '../core/instant.ts'
import { DEFAULT_METERING } from '../access/limit.ts'
import { path, query } from './path.ts'
import { type CheckedCounts, type CheckedQuotas, counts, quotas } from './quotas.ts'
import type { MeterPlugin } from '../meters/plugin.ts'
import { billing, isAloneWithProtocol, isFreeIfOfBilling, OF_BILLING, OF_PROTOCOL, protocol } from './alone.ts'
import type { ratesSchema } from './rates.ts'
import { DAY, names, REVOCATION_BOUND_SECONDS, seconds, text } from './rules/values.ts'
import { parseMoney } from '../core/money.ts'
import { hasOneCurrency, hasPaymentsOnlyIfPriced, ONE_CURRENCY, paymentEntries, PRICED_ONLY } from './payments.ts'
import { isSharedIfPreviewed, PREVIEW_SHARED, previewSchema } from './preview.ts'

export const limits = v.strictObject({
  connectSeconds: v.optional(seconds(0.1, 60)),
  responseSeconds: v.optional(seconds(0.1, 600)),
  maxSessionSeconds: v.optional(seconds(1, DAY)),
  stallSeconds: v.optional(seconds(0.1, 600)),
})

const price = v.pipe(
  v.strictObject({ amount: text, currency: text, per: v.optional(text) }),
  v.check(
    ({ amount, currency }) => parseMoney(amount, currency) !== undefined,
    'expected a decimal string such as "0.25", at most 9 decimals, and an ISO 4217 code in capitals',
  ),
  v.check(
    ({ amount, currency }) => parseMoney(amount, currency)?.units !== 0n,
    'expected a price above zero: what costs nothing is "free", or has "requires" alone',
  ),
)

const YEAR = 366 * DAY
const FIELD_NAME = /^[\w!#$%&'*+.^`|~-]+$/
const parameters = v.pipe(
  v.array(
    v.pipe(
      text,
      v.regex(/^[^*&=#\s]*\*?$/, 'expected a parameter name, or a prefix and "*"'),
      v.check(
        (name) => !/\.\*$|[\\^|(]/.test(name),
        'expected a parameter name or a prefix and "*", and no expression',
      ),
    ),
  ),
  v.maxLength(100, 'expected at most 100'),
)
const fieldName = v.pipe(
  text,
  v.regex(FIELD_NAME, 'expected the name of a field'),
  v.check((name) => !name.includes('*'), 'expected the whole name of a field: "*" stands for nothing here'),
  v.toLowerCase(),
  v.check((name) => mayBeListed(name), 'expected a field that may reach an origin without telling who asks'),
)

/** A field that the operator vouches for. */
export const allowedField = v.pipe(
  text,
  v.regex(FIELD_NAME, 'expected the name of a field'),
  v.check((name) => !name.includes('*'), 'expected the whole name of a field: "*" stands for nothing here'),
  v.toLowerCase(),
  v.check(
    (name) => mayBeAllowed(name),
    "expected a field that neither frames the message, nor pays, nor is the gate's own",
  ),
)

const MAX_COPY_BYTES = 64 * 1024 * 1024
const bytes = `expected a number of bytes from 0 to ${MAX_COPY_BYTES}`

const copy = v.strictObject({
  key: v.optional(v.picklist(['account', 'plan'], 'expected "account" or "plan"')),
  maxAgeSeconds: v.optional(seconds(0, REVOCATION_BOUND_SECONDS)),
  fresh: v.optional(
    v.strictObject({
      defaultSeconds: v.optional(seconds(0, YEAR)),
      mostSeconds: v.optional(seconds(0, YEAR)),
      alwaysSeconds: v.optional(seconds(0, YEAR)),
      heuristicSeconds: v.optional(seconds(0, YEAR)),
    }),
  ),
  stale: v.optional(
    v.strictObject({
      whileRevalidateSeconds: v.optional(seconds(0, YEAR)),
      ifErrorSeconds: v.optional(seconds(0, YEAR)),
    }),
  ),
  query: v.optional(
    v.union(
      [v.strictObject({ only: parameters }), v.strictObject({ ignore: parameters })],
      'expected {only: [names]} or {ignore: [names]}',
    ),
  ),
  stripSetCookie: v.optional(v.boolean('expected true or false')),
  requestFields: v.optional(v.array(fieldName)),
  maxBytes: v.optional(
    v.pipe(v.number(bytes), v.integer(bytes), v.minValue(0, bytes), v.maxValue(MAX_COPY_BYTES, bytes)),
  ),
})

const cache = v.lazy((given) =>
  typeof given === 'object'
    ? copy
    : v.picklist(['off', 'shared'], 'expected "off", "shared" or an object such as {key: "account"}'),
)

const INSTANT = 'expected an RFC 3339 time such as "2026-12-31T00:00:00Z"'
const observe = v.strictObject({
  credentialed: v.optional(v.literal(true, 'expected true, or nothing')),
  until: v.pipe(
    v.string(INSTANT),
    v.check((value) => parseInstant(value) !== undefined, INSTANT),
  ),
})

export const confirmation = v.picklist(['always', 'other-sites'], 'expected "always" or "other-sites"')

const idempotency = v.strictObject({ keep: v.boolean('expected true or false') })

const meter = v.custom<MeterPlugin>(
  (value) =>
    typeof value === 'object' && value !== null && 'counted' in value && 'bound' in value && 'measure' in value,
  'expected a meter, such as reported({most: {rows: 1000}})',
)

const plainEntries = {
  free: v.optional(v.literal(true, 'expected true, or nothing')),
  closed: v.optional(v.literal(true, 'expected true, or nothing')),
  requires: v.optional(names),
  price: v.optional(price),
  confirm: v.optional(confirmation),
  offer: v.optional(
    v.union(
      [v.literal(false), v.strictObject({ title: v.optional(text), description: v.optional(text) })],
      'expected false or {title, description}',
    ),
  ),
  preview: v.optional(previewSchema),
  offers: v.optional(
    v.pipe(v.array(text, "expected a list of names such as ['monthly']"), v.minLength(1, 'expected at least one name')),
  ),
  cache: v.optional(cache),
  limits: v.optional(limits),
  counts: v.optional(counts),
  quotas: v.optional(quotas),
  observe: v.optional(observe),
  idempotency: v.optional(idempotency),
  credentials: v.optional(v.picklist([402, 401], 'expected 402 or 401')),
  meter: v.optional(meter),
  ...paymentEntries,
}

type Rates = ReturnType<typeof ratesSchema>

function termsEntries(rates: Rates) {
  return { ...plainEntries, rates: v.optional(rates) }
}

const ONE_KIND = 'expected exactly one of "free", "closed", or "requires" and/or "price"'

function isOneKind(terms: {
  free?: true | undefined
  closed?: true | undefined
  requires?: unknown
  price?: unknown
}): boolean {
  const paid = terms.requires !== undefined || terms.price !== undefined
  return [terms.free === true, terms.closed === true, paid].filter(Boolean).length === 1
}

const PAID_ONLY =
  'expected "offers", "preview", "counts", "quotas", "rates", "credentials", "meter", "idempotency" and "observe" only beside "requires" or "price"'

function hasPaidMembersOnlyIfPaid(terms: {
  free?: true | undefined
  closed?: true | undefined
  counts?: unknown
  quotas?: unknown
  rates?: unknown
  meter?: unknown
  observe?: unknown
  idempotency?: unknown
  credentials?: unknown
  offers?: unknown
  preview?: unknown
}) {
  const { counts: counted, quotas: own, rates, meter: metered, observe: observed, idempotency: repeated } = terms
  const ofPaid =
    counted ?? own ?? rates ?? metered ?? observed ?? repeated ?? terms.credentials ?? terms.offers ?? terms.preview
  return ofPaid === undefined || (terms.free ?? terms.closed) === undefined
}

const PER = 'expected "per" of the price to be one of the names in "counts", and at least 1 of it to be counted'

function hasCountedPrice(terms: { price?: { per?: string | undefined } | undefined; counts?: object | undefined }) {
  const { price, counts: counted = {} } = terms
  return price?.per === undefined || isCounted(price.per, counted)
}

const COUNTED =
  'expected the name or the unit of each of "quotas" to be one of the names in "counts" or of the meter: else it never counts'

function countsEveryQuota(terms: {
  quotas?: CheckedQuotas | undefined
  counts?: CheckedCounts | undefined
  meter?: MeterPlugin | undefined
}) {
  const { quotas: own = [], counts: ofRequest = DEFAULT_METERING.counts, meter: metered } = terms
  const ofMeter = Object.fromEntries((metered?.counted ?? []).map((name) => [name, 1]))
  const counted = { ...ofRequest, ...ofMeter }
  return own.every(({ name, unit }) => isCounted(Object.hasOwn(counted, name) ? name : unit, counted))
}

function isCounted(name: string, counts: object): boolean {
  return Object.entries(counts).some(([counted, units]) => counted === name && Number(units) > 0)
}

const UNCACHED = 'expected "cache" to be "off" beside "meter": of what is served from a copy nothing is counted'

function isUncachedIfMetered(terms: { meter?: unknown; cache?: unknown }) {
  return terms.meter === undefined || terms.cache === undefined || terms.cache === 'off'
}

const CREDENTIALED =
  'expected "observe" to have credentialed: true beside a meter that adds your key: else anyone spends your money meanwhile'

function observesCredentialed(terms: {
  meter?: MeterPlugin | undefined
  observe?: { credentialed?: true | undefined } | undefined
}) {
  const { meter: metered, observe: observed } = terms
  return metered?.addsCredential !== true || observed === undefined || observed.credentialed === true
}

/** The terms of a path. */
export function termsSchema(rates: Rates) {
  return v.pipe(
    v.strictObject(termsEntries(rates)),
    v.check((given) => isOneKind(given), ONE_KIND),
    v.check((given) => hasPaidMembersOnlyIfPaid(given), PAID_ONLY),
    v.check((given) => hasCountedPrice(given), PER),
    v.check((given) => countsEveryQuota(given), COUNTED),
    v.check((given) => isUncachedIfMetered(given), UNCACHED),
    v.check((given) => observesCredentialed(given), CREDENTIALED),
    v.check((given) => hasOneCurrency(given), ONE_CURRENCY),
    v.check((given) => hasPaymentsOnlyIfPriced(given), PRICED_ONLY),
    v.check((given) => isSharedIfPreviewed(given), PREVIEW_SHARED),
  )
}

const METHOD = /^[A-Z][A-Z-]*$/

const methods = v.pipe(
  v.array(v.pipe(text, v.regex(METHOD, 'expected a method in capitals'))),
  v.minLength(1, 'expected at least one'),
)

/** The terms with a path and methods. */
export function routeSchema(rates: Rates) {
  return v.pipe(
    v.strictObject({
      path,
      query: v.optional(query),
      methods: v.optional(methods),
      billing: v.optional(billing),
      protocol: v.optional(protocol),
      ...termsEntries(rates),
    }),
    v.check((given) => isAloneWithProtocol(given), OF_PROTOCOL),
    v.check((given) => isFreeIfOfBilling(given), OF_BILLING),
    v.check((given) => isOneKind(given), ONE_KIND),
    v.check((given) => hasPaidMembersOnlyIfPaid(given), PAID_ONLY),
    v.check((given) => hasCountedPrice(given), PER),
    v.check((given) => countsEveryQuota(given), COUNTED),
    v.check((given) => isUncachedIfMetered(given), UNCACHED),
    v.check((given) => observesCredentialed(given), CREDENTIALED),
    v.check((given) => hasOneCurrency(given), ONE_CURRENCY),
    v.check((given) => hasPaymentsOnlyIfPriced(given), PRICED_ONLY),
    v.check((given) => isSharedIfPreviewed(given), PREVIEW_SHARED),
  )
}
