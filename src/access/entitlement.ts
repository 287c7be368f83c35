import type { Lifetime } from './lifetime.ts'
import type { Limit } from './limit.ts'
import type { StatusReference } from './statuslist.ts'
import { refusal, type Refusal } from '../core/problem.ts'

/** What a verified entitlement token says of an account. */
export interface Entitlement extends Lifetime {
  readonly kind: 'entitlement'
  readonly issuer: string
  readonly account: string
  /** The token's own id, by which it alone can be revoked. */
  readonly jti: string | undefined
  readonly entitlements: readonly string[]
  readonly plan: string | undefined
  /** What the account may use in a window of time. */
  readonly limits: readonly Limit[]
  readonly standing: Standing
  /** Where its issuer says whether it was revoked since; undefined where it says so nowhere. */
  readonly status?: StatusReference
  /** The account as it appears in the log: a keyed hash, or nothing without a key. */
  readonly accountHash: string | undefined
}

/** Each is stricter than the one before it. */
export const STANDINGS = ['active', 'past-due', 'inactive', 'on-hold'] as const
export type Standing = (typeof STANDINGS)[number]

export function stricter(one: Standing, other: Standing): Standing {
  return STANDINGS.indexOf(one) > STANDINGS.indexOf(other) ? one : other
}

/** True when the account has any of the entitlements. */
export function covers(entitlement: Entitlement, wanted: readonly string[]): boolean {
  return wanted.some((name) => entitlement.entitlements.includes(name))
}

export const HELD = refusal('security-hold', 'This account is held for review. Support can lift the hold.', {
  check: 'standing',
})

const INACTIVE = refusal('subscription-inactive', 'The subscription of this account is not active.', {
  check: 'standing',
})

const PAST_DUE = refusal('payment-declined', 'The last payment of this account was declined.', { check: 'standing' })

/** Why an account of this standing is refused; undefined for an active one. */
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
