/** What receivers have not taken yet. A receiver is told in order; one that fails is left alone for a growing time. */
import { leaveAloneMs } from '../../ledger/rules/backoff.ts'
import type { AlertMessage } from './message.ts'

/** The messages of one receiver. Times are in milliseconds since 1970. */
export interface Waiting {
  readonly receiver: string
  readonly failures: number
  /** Not told before. */
  readonly until: number
  readonly messages: readonly AlertMessage[]
}

/** The most messages that wait for a receiver. Older ones are dropped. */
const MAX_MESSAGES = 100

/** Returns what waits once there is more to tell. What was for receivers that are gone is dropped. */
export function withMessages(
  waiting: readonly Waiting[],
  messages: readonly AlertMessage[],
  receivers: readonly string[],
): readonly Waiting[] {
  return receivers.map((receiver) => {
    const known = waiting.find((one) => one.receiver === receiver) ?? { receiver, failures: 0, until: 0, messages: [] }
    return { ...known, messages: [...known.messages, ...messages].slice(-MAX_MESSAGES) }
  })
}

/** Returns what waits once a receiver took the first `taken` messages. `hasFailed`: it did not take the next. */
export function afterTelling(waiting: Waiting, taken: number, hasFailed: boolean, now: number): Waiting {
  const messages = waiting.messages.slice(taken)
  if (!hasFailed) return { ...waiting, failures: 0, until: 0, messages }
  const failures = (taken > 0 ? 0 : waiting.failures) + 1
  return { ...waiting, failures, until: now + leaveAloneMs(failures), messages }
}
