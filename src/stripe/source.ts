/** Where a zone's events come from Stripe: what signs them, and whose tokens they are about. */
export interface StripeSource {
  /** Any of them may have signed: several while one is replaced by another. */
  readonly secrets: readonly string[]
  /** The `iss` of the tokens whose accounts these are. */
  readonly issuer: string
  /** What the account is called in Stripe: the customer's id, or the value of this field of metadata. */
  readonly subject: 'customer' | { readonly metadata: string }
  /** Absent if there is no key: the event's own word then counts. */
  readonly api: StripeApi | undefined
  readonly toleranceSeconds: number
}

export interface StripeApi {
  readonly url: string
  readonly key: string
}
