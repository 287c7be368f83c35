import type { StateName, TallyStorage } from './book.ts'

/** Returns until when rows were made; 0 if none were. */
export function madeUntil(
  storage: TallyStorage,
  name: Extract<StateName, 'hours' | 'days' | 'totals' | 'beside'>,
): number {
  return Number(storage.state(name) ?? 0)
}
