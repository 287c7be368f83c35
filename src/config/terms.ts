import * as v from 'valibot'
import { parseMoney } from '../core/offer.ts'
import { DAY, names, REVOCATION_BOUND_SECONDS, seconds, text } from './values.ts'

export const limits = v.strictObject({
  connectSeconds: v.optional(seconds(0.1, 60)),
  responseSeconds: v.optional(seconds(0.1, 600)),
  maxSessionSeconds: v.optional(seconds(1, DAY)),
})

const price = v.pipe(
  v.strictObject({ amount: text, currency: text }),
  v.check(
    ({ amount, currency }) => parseMoney(amount, currency) !== undefined,
    'expected a decimal string such as "0.25", at most 9 decimals, and an ISO 4217 code in capitals',
  ),
)

const cache = v.union(
  [
    v.literal('off'),
    v.literal('shared'),
    v.strictObject({
      key: v.optional(v.picklist(['account', 'plan'])),
      maxAgeSeconds: v.optional(seconds(0, REVOCATION_BOUND_SECONDS)),
    }),
  ],
  `expected "off", "shared" or {key: "account" or "plan", maxAgeSeconds: at most ${REVOCATION_BOUND_SECONDS}}`,
)

const termsEntries = {
  free: v.optional(v.literal(true, 'expected true, or nothing')),
  closed: v.optional(v.literal(true, 'expected true, or nothing')),
  requires: v.optional(names),
  price: v.optional(price),
  offer: v.optional(
    v.union(
      [v.literal(false), v.strictObject({ title: v.optional(text), description: v.optional(text) })],
      'expected false or {title, description}',
    ),
  ),
  cache: v.optional(cache),
  limits: v.optional(limits),
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

export const terms = v.pipe(
  v.strictObject(termsEntries),
  v.check((given) => isOneKind(given), ONE_KIND),
)

const METHOD = /^[A-Z][A-Z-]*$/
const PATH = /^\/(?:[^/*?#\\\s;]+\/|\*\/)*(?:[^/*?#\\\s;]+|\*)?$/

const path = v.pipe(
  text,
  v.regex(
    PATH,
    'expected a path such as "/", "/articles/*" or "/a/*/b": "*" is a whole segment, and no query, ";", white space or "//"',
  ),
  v.check((value) => isDecodable(value), 'expected escapes that are UTF-8'),
  v.check(
    (value) => !value.split('/').some((segment) => /^(?:\.|%2e){1,2}$/i.test(segment)),
    'expected no "." or ".." segments',
  ),
  v.check(
    (value) => !/^\/__faregate(?:\/|$)/i.test(value),
    "expected a path outside /__faregate, which is the gate's own",
  ),
)

function isDecodable(value: string): boolean {
  try {
    return !/[/\\;?#%]/.test(value.split('/').map(decodeURIComponent).join(''))
  } catch {
    return false
  }
}

export const route = v.pipe(
  v.strictObject({
    path,
    methods: v.optional(
      v.pipe(
        v.array(v.pipe(text, v.regex(METHOD, 'expected a method in capitals'))),
        v.minLength(1, 'expected at least one'),
      ),
    ),
    ...termsEntries,
  }),
  v.check((given) => isOneKind(given), ONE_KIND),
)
