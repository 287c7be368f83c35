import * as v from 'valibot'
import { HOUR, isSafeUrl, names, secretName, seconds, text } from '../config/rules/values.ts'
import type { StripeSource } from '../zone.ts'

/** Stripe tells what became of accounts; their tokens are still signed by an issuer of the zone. */
export interface StripeOptions {
  /** Names the environment's secret of the webhook endpoint (`whsec_…`), or several while one is replaced. */
  secret: string | string[]
  /** The `iss` of the tokens whose accounts these are: one of the zone's issuers. */
  issuer: string
  /** What `sub` of those tokens is in Stripe: the customer's id, or the value of a field of metadata. Default `customer`. */
  subject?: 'customer' | { metadata: string }
  /**
   * Names the environment's secret with an API key that may read subscriptions, entitlements and customers. Without it an
   * event's own word counts: for the subscriptions that were heard of, and for no list of entitlements that it holds in part.
   */
  apiKey?: string
  /** https, or http on loopback. Default `https://api.stripe.com`. */
  apiUrl?: string
  /** How old a signature may be. Default 300. */
  toleranceSeconds?: number
}

const SECRET_BYTES = 16
const API = 'https://api.stripe.com'

/** Where a zone's events come from Stripe. That its issuer is one of the zone's is checked with what lies between two places. */
export function stripeSchema(secrets: ReadonlyMap<string, string>) {
  const secret = secretName(secrets, SECRET_BYTES)
  return v.strictObject({
    secret: v.pipe(
      names,
      v.check(
        (given) => given.every((name) => v.is(secret, name)),
        `expected names of secrets that the environment has, each of at least ${SECRET_BYTES} bytes`,
      ),
    ),
    issuer: text,
    subject: v.optional(
      v.union(
        [v.literal('customer'), v.strictObject({ metadata: text })],
        'expected "customer", or {metadata: "the name of a field"}',
      ),
      'customer',
    ),
    apiKey: v.optional(secret),
    apiUrl: v.optional(v.pipe(text, v.check(isSafeUrl, 'expected an https URL (http only on loopback)')), API),
    toleranceSeconds: v.optional(seconds(1, HOUR), 300),
  })
}

type CheckedStripe = v.InferOutput<ReturnType<typeof stripeSchema>>

/** What Stripe tells a zone, with the secrets in place of their names. */
export function compileStripe(
  options: CheckedStripe | undefined,
  secrets: ReadonlyMap<string, string>,
): StripeSource | undefined {
  if (options === undefined) return undefined
  const { secret, issuer, subject, apiKey, apiUrl, toleranceSeconds } = options
  const key = apiKey === undefined ? undefined : secrets.get(apiKey)
  return {
    secrets: secret.flatMap((name) => secrets.get(name) ?? []),
    issuer,
    subject,
    api: key === undefined ? undefined : { url: apiUrl, key },
    toleranceSeconds,
  }
}
