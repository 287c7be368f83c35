/** Judges what a gate knows of what it depends on: a pure table for each kind. */
import type { Fetched } from '../../http/rules/fetched.ts'
import { fitnessOf } from '../../origin/rules/health.ts'
import type { Pool, PoolState } from '../../origin/rules/pool.ts'

/** The words of draft-inadarei-api-health-check. `warn`: it goes on for now, and somebody should look. */
export type HealthStatus = 'pass' | 'warn' | 'fail'

/** A verdict, and why in a sentence, where it is not that all is well. */
export interface Judged {
  readonly status: HealthStatus
  readonly output?: string
}

const WORST_FIRST: readonly HealthStatus[] = ['fail', 'warn', 'pass']

/** Returns the worst of several verdicts; `pass` of none. */
export function worstOf(all: readonly HealthStatus[]): HealthStatus {
  return WORST_FIRST.find((verdict) => all.includes(verdict)) ?? 'pass'
}

const PASS: Judged = { status: 'pass' }

/**
 * Judges keys or a status list. A copy that nobody has needed for long is old and all is well: the next request fetches
 * another.
 */
export function judgeFetched(known: Fetched | undefined, now: number): Judged {
  if (known === undefined || known.failedAt === undefined)
    return known?.asOf === undefined ? { status: 'pass', output: 'Nobody has needed it here yet.' } : PASS
  if (known.asOf === undefined || now >= known.usableUntil)
    return { status: 'fail', output: 'It cannot be fetched, and there is no copy that may be used.' }
  if (now >= known.freshUntil) return { status: 'warn', output: 'It cannot be fetched. An old copy is used meanwhile.' }
  return { status: 'warn', output: 'The last fetch failed. The copy is still fresh.' }
}

/** What is known of the reads of a bulletin. Times are in milliseconds since 1970, or infinite. */
export interface ReadState {
  /** The start of the last read that was answered. */
  readonly asOf: number
  /** The time of a failed read; never, once a later one was answered. */
  readonly failedAt: number
}

/** Judges the bulletin of a zone. `serveMs`: the greatest age at which decisions rest on it while no newer can be had. */
export function judgeBulletin(
  { asOf, failedAt }: ReadState,
  { boundMs, serveMs }: { readonly boundMs: number; readonly serveMs: number },
  now: number,
): Judged {
  if (failedAt === Number.NEGATIVE_INFINITY) return PASS
  return now - asOf < Math.max(boundMs, serveMs)
    ? { status: 'warn', output: 'The last read failed. Decisions rest on an earlier one.' }
    : { status: 'fail', output: 'It cannot be read. Requests with credentials are answered 503.' }
}

/** One server, as an isolate sees it. */
export interface ServerState {
  readonly name: string
  /** `drained`: of weight 0. `due`: it was ejected, and is about to be tried. */
  readonly state: 'fit' | 'due' | 'ejected' | 'drained'
}

/** Returns the servers of a pool, without those that meters bring: they are somebody else's. */
export function serverStatesOf({ members }: Pool, known: PoolState, now: number): readonly ServerState[] {
  return members.flatMap(({ name, weight, isNamedOnly }, place): ServerState[] => {
    const health = known.members[place]?.health
    if (isNamedOnly === true || health === undefined) return []
    return [{ name, state: weight === 0 ? 'drained' : fitnessOf(health, now) }]
  })
}

/** Judges a server among those of its pool: one of several is missed, and the last one is needed. */
export function judgeServer({ state }: ServerState, all: readonly ServerState[]): Judged {
  if (state === 'fit' || state === 'drained') return PASS
  const output = state === 'due' ? 'It failed, and is about to be tried.' : 'It failed, and gets no requests for now.'
  return { status: all.some((other) => other.state === 'fit') ? 'warn' : 'fail', output }
}
