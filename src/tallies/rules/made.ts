import type { StateName, TallyStorage } from './book.ts'

/** Returns until when rows were made; 0 if none were. */
export function madeUntil(
  storage: TallyStorage,
  name: Extract<StateName, 'hours' | 'days' | 'totals' | 'beside'>,
): number {
  return Number(storage.state(name) ?? 0)
}

/** Returns from when days are those of a clock; Infinity if rows were last made by another. */
export function daysFrom(storage: TallyStorage, timeZone: string): number {
  const [clock, since] = clockIn(storage)
  return clock === timeZone ? since : Infinity
}

/** Notes by which clock rows are made. What was made by another keeps its days, which begin at other times. */
export function noteClock(storage: TallyStorage, timeZone: string): void {
  const [clock] = clockIn(storage)
  if (clock !== timeZone) storage.putState('clock', JSON.stringify([timeZone, madeUntil(storage, 'days')]))
}

function clockIn(storage: TallyStorage): readonly [timeZone: string, since: number] {
  return JSON.parse(storage.state('clock') ?? '["",0]') as readonly [string, number]
}
