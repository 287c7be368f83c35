import type { Statement } from './standing.ts'
import type { Money } from '../../core/money.ts'

/** What billing says happened, whoever told it. The same event twice is one, by its id. */
export interface BillingEvent {
  /** Unique for its issuer. */
  readonly id: string
  /** The `iss` of the tokens of whom it is about. */
  readonly issuer: string
  /** Undefined where it is about one token alone. */
  readonly account: string | undefined
  readonly changes: readonly StandingChange[]
}

/** One thing that an event says. `at` is in seconds since 1970. */
export type StandingChange =
  /** Of the account. */
  | { readonly kind: 'statement'; readonly statement: Statement }
  /** One token, by its `jti`. `at`: when it was said, for it holds whenever the token was issued. */
  | { readonly kind: 'token-revoked'; readonly jti: string; readonly at: number }
  /** The same for a hold. */
  | { readonly kind: 'token-hold'; readonly jti: string; readonly at: number; readonly isLifted: boolean }
  | { readonly kind: 'credit-granted'; readonly money: Money }
