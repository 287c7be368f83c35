import * as v from 'valibot'
import { mayBeGiven } from '../http/rules/fields.ts'
import { looksLikeJwk, readPrivateJwk } from '../origin/rules/signing.ts'
import { limits } from './terms.ts'
import { HS256_BYTES, secretName, seconds, shownName, text, whole } from './rules/values.ts'

const serverUrl = v.pipe(
  text,
  v.check((value) => URL.parse(value) !== null && /^https?:\/\//.test(value), 'expected an http or https URL'),
  v.check((value) => !/[?#@]/.test(value), 'expected no query, fragment or credentials in the URL'),
)

const memberEntries = {
  weight: v.optional(whole(0, 1_000_000), 1),
  limits: v.optional(
    v.strictObject({ connectSeconds: v.optional(seconds(0.1, 60)), responseSeconds: v.optional(seconds(0.1, 600)) }),
  ),
  maxConcurrent: v.optional(whole(1, 1_000_000)),
}

function serverSchema(bindings: ReadonlySet<string>) {
  const byUrl = v.strictObject({ url: serverUrl, ...memberEntries })
  const binding = v.pipe(
    text,
    v.check(
      (name) => bindings.has(name),
      (issue) => `the environment has no binding of the name ${shownName(issue.input)}`,
    ),
  )
  const byBinding = v.strictObject({ binding, ...memberEntries })
  return v.lazy((given) => (typeof given === 'object' && given !== null && 'binding' in given ? byBinding : byUrl))
}

const choose = v.union(
  [v.literal('weight'), v.strictObject({ hash: v.picklist(['path', 'account']) })],
  'expected "weight", {hash: "path"} or {hash: "account"}',
)

const health = v.pipe(
  v.strictObject({
    failures: v.optional(whole(1, 1000), 3),
    ejectSeconds: v.optional(seconds(0.1, 3600), 5),
    maxEjectSeconds: v.optional(seconds(0.1, 3600), 60),
  }),
  v.check(
    (policy) => policy.ejectSeconds <= policy.maxEjectSeconds,
    'expected ejectSeconds to be at most maxEjectSeconds',
  ),
)

const retries = v.lazy((given) =>
  given === false
    ? v.literal(false)
    : v.strictObject({ most: v.optional(whole(0, 10), 2), budgetPercent: v.optional(whole(0, 100), 20) }),
)

/** Names the fault of a secret, but nothing of its content. */
function signSchema(secrets: ReadonlyMap<string, string>) {
  const isSound = (name: string): boolean => {
    const secret = secrets.get(name)
    return secret === undefined || !looksLikeJwk(secret) || readPrivateJwk(secret) !== undefined
  }
  return v.strictObject({
    key: v.pipe(
      secretName(secrets, HS256_BYTES),
      v.check(isSound, 'expected the secret to be a private JWK, EC P-256 or Ed25519, or no JSON at all'),
    ),
    keyId: v.optional(text),
    lifetimeSeconds: v.optional(seconds(1, 3600), 30),
  })
}

/** RFC 9110 §5.5, limited to ASCII. */
const FIELD_VALUE = /^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/

/** Names the fault of a value, but nothing of its content. */
function fieldsSchema(secrets: ReadonlyMap<string, string>) {
  const name = v.pipe(
    v.string(),
    v.check((given) => /^[\w!#$%&'*+.^`|~-]+$/.test(given), 'expected the name of a field'),
    v.check(
      (given) => mayBeGiven(given),
      'expected a field that the gate does not write or take off itself: it would tell servers something else of the request',
    ),
  )
  const isSound = (given: string): boolean => FIELD_VALUE.test(secrets.get(given) || 'none, which is another fault')
  const bySecret = v.strictObject({
    secret: v.pipe(
      secretName(secrets, 1),
      v.check(isSound, 'expected the secret to be the value of a field: printable ASCII, without space at its ends'),
    ),
  })
  const literal = v.pipe(
    v.string('expected a string or {secret: "NAME"}'),
    v.check((given) => FIELD_VALUE.test(given), 'expected printable ASCII, without space at its ends'),
  )
  return v.record(
    name,
    v.lazy((given) => (typeof given === 'object' && given !== null ? bySecret : literal)),
  )
}

/** The origin of a zone. */
export function originSchema(secrets: ReadonlyMap<string, string>, bindings: ReadonlySet<string>) {
  return v.strictObject({
    servers: v.pipe(
      v.array(serverSchema(bindings)),
      v.minLength(1, 'expected at least one'),
      v.check(
        (servers) => servers.length === 0 || servers.some(({ weight }) => weight > 0),
        'expected at least one server with a weight above 0',
      ),
    ),
    limits: v.optional(limits),
    choose: v.optional(choose, 'weight'),
    health: v.optional(health, {}),
    retries: v.optional(retries, {}),
    sign: v.optional(signSchema(secrets)),
    host: v.optional(v.picklist(['zone', 'server'], 'expected "zone" or "server"')),
    fields: v.optional(fieldsSchema(secrets)),
  })
}

type CheckedOrigin = v.InferOutput<ReturnType<typeof originSchema>>
export type { CheckedOrigin }
