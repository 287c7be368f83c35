import * as v from 'valibot'
import { ASYMMETRIC_ALGORITHMS, GATE_TOKEN_TYPES, isPublicKey, mediaSubtype, TOKEN_TYPES } from '../access/issuer.ts'
import { placeholderIn } from '../http/rules/pattern.ts'
import { ASSERTION_TYPE } from '../origin/rules/signing.ts'
import { accessSchema } from './accessoptions.ts'
import { distrustEntries } from './distrust.ts'
import { claimsSchema } from './mapping.ts'
import { DAY, HOUR, HS256_BYTES, isSafeUrl, names, safeUrl, secretName, seconds, text } from './rules/values.ts'

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

export function issuerSchema(secrets: ReadonlyMap<string, string>) {
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

export function operatorSchema(secrets: ReadonlyMap<string, string>) {
  return v.pipe(
    v.strictObject({ ...signerEntries(secrets, HOUR), access: v.optional(accessSchema) }),
    v.check((signer) => hasOneSource(signer), ONE_SOURCE),
    v.check((signer) => hasFittingAlgorithms(signer), FITTING),
  )
}
