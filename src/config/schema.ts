import * as v from 'valibot'
import { isLoopback } from '../core/exchange.ts'
import { ASYMMETRIC_ALGORITHMS } from '../core/issuer.ts'
import { parseMoney } from '../core/offer.ts'
import type { Rail } from '../rails/rail.ts'

/** Longest time a client may keep a paid response unasked: how soon a revocation takes hold. */
const REVOCATION_BOUND_SECONDS = 5
const DAY = 86_400

const text = v.pipe(v.string('expected a string'), v.nonEmpty('expected a string that is not empty'))
const names = v.pipe(
  v.union(
    [
      v.pipe(
        text,
        v.transform((name) => [name]),
      ),
      v.pipe(v.array(text), v.minLength(1, 'expected at least one')),
    ],
    'expected a string or a list of strings',
  ),
)

function seconds(least: number, most: number): v.GenericSchema<number> {
  const wanted = `expected a number of seconds from ${least} to ${most}`
  return v.pipe(v.number(wanted), v.finite(wanted), v.minValue(least, wanted), v.maxValue(most, wanted))
}

/** Fetching keys or content over plain http lets anyone on the way forge both. */
function isSafeUrl(value: string): boolean {
  const url = URL.parse(value)
  return url !== null && (url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(url.hostname)))
}

const serverUrl = v.pipe(
  text,
  v.check((value) => URL.parse(value) !== null && /^https?:\/\//.test(value), 'expected an http or https URL'),
  v.check((value) => !/[?#@]/.test(value), 'expected no query, fragment or credentials in the URL'),
)
const keysUrl = v.pipe(text, v.check(isSafeUrl, 'expected an https URL (http only on loopback)'))
const link = v.pipe(
  text,
  v.check(
    (value) => /^(https?:\/\/|mailto:)/.test(value) && URL.parse(value.replace('{return}', '')) !== null,
    'expected an http, https or mailto URL',
  ),
  v.check((value) => !/[\s"<>\\]/.test(value), 'expected no white space, quotes, angle brackets or backslashes'),
)
const documentation = v.pipe(
  link,
  v.check((value) => !value.includes('#'), 'expected no fragment: the reason becomes one'),
)

const limits = v.strictObject({
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

const terms = v.pipe(
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

const route = v.pipe(
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

const jwks = v.pipe(
  v.strictObject({
    url: keysUrl,
    refreshSeconds: v.optional(seconds(10, DAY), 600),
    staleSeconds: v.optional(seconds(0, 7 * DAY), DAY),
    cooldownSeconds: v.optional(seconds(1, 3600), 30),
    timeoutSeconds: v.optional(seconds(0.1, 30), 3),
  }),
  v.check(
    (policy) => policy.cooldownSeconds <= policy.refreshSeconds,
    'expected cooldownSeconds to be at most refreshSeconds',
  ),
  v.check(
    (policy) => policy.timeoutSeconds <= policy.refreshSeconds,
    'expected timeoutSeconds to be at most refreshSeconds',
  ),
)

/** RFC 8725 §3.11: a `typ` that means another kind of token may not be accepted as an entitlement. */
const OTHER_KINDS = new Set(['payment+jwt', 'secevent+jwt', 'statuslist+jwt', 'operator+jwt'])
const types = v.strictObject({
  entitlement: v.optional(
    v.pipe(
      names,
      v.check(
        (values) => !values.some((name) => OTHER_KINDS.has(name.toLowerCase().replace(/^application\//, ''))),
        'expected a "typ" that is not the one of another kind of token',
      ),
    ),
  ),
})

/** A secret is named, and read from the environment. */
function secretName(secrets: ReadonlyMap<string, string>, least: number): v.GenericSchema<string> {
  return v.pipe(
    text,
    v.check(
      (name) => secrets.has(name),
      (issue) => `the environment has no secret of the name ${JSON.stringify(issue.input)}`,
    ),
    v.check(
      (name) => !secrets.has(name) || new TextEncoder().encode(secrets.get(name)).length >= least,
      `expected the secret to have at least ${least} bytes`,
    ),
  )
}

const HS256_BYTES = 32
const ACCOUNT_KEY_BYTES = 16

function issuerSchema(secrets: ReadonlyMap<string, string>) {
  return v.pipe(
    v.strictObject({
      issuer: text,
      audience: v.optional(text),
      jwks: v.optional(jwks),
      keys: v.optional(v.pipe(v.array(v.record(v.string(), v.unknown())), v.minLength(1, 'expected at least one'))),
      secret: v.optional(secretName(secrets, HS256_BYTES)),
      algorithms: v.optional(
        v.pipe(
          v.array(v.picklist([...ASYMMETRIC_ALGORITHMS, 'HS256'], 'expected a JWS algorithm such as ES256')),
          v.minLength(1, 'expected at least one'),
        ),
      ),
      types: v.optional(types),
      claims: v.optional(
        v.strictObject({ entitlements: v.optional(text), plan: v.optional(text), standing: v.optional(text) }),
      ),
      clockToleranceSeconds: v.optional(seconds(0, 300), 5),
      maxLifetimeSeconds: v.optional(seconds(1, 366 * DAY), DAY),
    }),
    v.check(
      ({ jwks: url, keys, secret }) => [url, keys, secret].filter((source) => source !== undefined).length === 1,
      'expected exactly one of "jwks", "keys" and "secret"',
    ),
    v.check(
      ({ secret, algorithms }) =>
        algorithms === undefined ||
        (secret === undefined ? !algorithms.includes('HS256') : algorithms.every((name) => name === 'HS256')),
      'expected HS256 with a secret alone, and never beside public keys',
    ),
  )
}

const rail = v.custom<Rail>(
  (value) => typeof value === 'object' && value !== null && 'present' in value,
  'expected a rail, such as bearer()',
)

const HOST = /^(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*|\[[0-9a-f:]+\])$/

function zoneSchema(secrets: ReadonlyMap<string, string>, bindings: ReadonlySet<string>, needsOrigin: boolean) {
  const server = v.union(
    [
      v.strictObject({ url: serverUrl }),
      v.strictObject({
        binding: v.pipe(
          text,
          v.check(
            (name) => bindings.has(name),
            (issue) => `the environment has no binding of the name ${JSON.stringify(issue.input)}`,
          ),
        ),
      }),
    ],
    'expected {url} or {binding}',
  )
  const origin = v.strictObject({
    servers: v.pipe(v.array(server), v.length(1, 'expected one server: a pool of several is not supported yet')),
    limits: v.optional(limits),
  })
  return v.strictObject({
    name: v.pipe(text, v.regex(/^[\w.-]+$/, 'expected letters, digits, "-", "_" and "."')),
    hosts: v.pipe(
      v.array(v.pipe(text, v.regex(HOST, 'expected a host name in lower case, without port'))),
      v.minLength(1, 'expected at least one'),
    ),
    audience: text,
    issuers: v.pipe(v.array(issuerSchema(secrets)), v.minLength(1, 'expected at least one')),
    rails: v.optional(v.pipe(v.array(rail), v.minLength(1, 'expected at least one'))),
    origin: needsOrigin ? v.nonOptional(origin, 'expected an origin: {servers: [{url}]}') : v.optional(origin),
    routes: v.array(route),
    unmatched: v.union(
      [v.literal('free'), v.literal('closed'), terms],
      'expected "free", "closed" or terms: what a path gets that no route matches',
    ),
    remedies: v.strictObject({
      checkout: v.optional(link),
      signIn: v.optional(link),
      account: v.optional(link),
      portal: v.optional(link),
      support: v.optional(link),
      documentation,
    }),
  })
}

/** The shape of a configuration, given what the environment has. Its messages name what is expected, never a secret. */
export function optionsSchema(
  secrets: ReadonlyMap<string, string>,
  bindings: ReadonlySet<string>,
  needsOrigin: boolean,
) {
  return v.strictObject({
    zones: v.pipe(v.array(zoneSchema(secrets, bindings, needsOrigin)), v.minLength(1, 'expected at least one zone')),
    log: v.optional(v.strictObject({ accountKey: v.optional(secretName(secrets, ACCOUNT_KEY_BYTES)) })),
  })
}

type Checked = v.InferOutput<ReturnType<typeof optionsSchema>>
export type CheckedOptions = Checked
export type CheckedZone = Checked['zones'][number]
export type CheckedIssuer = CheckedZone['issuers'][number]
export type CheckedTerms = v.InferOutput<typeof terms>
export type CheckedRoute = CheckedZone['routes'][number]
