import type { NamedHold } from '../../access/statements.ts'
import type { Statement } from './standing.ts'
import type { Money } from '../../core/money.ts'
import type { TripPayment } from './trippayment.ts'

/**
 * A statement by billing about accounts and tokens, in a form common to all sources. Events with the same id are one event.
 */
export interface BillingEvent {
  /** Unique for its issuer. */
  readonly id: string
  /** The `iss` of the subject's tokens. */
  readonly issuer: string
  /** Undefined if the event concerns tokens alone. */
  readonly account: string | undefined
  readonly changes: readonly StandingChange[]
  /** The RFC 7638 thumbprint of the key that signed it; undefined if its sender was known by other means. */
  readonly signedBy?: string | undefined
}

/** One change that an event states. `at` is in seconds since 1970. */
export type StandingChange =
  /** About the account. */
  | { readonly kind: 'statement'; readonly statement: Statement }
  /** About one token, by its `jti`, whenever it was issued. `at` is the time of the statement. */
  | { readonly kind: 'token-revoked'; readonly jti: string; readonly at: number }
  /** About one token, as above. */
  | { readonly kind: 'token-hold'; readonly jti: string; readonly at: number; readonly isLifted: boolean }
  /** A hold of one token with a name. */
  | ({ readonly kind: 'token-named-hold'; readonly jti: string } & NamedHold)
  | { readonly kind: 'credit-granted'; readonly money: Money }
  /**
   * `grant`: the id of the event that granted it. No more is taken of that grant than it gave. `id`: names the taking, where
   * several events may tell of it.
   */
  | { readonly kind: 'credit-taken'; readonly money: Money; readonly grant?: string; readonly id?: string }
  /** About a trip to the checkout, and nobody's account: nothing is stored of it, and only who watches looks at it. */
  | TripPayment
