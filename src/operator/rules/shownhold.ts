import type { HeldSubject } from './holds.ts'

/** A hold as the page shows it: of an account by its hash, without its name. */
export interface ShownHold extends Pick<HeldSubject, 'since' | 'until' | 'names'> {
  readonly kind: 'account' | 'token'
  /** As in the log; undefined if the log has no key. */
  readonly hash: string | undefined
  /** Who placed it; undefined if the ledger does not say. */
  readonly by: string | undefined
  /** The sealed order that lifts it; empty if the operator cannot. */
  readonly lift: string
}

/** The holds of a zone; undefined if they cannot be read now. */
export interface ShownHolds {
  readonly shown: readonly ShownHold[]
  readonly more: number
  /** The sealed look-up of an account; empty if the operator cannot look one up. */
  readonly lookUp: string
  /** True if an account needs the name of its issuer beside it. */
  readonly hasIssuers: boolean
}
