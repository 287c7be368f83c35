/**
 * A corpus of honest life: eight weeks of log lines of customers who do nothing wrong, and look as if they did.
 *
 * Whatever watches the log for abuse is measured by it: each alarm here is a false one. It was written by somebody who had
 * seen no detector, and `corpus.test.ts` holds the SHA-256 of the stream, so that no detector is made better by making the corpus
 * milder. An honest customer that is missing here is added as a new corpus beside this one.
 */
import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js'
import { dayAt, DAYS, HOUR } from './calendar.ts'
import { type Actor, createWorld, type Scenario } from './customer.ts'
import type { BenignLine, Timed } from './line.ts'
import { AWAY } from './scenarios/away.ts'
import { CHANGES } from './scenarios/changes.ts'
import { FAILURES } from './scenarios/failures.ts'
import { FEEDS } from './scenarios/feeds.ts'
import { PAYMENTS } from './scenarios/payments.ts'
import { PROGRAMS } from './scenarios/programs.ts'
import { READING } from './scenarios/reading.ts'
import { SALES } from './scenarios/sales.ts'
import { SHARED } from './scenarios/shared.ts'
import { STRANGERS } from './scenarios/strangers.ts'

/** The seed of the corpus. Another one makes other customers of the same kinds. */
export const BENIGN_SEED = 20_261_116

export const SCENARIOS: readonly Scenario[] = [
  ...READING,
  ...AWAY,
  ...SHARED,
  ...FEEDS,
  ...PROGRAMS,
  ...CHANGES,
  ...FAILURES,
  ...STRANGERS,
  ...PAYMENTS,
  ...SALES,
]

/** A line, and the scenario that it belongs to, by which a false alarm is explained. A detector sees the line alone. */
export interface BenignEntry {
  readonly scenario: string
  readonly line: BenignLine
}

interface Waiting extends Timed {
  readonly scenario: string
  /** The order in which lines of one time were made. */
  readonly number: number
}

/**
 * Yields all lines in the order of their times. Holds those of two days: actors live by their own clocks, so a day of UTC
 * is complete once all have begun the next one.
 */
export function* benignEntries(seed = BENIGN_SEED, scenarios = SCENARIOS): Generator<BenignEntry> {
  const actors = scenarios.flatMap(({ name, actors }): [string, Actor][] =>
    actors(createWorld(seed, name)).map((actor) => [name, actor]),
  )
  let waiting: Waiting[] = []
  let number = 0
  for (let index = 0; index < DAYS; index++) {
    const day = dayAt(index)
    for (const [scenario, actor] of actors)
      for (const { at, line } of actor(day)) waiting.push({ at, line, scenario, number: number++ })
    // Where clocks are ahead, tomorrow begins while UTC has today: after ten o'clock, at the earliest.
    const complete = index === DAYS - 1 ? Infinity : day.start + 8 * HOUR
    const due = waiting.filter(({ at }) => at < complete)
    waiting = waiting.filter(({ at }) => at >= complete)
    due.sort((one, other) => one.at - other.at || one.number - other.number)
    for (const { scenario, line } of due) yield { scenario, line }
  }
}

/** Returns the SHA-256 of the lines as they would be written: each as JSON, with a line feed after it. */
export function digestOf(entries: Iterable<BenignEntry>): string {
  const hash = sha256.create()
  for (const { line } of entries) hash.update(utf8ToBytes(`${JSON.stringify(line)}\n`))
  return bytesToHex(hash.digest())
}
