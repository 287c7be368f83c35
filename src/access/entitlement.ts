import type { Lifetime } from './lifetime.ts'
import type { Limit, Window } from './limit.ts'
import type { Money } from '../core/money.ts'
import type { Entry } from './statements.ts'
import type { StatusReference } from './statuslist.ts'
import { refusal, type Refusal } from '../core/problem.ts'

/** The statement of a verified entitlement token about an account. */
export interface Entitlement extends Lifetime {
  readonly kind: 'entitlement'
  readonly issuer: string
  readonly account: string
  /** The token's own id: a revocation can name it alone. */
  readonly jti: string | undefined
  readonly entitlements: readonly string[]
  readonly plan: string | undefined
  /** The account's quotas in windows of time. */
  readonly limits: readonly Limit[]
  readonly standing: Standing
  /** The token's place in a status list; undefined if its issuer publishes none. */
  readonly status?: StatusReference
  /** The RFC 7638 thumbprint of the key that signed the token; undefined if no key of an issuer did. */
  readonly signedBy?: string | undefined
  /** Of an API key or a feed token: the thumbprint of the key that signed the order for its secret. */
  readonly secretSignedBy?: string | undefined
  /** Of an API key: the thumbprints of keys that signed for a part of what it opens. */
  readonly alsoSignedBy?: readonly string[] | undefined
  /** A keyed hash of the account for the log; undefined without a key. */
  readonly accountHash: string | undefined
  /** Present if the credential is an API key, which `jti` names. */
  readonly key?: KeyRecord
  /** Present for a session, which `jti` names: the time of its sign-in, in whole seconds since 1970. Its claims are newer. */
  readonly signedInAt?: number
  /**
   * Names a request that its sender has signed: requests of one name are one charge. Present for a proof that is good for one
   * request only.
   */
  readonly requestName?: string
  /** True if the account pays prices later: what it lacks in credit is owed. */
  readonly paysLater?: true
  /** The most that the account spends on prices. */
  readonly spending?: SpendingLimit
}

/** The most money that an account spends in a window of time. */
export interface SpendingLimit {
  readonly most: Money
  readonly window: Window
}

/** What is known of an API key beside what it opens. */
export interface KeyRecord {
  /** Seconds since 1970. */
  readonly createdAt: number
  /** The word by which the request wants its usage grouped. */
  readonly tag?: string
  /** The statements that the account's ledger had when the key's record was read. Absent where the ledger itself decides. */
  readonly said?: { readonly ofAccount: Entry | undefined; readonly ofToken: Entry | undefined }
}

/** From lenient to strict. */
export const STANDINGS = ['active', 'past-due', 'inactive', 'on-hold'] as const
export type Standing = (typeof STANDINGS)[number]

export function stricter(one: Standing, other: Standing): Standing {
  return STANDINGS.indexOf(one) > STANDINGS.indexOf(other) ? one : other
}

/** Returns true if the account has any of the wanted entitlements. */
export function covers(entitlement: Entitlement, wanted: readonly string[]): boolean {
  return wanted.some((name) => entitlement.entitlements.includes(name))
}

export const HELD = refusal('security-hold', 'This account is held for review. Support can lift the hold.', {
  check: 'standing',
})

/** Returns the refusal of a hold that ends by itself, at a time in seconds since 1970. */
export function heldUntil(until: number): Refusal {
  return refusal(
    'security-hold',
    'This account is held for review. The hold ends by itself, unless the review confirms it. Support can lift it before.',
    { check: 'standing', facts: { until: Math.ceil(until) } },
  )
}

const INACTIVE = refusal('subscription-inactive', 'The subscription of this account is not active.', {
  check: 'standing',
})

const PAST_DUE = refusal('payment-declined', 'The last payment of this account was declined.', { check: 'standing' })

/** Returns the refusal for an account of this standing; undefined if it is active. */
export function judgeStanding(standing: Standing): Refusal | undefined {
  switch (standing) {
    case 'active':
      return undefined
    case 'inactive':
      return INACTIVE
    case 'past-due':
      return PAST_DUE
    case 'on-hold':
      return HELD
  }
}
