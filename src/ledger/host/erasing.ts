import type { Applied, Book } from '../rules/book.ts'
import type { GrantCommand } from '../rules/grant.ts'
import { recorded } from '../rules/audit.ts'
import { hashedName } from '../rules/hashedname.ts'
import { type EraseCommand, type EraseOutcome, eraseState, namesToHash } from '../rules/erase.ts'
import type { LedgerAnswer } from './groupcommit.ts'

/** The ledger that is erased. */
interface ErasableLedger {
  apply<C, T>(verb: (book: Book, command: C, now: number) => Applied<T>, command: C): Promise<LedgerAnswer<T>>
  /** Tells billing now. */
  flush(): Promise<void>
  readonly hasOutbox: boolean
}

const eraseRecorded = recorded(eraseState)

/** The tries: each closes some of what is open, and tells billing. */
const MOST_TRIES = 5

/** Erases the account of a ledger: closes what is open, tells billing, and erases once billing has every record. */
export async function eraseLedger(ledger: ErasableLedger, command: EraseCommand): Promise<LedgerAnswer<EraseOutcome>> {
  for (let tries = 1; ; tries++) {
    const names = await ledger.apply(namesToHash, undefined)
    if (!names.ok) return names
    const hashes = new Map(names.value.map((name) => [name, hashedName(command.ledger, name)]))
    const order = { ...command, hashes, mayDropRecords: !ledger.hasOutbox }
    const answer = await ledger.apply(eraseRecorded, order)
    const isOver = !answer.ok || answer.value.kind === 'erased' || answer.value.reason !== 'records-waiting'
    if (isOver || tries === MOST_TRIES) return answer
    await ledger.flush()
  }
}

/** Adds the hash by which an erased ledger knows the grant. */
export function withHash(command: GrantCommand): GrantCommand {
  const { ledger, id } = command
  return ledger === undefined ? command : { ...command, hash: hashedName(ledger, id) }
}
