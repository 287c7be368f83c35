import type { Ledger } from '../ports.ts'
import type { AmendCommand, Amount, ReceiptStatus } from './rules/commands.ts'
import { givesBack } from './rules/delivered.ts'

/**
 * Sends an amendment, twice if need be. If `isPatient`, it may wait a moment to share a call. The ledger itself closes a
 * charge that nobody amends, and marks it unsettled.
 */
export async function sendAmendment(ledger: Ledger, command: AmendCommand, isPatient = false): Promise<void> {
  for (let tries = 0; tries < 2; tries++) {
    const done = await ledger.amend(command, isPatient).catch(() => undefined)
    if (done?.ok === true) return
  }
}

/** The facts of a charge by which its amendment is in a hurry or not. */
interface Amended {
  readonly isKeyed: boolean
  readonly reserved: Amount
  readonly receipt?: ReceiptStatus
}

/**
 * Returns true if nothing waits for an amendment: it gives nothing back, and no retry under a key depends on it. After a broken
 * delivery the client asks for the rest, perhaps another isolate, and would pay again if the ledger did not know of what. That
 * of a spent receipt would wait in vain: no other request comes.
 */
export function mayWait({ isKeyed, reserved, receipt }: Amended, amendment: AmendCommand): boolean {
  return amendment.delivery === 'complete' && !isKeyed && receipt?.usesLeft !== 0 && !givesBack(amendment, reserved)
}
