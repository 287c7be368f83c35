import type { MailWebhook } from '../login/emailcode/mail.ts'
import type { Selling } from './offers.ts'

/** The checked options of Stripe's webhook: its secrets, and the issuer of the accounts' tokens. */
export interface StripeSource {
  /** Any one of them may have signed: there are several while a secret is replaced. */
  readonly secrets: readonly string[]
  /** The `iss` of the accounts' tokens. */
  readonly issuer: string
  /** The account's name in Stripe: the customer's id, or the value of a field of metadata. */
  readonly subject: 'customer' | { readonly metadata: string }
  /** Undefined without an API key: the event's own statement then counts. */
  readonly api: StripeApi | undefined
  readonly toleranceSeconds: number
  /** Undefined if nothing is sold. */
  readonly selling?: Selling
  /** Undefined if nobody signs in by a code in an email. */
  readonly mail?: MailWebhook
}

export interface StripeApi {
  readonly url: string
  readonly key: string
}
