import type { Standing } from '../access/entitlement.ts'

/** What every token may say. */
export interface TokenInput {
  /** The audience of the zone. Default: that of the issuer. */
  readonly audience?: string | undefined
  /** `exp` − `iat`. */
  readonly lifetimeSeconds?: number | undefined
  /** `nbf`, in seconds since 1970. */
  readonly notBefore?: number | undefined
  /** `jti`. Default: a random UUID. */
  readonly id?: string | undefined
}

/** The place of a token in a status list. */
export interface StatusPlace {
  readonly idx: number
  /** The URI of the list: one that the gate's `statusLists.allow` has. */
  readonly uri: string
}

/** A quota of the plan (`limits`). */
export interface LimitInput {
  /** Usage is counted by name, so it survives a change of plan. */
  readonly name: string
  readonly quota: number
  /** Seconds, or a day or month of UTC. */
  readonly window: number | 'P1D' | 'P1M'
  /** Default `requests`. */
  readonly unit?: string | undefined
  /** Default `fixed`. */
  readonly kind?: 'fixed' | 'sliding' | undefined
  /** The start of one window: an RFC 3339 time, or seconds since 1970. */
  readonly anchor?: string | number | undefined
}

/** An entitlement: what an account may open. Its lifetime is one hour unless given. */
export interface EntitlementInput extends Omit<TokenInput, 'audience'> {
  readonly account: string
  /** One audience, or the audiences of several zones. Default: that of the issuer. */
  readonly audience?: string | readonly string[] | undefined
  readonly entitlements: readonly (string | { readonly value: string })[]
  /** The display name of the plan. */
  readonly plan?: string | undefined
  readonly limits?: readonly LimitInput[] | undefined
  /** Default `active`. */
  readonly standing?: Standing | undefined
  readonly status?: StatusPlace | undefined
}

/** A receipt of one payment. Its lifetime is one hour unless given. */
export interface ReceiptInput extends TokenInput {
  /** The payer. A receipt opens its resource to any holder. */
  readonly account?: string | undefined
  /** A decimal string, paid for all uses together. */
  readonly amount: string
  /** An ISO 4217 code. */
  readonly currency: string
  /** A path pattern, such as `/reports/*`. */
  readonly resource: string
  /** Default GET and HEAD. */
  readonly methods?: readonly string[] | undefined
  /** For how many requests. Default 1. Not with `passSeconds`. */
  readonly uses?: number | undefined
  /** Free passage for this time after the first request. */
  readonly passSeconds?: number | undefined
  readonly status?: StatusPlace | undefined
}

/** An operator's token. Its lifetime is five minutes unless given. */
export interface OperatorInput extends TokenInput {
  /** What it may do: `purge`, `hold`, `credit`, … */
  readonly scopes: readonly string[]
  /** Who does it, for the audit. */
  readonly subject?: string | undefined
}

/** An account of another issuer, for which this one may speak. */
export interface OtherAccount {
  readonly issuer: string
  readonly account: string
}

/** What an event states, by the name of its type. */
export interface EventStatements {
  readonly 'standing-changed'?: { readonly standing: Standing } | undefined
  readonly 'entitlements-changed'?: { readonly entitlements: EntitlementInput['entitlements'] } | undefined
  /** All that were issued up to the event's time, or up to `before` (seconds since 1970); or these alone, by their ids. */
  readonly 'tokens-revoked'?:
    | { readonly before?: number | undefined }
    | { readonly jti: string }
    | { readonly jtis: readonly string[] }
    | undefined
  /** Granted once for each `id` of an event: give the payment's own. */
  readonly 'credit-granted'?: { readonly amount: string; readonly currency: string } | undefined
  /** Taken back, once for each `id` of an event: give the refund's own. `grant`: the `id` of the event that granted it. */
  readonly 'credit-taken'?:
    | { readonly amount: string; readonly currency: string; readonly grant?: string | undefined }
    | undefined
  readonly 'hold-placed'?: Readonly<Record<string, never>> | undefined
  readonly 'hold-lifted'?: Readonly<Record<string, never>> | undefined
  /** A card was declined on a trip to the checkout: `trip` is the reference that the gate gave with it. No account is needed. */
  readonly 'payment-declined'?: { readonly trip: string } | undefined
  /** The trip was paid. */
  readonly 'payment-succeeded'?: { readonly trip: string } | undefined
  /** The CAEP event: the same as `tokens-revoked` with `{}`. */
  readonly 'session-revoked'?: object | undefined
}

/** An event about an account or its tokens (RFC 8417). */
export interface EventInput {
  /** The account, as in its tokens. Not needed if only tokens are revoked by their ids, or a trip was paid or not. */
  readonly account?: string | OtherAccount | undefined
  readonly events: EventStatements
  /** When it was so (`toe`), in seconds since 1970. Default: now, to the millisecond. */
  readonly at?: number | undefined
  /** The audience of the zone. Default: that of the issuer. */
  readonly audience?: string | undefined
  /** `jti`: the same event again changes nothing. Default: a random UUID. */
  readonly id?: string | undefined
}

/** A list of the statuses of tokens (IETF Token Status List). */
export interface StatusListInput {
  /** Where the list is served. */
  readonly uri: string
  /** The status of each token, by its `idx`: 0 is valid, 2 suspended, all else revoked. */
  readonly statuses: Uint8Array | readonly number[]
  /** Bits for each status. Default 2. */
  readonly bits?: 1 | 2 | 4 | 8 | undefined
  /** How long the gate keeps it: how late a revocation may be. Default 300. */
  readonly ttlSeconds?: number | undefined
  /** `exp` − `iat`: a list beyond its end opens nothing. Default one day. */
  readonly lifetimeSeconds?: number | undefined
}
