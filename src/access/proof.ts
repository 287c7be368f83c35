import type { Authority } from './authority.ts'
import type { Confirmation } from './confirmation.ts'
import type { Entitlement } from './entitlement.ts'
import type { Refusal } from '../core/problem.ts'
import type { Receipt } from './receipt.ts'
import { err, type Result } from '../core/result.ts'

/** A verified credential: what an account may do, or what was paid. */
export type Proof = Entitlement | Receipt

/** What a client presented: at most one of each kind, each a proof or something that is none. */
export interface Presented {
  readonly entitlement?: Result<Entitlement, Refusal>
  /** Of an entitlement that a browser or proxy has added by itself. Absent where its owner sent it: it goes as far as it says. */
  readonly authority?: Authority
  /** What its owner has confirmed to pay for this page. */
  readonly confirmed?: readonly Confirmation[]
  readonly receipt?: Result<Receipt, Refusal>
}

/** Who asks; undefined where the proof is a receipt, which is its holder's, whoever that is. */
export function readerOf(proof: Proof | undefined): Entitlement | undefined {
  return proof?.kind === 'receipt' ? undefined : proof
}

/** What a verified credential is where something else refuses it; the log says whose it was. */
export function refusedTo({ accountHash }: Proof, why: Refusal): Result<never, Refusal> {
  return err(accountHash === undefined ? why : { ...why, account: accountHash })
}
