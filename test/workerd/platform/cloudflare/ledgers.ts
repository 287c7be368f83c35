import type { ChargeCommand, ChargeOutcome } from '../../../../src/ledger/rules/commands.ts'
import type { Result } from '../../../../src/core/result.ts'
import type { LedgerObject } from '../../../../src/platform/cloudflare/ledger/ledger.ts'
import { chargeOf } from '../../../ledger/rules/desk.ts'

/**
 * When the tests of objects take place: so late that the platform, which has its own clock, rings no alarm by itself.
 */
export const LATER = Date.UTC(2040, 0, 15, 12)

export type Stub = DurableObjectStub<LedgerObject>

export function valueOf<T>(answer: Result<T, string>): T {
  if (!answer.ok) throw new Error(answer.error)
  return answer.value
}

/** So many charges at once, and their outcomes in order. */
export async function chargeAll(
  ledger: Stub,
  count: number,
  command: Partial<ChargeCommand>,
): Promise<ChargeOutcome[]> {
  const commands = Array.from({ length: count }, (_, index) => chargeOf(`c${index}`, Date.now(), command))
  return (await Promise.all(commands.map((each) => ledger.charge(each)))).map((answer) => valueOf(answer))
}

export function countOf(outcomes: readonly ChargeOutcome[], kind: ChargeOutcome['kind']): number {
  return outcomes.filter((outcome) => outcome.kind === kind).length
}
