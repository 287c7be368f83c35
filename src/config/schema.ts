import * as v from 'valibot'
import { metersOf, serversOf } from './meters.ts'
import { ASYMMETRIC_ALGORITHMS, GATE_TOKEN_TYPES, isPublicKey, mediaSubtype, TOKEN_TYPES } from '../access/issuer.ts'
import { placeholderIn } from '../http/rules/pattern.ts'
import { ASSERTION_TYPE } from '../origin/rules/signing.ts'
import type { Rail } from '../rails/rail.ts'
import type { RefusalFormat } from '../refusals/format.ts'
import type { Bindings } from './rules/bindings.ts'
import { distrustEntries } from './distrust.ts'
import { ledgerSchema, ledgersSchema } from './ledger.ts'
import { claimsSchema } from './mapping.ts'
import { originSchema } from './origin.ts'
import { quotas } from './quotas.ts'
import { logSchema } from './log.ts'
import { secretsSchema } from './secrets.ts'
import { standing } from './standing.ts'
import type { UsageSink } from '../usage/sink.ts'
import { DAY, HOUR, HS256_BYTES, isSafeUrl, names, safeUrl, secretName, seconds, text } from './rules/values.ts'
import { ratesSchema } from './rates.ts'
import { allowedField, confirmation, routeSchema, termsSchema } from './terms.ts'
import { type EndpointFactory, isEndpointName } from '../endpoints/endpoint.ts'
import type { EventSource } from '../endpoints/eventsource.ts'

const link = v.pipe(
  text,
  v.check(
    (value) => /^(https?:\/\/|mailto:)/.test(value) && URL.parse(value.replace('{return}', '')) !== null,
    'expected an http, https or mailto URL',
  ),
  v.check((value) => !/[\s"<>\\]/.test(value), 'expected no white space, quotes, angle brackets or backslashes'),
  v.check((value) => !/[{}]/.test(value.replace('{return}', '')), 'expected no braces but those of one {return}'),
  v.check(
    (value) => !/[$:]return\b|\[return\]|%[sd](?![0-9a-f])/i.test(value),
    'expected {return}, and no other placeholder',
  ),
)
const documentation = v.pipe(
  link,
  v.check((value) => !value.includes('#'), 'expected no fragment: the reason becomes one'),
)

const jwks = v.pipe(
  v.strictObject({
    url: safeUrl,
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

/** RFC 8725 §3.11: the `typ` of another kind of token is never accepted for an entitlement. */
const { entitlement: _entitlement, ...others } = TOKEN_TYPES
const OTHER_KINDS = new Set<string>([...Object.values(others), ...Object.values(GATE_TOKEN_TYPES), ASSERTION_TYPE])
const types = v.pipe(
  v.strictObject({
    entitlement: v.optional(
      v.lazy((given) =>
        given === false
          ? v.literal(false)
          : v.pipe(
              names,
              v.check(
                (values) => !values.some((name) => OTHER_KINDS.has(mediaSubtype(name))),
                'expected a "typ" that is not the one of another kind of token',
              ),
            ),
      ),
    ),
    absent: v.optional(v.literal(true, 'expected true, or nothing')),
  }),
  v.check(
    ({ entitlement, absent }) => entitlement !== false || absent === undefined,
    'expected no "absent" beside "entitlement: false"',
  ),
)

const statusLists = v.strictObject({
  allow: v.pipe(
    v.array(
      v.pipe(
        text,
        v.check(isListEntry, 'expected an https URL as a parser writes it, no placeholder, and "*" only at its end'),
      ),
    ),
    v.minLength(1, 'expected at least one'),
  ),
  maxStaleSeconds: v.optional(seconds(0, 7 * DAY), HOUR),
  timeoutSeconds: v.optional(seconds(0.1, 30), 3),
})

/** Returns true for a URL in full, with the slash after the host: without it a prefix may match another host or port. */
function isListEntry(entry: string): boolean {
  const prefix = entry.replace(/\*$/, '')
  const url = URL.parse(prefix)
  if (url === null || url.href !== prefix || /[*#]/.test(prefix)) return false
  if (placeholderIn(url.pathname) !== undefined) return false
  return isSafeUrl(prefix) && url.username === '' && url.password === ''
}

const ENTRA = /^https:\/\/login\.microsoftonline\.com\/(?![0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}(?:\/|$))/

/** Tokens are never issued by a name that stands for many tenants, such as `common`; only an id names one. */
const issuerName = v.pipe(
  text,
  v.check((issuer) => !ENTRA.test(issuer), 'expected the id of a tenant: "common" and other names are no issuer'),
)

/** The options for verifying a signer's tokens of any kind. */
function signerEntries(secrets: ReadonlyMap<string, string>, maxLifetimeSeconds: number) {
  return {
    issuer: issuerName,
    audience: v.optional(text),
    jwks: v.optional(jwks),
    keys: v.optional(
      v.pipe(
        v.array(v.record(v.string(), v.unknown())),
        v.check((keys) => keys.some(isPublicKey), 'expected at least one public key: EC, OKP or RSA, and no "d"'),
      ),
    ),
    secret: v.optional(secretName(secrets, HS256_BYTES)),
    algorithms: v.optional(
      v.pipe(
        v.array(v.picklist([...ASYMMETRIC_ALGORITHMS, 'HS256'], 'expected a JWS algorithm such as ES256')),
        v.minLength(1, 'expected at least one'),
      ),
    ),
    clockToleranceSeconds: v.optional(seconds(0, 300), 5),
    ...distrustEntries,
    maxLifetimeSeconds: v.optional(seconds(1, 366 * DAY), maxLifetimeSeconds),
  }
}

interface Signer {
  jwks?: unknown
  keys?: unknown
  secret?: unknown
  algorithms?: string[] | undefined
}

const ONE_SOURCE = 'expected exactly one of "jwks", "keys" and "secret"'
function hasOneSource({ jwks: url, keys, secret }: Signer): boolean {
  return [url, keys, secret].filter((source) => source !== undefined).length === 1
}

const FITTING = 'expected HS256 with a secret alone, and never beside public keys'
function hasFittingAlgorithms({ secret, algorithms }: Signer): boolean {
  if (algorithms === undefined) return true
  return secret === undefined ? !algorithms.includes('HS256') : algorithms.every((name) => name === 'HS256')
}

function issuerSchema(secrets: ReadonlyMap<string, string>) {
  return v.pipe(
    v.strictObject({
      ...signerEntries(secrets, DAY),
      types: v.optional(types),
      claims: v.optional(claimsSchema),
      grants: v.optional(v.array(text)),
      idTokens: v.optional(v.literal(true, 'expected true, or nothing')),
      speaksFor: v.optional(v.pipe(v.array(text), v.minLength(1, 'expected at least one'))),
      statusLists: v.optional(statusLists),
    }),
    v.check((signer) => hasOneSource(signer), ONE_SOURCE),
    v.check((signer) => hasFittingAlgorithms(signer), FITTING),
  )
}

function operatorSchema(secrets: ReadonlyMap<string, string>) {
  return v.pipe(
    v.strictObject(signerEntries(secrets, HOUR)),
    v.check((signer) => hasOneSource(signer), ONE_SOURCE),
    v.check((signer) => hasFittingAlgorithms(signer), FITTING),
  )
}

const rail = v.custom<Rail>(
  (value) => typeof value === 'object' && value !== null && 'present' in value && 'kinds' in value,
  'expected a rail, such as bearer()',
)

const ENDPOINT_PATH = 'expected its path to be words of a-z, 0-9 and "-", with "/" between each two'

const source = v.pipe(
  v.custom<EventSource>(
    (value) =>
      typeof value === 'object' && value !== null && 'faults' in value && 'create' in value && 'endpoint' in value,
    'expected a source of events, as a factory makes it',
  ),
  v.check((value) => isEndpointName(value.endpoint?.path), ENDPOINT_PATH),
)

const endpoint = v.pipe(
  v.custom<EndpointFactory>(
    (value) => typeof value === 'object' && value !== null && 'create' in value && !('faults' in value),
    'expected an endpoint, such as account()',
  ),
  v.check((value) => isEndpointName(value.path), ENDPOINT_PATH),
)

const SINKS = 'expected a list of sinks, such as [signed({url, secret})]'
const sink = v.custom<UsageSink>(
  (value) => typeof value === 'object' && value !== null && 'faults' in value && 'create' in value && 'to' in value,
  'expected a sink, such as signed({url, secret})',
)
const sinks = v.pipe(v.array(sink, SINKS), v.minLength(1, 'expected at least one, or no "usage"'))

const refusalFormat = v.custom<RefusalFormat>(
  (value) => typeof value === 'object' && value !== null && 'accepts' in value && 'write' in value,
  'expected a format of refusals, such as html()',
)

const HOST = /^(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*|\[[0-9a-f:]+\])$/

const ORIGIN =
  'expected an origin as browsers write it, such as "https://app.example.com": https (http only on loopback), no path, no "*"'

function isWebOrigin(value: string): boolean {
  return isSafeUrl(value) && !value.includes('*') && URL.parse(value)?.origin === value
}

const KINDS = v.picklist(
  ['free', 'closed'],
  'expected "free", "closed" or terms: what a path gets that no route matches',
)

/** Part of keys, of cache tags and of names of objects: all of them are bounded. */
const MAX_ZONE_NAME = 64
const zoneName = v.pipe(
  text,
  v.regex(/^[\w.-]+$/, 'expected letters, digits, "-", "_" and "."'),
  v.maxLength(MAX_ZONE_NAME, `expected at most ${MAX_ZONE_NAME} characters`),
)

function zoneSchema({ secrets, servers, rates }: Bindings, needsOrigin: boolean) {
  const origin = originSchema(secrets, servers)
  const limited = ratesSchema(rates)
  const terms = termsSchema(limited)
  const entries = v.strictObject({
    name: zoneName,
    id: v.optional(zoneName),
    hosts: v.pipe(
      v.array(v.pipe(text, v.regex(HOST, 'expected a host name in lower case, without port'))),
      v.minLength(1, 'expected at least one'),
    ),
    origins: v.optional(v.array(v.pipe(v.string(ORIGIN), v.check(isWebOrigin, ORIGIN)))),
    audience: text,
    issuers: v.pipe(v.array(issuerSchema(secrets)), v.minLength(1, 'expected at least one')),
    operators: v.optional(v.array(operatorSchema(secrets))),
    rails: v.pipe(v.array(rail), v.minLength(1, 'expected at least one, such as bearer()')),
    refusals: v.optional(v.array(refusalFormat)),
    origin: v.optional(origin),
    routes: v.array(routeSchema(limited)),
    allowFields: v.optional(v.array(allowedField)),
    confirm: v.optional(confirmation),
    quotas: v.optional(quotas),
    standing: v.optional(standing),
    ledger: v.optional(ledgerSchema),
    rates: v.optional(limited),
    unmatched: v.lazy((given) => (typeof given === 'object' && given !== null ? terms : KINDS)),
    events: v.optional(v.array(source, 'expected a list of sources of events')),
    remedies: v.strictObject({
      checkout: v.optional(link),
      signIn: v.optional(link),
      account: v.optional(link),
      portal: v.optional(link),
      support: v.optional(link),
      documentation,
    }),
  })
  return v.pipe(
    entries,
    v.forward(
      v.partialCheck(
        [['origin'], ['routes'], ['unmatched']],
        (zone) => !needsOrigin || zone.origin !== undefined || serversOf(metersOf(zone)).length > 0,
        'expected an origin: {servers: [{url}]}',
      ),
      ['origin'],
    ),
  )
}

/** The schema of a configuration for this environment. Messages name the expected value, never a secret. */
export function optionsSchema(bindings: Bindings, needsOrigin: boolean) {
  const { secrets } = bindings
  return v.strictObject({
    zones: v.pipe(v.array(zoneSchema(bindings, needsOrigin)), v.minLength(1, 'expected at least one zone')),
    log: v.optional(logSchema(secrets)),
    endpoints: v.optional(v.array(endpoint, 'expected a list of endpoints, such as [account(), explain()]')),
    usage: v.optional(sinks),
    ledger: v.optional(ledgersSchema),
    secrets: v.optional(secretsSchema(secrets)),
  })
}

type Checked = v.InferOutput<ReturnType<typeof optionsSchema>>
export type CheckedOptions = Checked
export type CheckedZone = Checked['zones'][number]
export type CheckedIssuer = CheckedZone['issuers'][number]
export type CheckedOperator = NonNullable<CheckedZone['operators']>[number]
export type CheckedTerms = v.InferOutput<ReturnType<typeof termsSchema>>
export type CheckedCopy = Exclude<CheckedTerms['cache'], string | undefined>
export type CheckedRoute = CheckedZone['routes'][number]
