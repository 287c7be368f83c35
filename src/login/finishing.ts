/**
 * Ends each trip once, however often its return is asked for at the same time.
 *
 * A code can be used once. A reader who reloads a slow return would lose it: the answer to the first request goes nowhere, and
 * the second one finds the code used up. So requests of the same return share one question to the other side, and an outcome
 * that could not be used yet is kept for a minute.
 */
import { err, type Result } from '../core/result.ts'
import type { Call } from '../ports.ts'
import type { Login, LoginFault, TripOutcome } from '../rails/login.ts'
import { withTimeout } from '../http/timeout.ts'
import { CALL_MS, callLogin, LATE } from './inflight.ts'

/** What became of a trip, as far as the login could say. */
export type Finished = Result<TripOutcome, LoginFault | 'busy'>

interface Question {
  readonly finished: Promise<Finished>
  /** Milliseconds since 1970; undefined while the other side is being asked. */
  readonly until: number | undefined
}

const KEPT_MS = 60_000
const MOST_KEPT = 200

/** By login, and by trip and query. */
const questions = new WeakMap<Login, Map<string, Question>>()

/** Ends a trip. `key`: the trip's state and the query of the return. */
export async function finishOnce(
  login: Login,
  key: string,
  finish: () => Promise<Result<TripOutcome, LoginFault>>,
  { now, waitUntil }: Call,
): Promise<Finished> {
  const ofLogin = questions.get(login) ?? new Map<string, Question>()
  questions.set(login, ofLogin)
  const known = ofLogin.get(key)
  if (known !== undefined && (known.until === undefined || now < known.until))
    return (await withTimeout(known.finished, CALL_MS)) ?? err(LATE)
  const finished = callLogin(login, finish).finally(() => ofLogin.delete(key))
  ofLogin.set(key, { finished, until: undefined })
  // The browser may leave: whoever shares the question still waits for it.
  waitUntil(finished.catch(() => undefined))
  return finished
}

/** Keeps an outcome that could not be used yet, for a minute. */
export function keepOutcome(login: Login, key: string, outcome: TripOutcome, { now }: Pick<Call, 'now'>): void {
  const ofLogin = questions.get(login)
  if (ofLogin === undefined) return
  for (const [other, { until }] of ofLogin)
    if (until !== undefined && (until <= now || ofLogin.size >= MOST_KEPT)) ofLogin.delete(other)
  ofLogin.set(key, { finished: Promise.resolve({ ok: true, value: outcome }), until: now + KEPT_MS })
}
