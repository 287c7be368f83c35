import type { Standing } from './entitlement.ts'

/**
 * The standing of one subscription. An account may have several, one ends while another goes on, and statements come in any
 * order: so each keeps its latest statement, and the best of them counts for the account.
 */
export interface SubscriptionStanding {
  readonly id: string
  /** The time the statement refers to, in seconds since 1970. */
  readonly at: number
  readonly standing: Standing
  /** True if the subscription never returns, whatever is said later: an old invoice may still be paid. */
  readonly hasEnded: boolean
}

/** A hold that only what placed it lifts, by its name, such as a dispute of a payment; or an operator, with all others. */
export interface NamedHold {
  readonly name: string
  /** The time at which it was placed, in seconds since 1970. */
  readonly at: number
  /** The time at which it was lifted by its name. It never returns then. */
  readonly liftedAt?: number
  /** When it ends by itself, in seconds since 1970; absent if it does not. */
  readonly until?: number
}

/**
 * Everything said of one account or one token that still matters: the latest of each kind. Entries can be joined in any
 * order, any number of times.
 */
export interface Entry {
  readonly standing?: { readonly at: number; readonly standing: Standing }
  /** Kept together: no single one tells how the account stands. */
  readonly subscriptions?: readonly SubscriptionStanding[]
  readonly entitlements?: { readonly at: number; readonly names: readonly string[] }
  /** Tokens issued at or before this time are revoked. */
  readonly revokedAt?: number
  /** Who signed in by this time is asked to do so again. Keys and receipts are not concerned: nobody signs in with them. */
  readonly askedAt?: number
  readonly heldAt?: number
  readonly liftedAt?: number
  readonly holds?: readonly NamedHold[]
  /**
   * The time at which the last statement came, by the clock of the gate. In the bulletin alone, which keeps it for as long
   * as a token may be good: who knows what was said until some time is told everything that came later.
   */
  readonly cameAt?: number
}
