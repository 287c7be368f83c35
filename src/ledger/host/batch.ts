import { failureName } from '../../core/error.ts'
import type { Ledger } from '../../ports.ts'
import { type CommandAnswer, type LedgerCommand, MAX_BATCH_COMMANDS } from '../rules/batch.ts'
import type { LedgerOutside } from './outside.ts'

/** Answers one command of a call. Never throws: one that makes no sense, or comes after too many, fails alone. */
export async function answerCommand(
  ledger: Pick<Ledger, 'charge' | 'amend' | 'describe'>,
  each: LedgerCommand,
  index: number,
  { warn }: Pick<LedgerOutside, 'warn'>,
): Promise<CommandAnswer> {
  if (index >= MAX_BATCH_COMMANDS) return { verb: 'failed' }
  const { verb } = each
  try {
    switch (verb) {
      case 'charge':
        return { verb, answer: await ledger.charge(each.command) }
      case 'amend':
        return { verb, answer: await ledger.amend(each.command) }
      case 'describe':
        return { verb, answer: await ledger.describe(each.command) }
      default: // of a later version
        return { verb: 'failed' }
    }
  } catch (error) {
    warn({ ledger: failureName(error) })
    return { verb: 'failed' }
  }
}
