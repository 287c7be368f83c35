import { verbs } from '../../src/ledger/rules/verbs.ts'
import type { LedgerRecord } from '../../src/ledger/rules/record.ts'
import type { Send } from '../../src/usage/sink.ts'
import { type PureLedger, units } from '../ledger/rules/pureledger.ts'

export const FACTS = { zone: 'news', route: '/api/*', method: 'GET', account: 'cus_ann' }

/** So many charges, each of which kept what it reserved: their records. */
export function recordsOf(
  ledger: PureLedger,
  count: number,
  facts: Record<string, string> = FACTS,
): readonly LedgerRecord[] {
  for (let made = 0; made < count; made++) ledger.amend(ledger.charge({ counts: units(3n), facts }))
  return ledger.records()
}

/** One round: what the ledger does with what its sink gives back. */
export async function flush(ledger: PureLedger, send: Send): Promise<readonly number[]> {
  const positions = await send(ledger.records(100))
  ledger.apply(verbs.flushed, { positions })
  return positions
}

/** What a sink posted, read by the test's own reading of its body. */
export interface Posted<T> {
  readonly url: string
  readonly init: RequestInit
  readonly content: T
}

export function postedOf<T>(
  input: RequestInfo | URL,
  init: RequestInit | undefined,
  read: (body: string) => T,
): Posted<T> {
  if (typeof input !== 'string' || typeof init?.body !== 'string') throw new Error('not a post of text')
  return { url: input, init, content: read(init.body) }
}
