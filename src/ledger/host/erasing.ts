import { base64url } from 'jose'
import { createMac } from '../../http/hmac.ts'
import type { Applied, Book } from '../rules/book.ts'
import type { GrantCommand } from '../rules/commands.ts'
import { recorded } from '../rules/audit.ts'
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

/**
 * Erases the account of a ledger: closes what is open, tells billing, and erases once billing has every record. The rules
 * are synchronous and hashes are not, so names are hashed between the two.
 */
export async function eraseLedger(ledger: ErasableLedger, command: EraseCommand): Promise<LedgerAnswer<EraseOutcome>> {
  for (let tries = 1; ; tries++) {
    const names = await ledger.apply(namesToHash, undefined)
    if (!names.ok) return names
    const hashed = await Promise.all(
      names.value.map(async (name) => [name, await hashOf(command.ledger, name)] as const),
    )
    const order = { ...command, hashes: new Map(hashed), mayDropRecords: !ledger.hasOutbox }
    const answer = await ledger.apply(eraseRecorded, order)
    const isOver = !answer.ok || answer.value.kind === 'erased' || answer.value.reason !== 'records-waiting'
    if (isOver || tries === MOST_TRIES) return answer
    await ledger.flush()
  }
}

/** Adds the hash by which an erased ledger knows the grant. */
export async function withHash(command: GrantCommand): Promise<GrantCommand> {
  const { ledger, id } = command
  return ledger === undefined ? command : { ...command, hash: await hashOf(ledger, id) }
}

const HASH_BYTES = 16

/**
 * Hashes a name under that of its ledger: HMAC-SHA-256, cut. The ledger's name holds the account, and is not stored, so
 * that only somebody who knows both names finds the hash.
 */
async function hashOf(ledger: string, name: string): Promise<string> {
  const mac = await createMac(ledger)(name)
  return `#${base64url.encode(mac.subarray(0, HASH_BYTES))}`
}
