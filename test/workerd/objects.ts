import { env } from 'cloudflare:workers'
import type { LedgerSnapshot } from '../../src/ledger/rules/commands.ts'
import type { LedgerObject } from '../../src/platform/cloudflare/ledger/ledger.ts'

/** The object that keeps the ledger of this name. */
export function ledgerOf(name: string): DurableObjectStub<LedgerObject> {
  return env.LEDGER.getByName(name)
}

/** All that it holds. */
export async function readingOf(name: string): Promise<LedgerSnapshot> {
  const reading = await ledgerOf(name).read({})
  if (!reading.ok) throw new Error(reading.error)
  return reading.value
}
