/** The options of a Stripe account, and their schema. */
import * as v from 'valibot'
import type { Bindings } from '../config/rules/bindings.ts'
import { HOUR, HS256_BYTES, names, safeUrl, secretName, secretValue, seconds, text } from '../config/rules/values.ts'
import { STRIPE_API } from './api.ts'
import { isLiveKey, STRIPE_ISSUER } from './offers.ts'
import { checkoutSchema, type SellOptions, sellSchema } from './selloptions.ts'
import type { StripeSource } from './source.ts'

/**
 * A Stripe account. Its webhook reports changes of accounts, whose tokens an issuer of the zone signs; with `sell` the accounts
 * are Stripe's customers, and the gate itself sells to them and signs them in.
 */
export interface StripeOptions {
  /** Names the environment's secret of the webhook endpoint (`whsec_…`), or several while one is replaced. */
  secret: string | string[]
  /** The `iss` of the accounts' tokens: one of the zone's issuers. Required without `sell`, and not taken with it. */
  issuer?: string
  /**
   * The meaning of `sub` in Stripe: the customer's id, or the value of a field of metadata. Default `customer`, which is all that
   * `sell` takes.
   */
  subject?: 'customer' | { metadata: string }
  /**
   * Names the environment's secret with an API key that may read subscriptions, entitlements and customers. Without it an
   * event's own statement counts: it covers the subscriptions that events have named, and a list of entitlements only if the
   * event holds all of it. With `sell` it is required, and must also write Checkout Sessions and customer portal sessions, and
   * read prices, products, payment intents and charges.
   */
  key?: string
  /** The former name of `key`. */
  apiKey?: string
  /** https, or http on loopback. Default `https://api.stripe.com`. */
  apiUrl?: string
  /** The greatest age of a signature, in seconds. Default 300. */
  toleranceSeconds?: number
  /**
   * What is sold, by the name of each offer: the id of a recurring price, which gives the entitlement of that name, or an
   * object. Needs the rail `session()`, `purchases()` for receipts, and `secrets.gate`.
   */
  sell?: Record<string, string | SellOptions>
  /** What every checkout has. */
  checkout?: StripeCheckoutOptions
  /** How customers of `sell` sign in on another device than the one on which they bought. Default: they cannot. */
  signIn?: { email: StripeEmailOptions }
}

/** Signing in by a code, which is sent to the address that the customer has at Stripe. */
export interface StripeEmailOptions {
  /**
   * Sends the mail: gets a POST of `{"email", "code", "site", "expires"}`, signed in `Faregate-Signature` as usage is, and answers
   * 2xx. https, or http on loopback.
   */
  webhook: string
  /** Names the environment's secret that signs: at least 32 bytes. */
  secret: string
}

/** What every checkout has, if something is sold. */
export interface StripeCheckoutOptions {
  /** Has Stripe Tax compute taxes. Default false. */
  automaticTax?: boolean
  /** Takes promotion codes. Default false. */
  promotionCodes?: boolean
}

const SECRET_BYTES = 16

/** Makes the schema of the options, in one environment. */
export function stripeSchema({ secrets }: Bindings): v.GenericSchema<unknown, StripeSource> {
  const secret = secretName(secrets, SECRET_BYTES)
  return v.pipe(
    v.strictObject({
      secret: v.pipe(
        names,
        v.check(
          (given) => given.every((name) => v.is(secret, name)),
          `expected names of secrets that the environment has, each of at least ${SECRET_BYTES} bytes`,
        ),
      ),
      issuer: v.optional(text),
      subject: v.optional(
        v.union(
          [v.literal('customer'), v.strictObject({ metadata: text })],
          'expected "customer", or {metadata: "the name of a field"}',
        ),
        'customer',
      ),
      key: v.optional(secretValue(secrets, SECRET_BYTES)),
      apiKey: v.optional(secretValue(secrets, SECRET_BYTES)),
      apiUrl: v.optional(safeUrl, STRIPE_API),
      toleranceSeconds: v.optional(seconds(1, HOUR), 300),
      sell: v.optional(sellSchema),
      checkout: v.optional(checkoutSchema),
      signIn: v.optional(
        v.strictObject({ email: v.strictObject({ webhook: safeUrl, secret: secretValue(secrets, HS256_BYTES) }) }),
      ),
    }),
    faultAt('signIn', ({ sell, signIn }) => sell !== undefined || signIn === undefined, 'is nothing without "sell"'),
    faultAt('issuer', ({ sell, issuer }) => sell !== undefined || issuer !== undefined, 'is missing'),
    faultAt('issuer', ({ sell, issuer }) => sell === undefined || issuer === undefined, WITHOUT_ISSUER),
    faultAt('subject', ({ sell, subject }) => sell === undefined || subject === 'customer', WITHOUT_ISSUER),
    faultAt('apiKey', ({ key, apiKey }) => key === undefined || apiKey === undefined, 'is the former name of "key"'),
    faultAt(
      'key',
      ({ sell, key, apiKey }) => sell === undefined || (key ?? apiKey) !== undefined,
      'is missing: "sell" needs it',
    ),
    faultAt(
      'checkout',
      ({ sell, checkout }) => sell !== undefined || checkout === undefined,
      'is nothing without "sell"',
    ),
    v.transform(({ secret: given, key: named, apiKey, apiUrl: url, issuer, sell, checkout, signIn, ...source }) => {
      const key = named ?? apiKey
      const terms = checkout ?? v.parse(checkoutSchema, {})
      return {
        ...source,
        secrets: given.flatMap((name) => secrets.get(name) ?? []),
        issuer: issuer ?? STRIPE_ISSUER,
        api: key === undefined ? undefined : { url, key },
        ...(signIn && { mail: { url: signIn.email.webhook, secret: signIn.email.secret } }),
        ...(sell !== undefined && { selling: { offers: sell, checkout: terms, isLive: isLiveKey(key ?? '') } }),
      }
    }),
  )
}

const WITHOUT_ISSUER = 'is nothing with "sell": the accounts are customers of Stripe'

/** Reports a fault of several options at one of them. */
function faultAt<T extends Readonly<Record<string, unknown>>>(
  option: keyof T & string,
  isRight: (options: T) => boolean,
  message: string,
): v.GenericValidation<T> {
  return v.rawCheck(({ dataset, addIssue }) => {
    if (!dataset.typed || isRight(dataset.value)) return
    const { value } = dataset
    addIssue({ message, path: [{ type: 'object', origin: 'value', input: value, key: option, value: value[option] }] })
  })
}
