import type { Money } from '../../core/money.ts'
import type { Act } from './audit.ts'

/** Adds prepaid credit. Two commands with one id are one grant. */
export interface GrantCommand {
  readonly id: string
  readonly units: bigint
  readonly currency: string
  /** The name of the ledger. Without it a grant from before the account was erased is not known. */
  readonly ledger?: string
  /** The id as an erased ledger knows it: set by the host. */
  readonly hash?: string
  /** Recorded with the grant. */
  readonly act?: Act
}

export type GrantOutcome =
  | { readonly kind: 'granted'; readonly isRepeat: boolean; readonly credit: Money }
  | { readonly kind: 'refused'; readonly reason: 'grant-differs' | 'grant-not-positive' }
