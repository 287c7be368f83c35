import type { Charge } from '../rules/book.ts'
import { continues } from './closed.ts'
import type { Pending } from './pending.ts'
import type { LedgerState } from './state.ts'

/** The parts of a journal in which charges of a continuation are looked for. */
export interface ContinuingCharges {
  readonly state: LedgerState
  readonly pending: Pending
  /** Returns a charge, wherever it is. */
  readonly charge: (id: string) => Charge | undefined
}

/** Returns at most so many known charges that name a continuation, the latest first. */
export function continuingCharges(
  { state, pending, charge }: ContinuingCharges,
  continuation: string,
  most: number,
  now: number,
): readonly Charge[] {
  const isOne = (one: Charge): boolean => continues(one, continuation, now)
  const found = new Map<string, Charge>()
  for (const one of [...state.held(), ...pending.charges()]) if (isOne(one)) found.set(one.id, one)
  // A hash may stand for several continuations.
  const closed = state.closed.continuing(continuation, now).filter(({ id }) => !found.has(id))
  const latest = [...found.values()].toSorted((one, other) => other.sequence - one.sequence).slice(0, most)
  for (const { id, sequence } of closed) {
    const last = latest.at(-1)
    if (latest.length >= most && last !== undefined && sequence < last.sequence) break
    const one = charge(id)
    if (one !== undefined && isOne(one)) latest.push(one)
  }
  return latest.toSorted((one, other) => other.sequence - one.sequence).slice(0, most)
}
