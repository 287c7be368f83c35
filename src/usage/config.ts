import * as v from 'valibot'
import type { Bindings } from '../config/rules/bindings.ts'
import { HS256_BYTES, isSafeUrl, safeUrl, secretName, shownName, text } from '../config/rules/values.ts'

/** Below that it is no token that anybody issues. */
const TOKEN_BYTES = 16
const STRIPE = 'https://api.stripe.com'
/** The id of a record and one of these make an identifier, of which Stripe takes 100 characters: as many as an `event_name`. */
const MAX_COUNT_NAME = 50
const MAX_EVENT_NAME = 100

const base = v.pipe(
  safeUrl,
  v.check(
    (value) => !isSafeUrl(value) || !/[?#@]/.test(value),
    'expected no query, fragment or credentials in the URL',
  ),
)

const meters = v.pipe(
  v.record(
    v.pipe(text, v.maxLength(MAX_COUNT_NAME, `expected at most ${MAX_COUNT_NAME} characters`)),
    v.pipe(text, v.maxLength(MAX_EVENT_NAME, `expected at most ${MAX_EVENT_NAME} characters`)),
  ),
  v.check((names) => Object.keys(names).length > 0, 'expected at least one, such as {requests: "api_requests"}'),
)

const nobody = v.never('expected {url, secret}, {queue}, {openmeter: {url, token}} or {stripe: {key, meters}}')

/** Where usage goes: one of four forms, told apart by the option that only it has. Secrets are replaced by their values. */
export function usageSchema({ secrets, queues }: Pick<Bindings, 'secrets' | 'queues'>) {
  const valueOf = (name: string): string => secrets.get(name) ?? ''
  const token = secretName(secrets, TOKEN_BYTES)
  const signed = v.pipe(
    v.strictObject({ url: safeUrl, secret: secretName(secrets, HS256_BYTES) }),
    v.transform(({ url, secret }) => ({ kind: 'signed' as const, url, secret: valueOf(secret) })),
  )
  const queue = v.pipe(
    v.strictObject({ queue: queueName(queues) }),
    v.transform((target) => ({ kind: 'queue' as const, ...target })),
  )
  const openmeter = v.pipe(
    v.strictObject({ openmeter: v.strictObject({ url: base, token }) }),
    v.transform(({ openmeter: { url, token: name } }) => ({ kind: 'openmeter' as const, url, token: valueOf(name) })),
  )
  const stripe = v.pipe(
    v.strictObject({ stripe: v.strictObject({ key: token, meters, url: v.optional(base, STRIPE) }) }),
    v.transform(({ stripe: { key, ...target } }) => ({ kind: 'stripe' as const, ...target, key: valueOf(key) })),
  )
  return v.lazy((given) => {
    if (typeof given !== 'object' || given === null) return nobody
    if ('queue' in given) return queue
    if ('openmeter' in given) return openmeter
    if ('stripe' in given) return stripe
    return 'url' in given || 'secret' in given ? signed : nobody
  })
}

function queueName(queues: ReadonlySet<string>) {
  return v.pipe(
    text,
    v.check(
      (name) => queues.has(name),
      (issue) => `the environment has no queue of the name ${shownName(issue.input)}`,
    ),
  )
}

export type UsageTarget = v.InferOutput<ReturnType<typeof usageSchema>>
