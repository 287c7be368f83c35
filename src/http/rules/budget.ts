/**
 * The memory taken by all bodies that one isolate is reading. Plain data, changed by the functions here. Each body has
 * its room only for a time: a request that dies with its runtime never gives its room back.
 */
export interface Budget {
  readonly bodies: Map<number, Body>
  next: number
  taken: number
  takenByAnonymous: number
}

interface Body {
  /** Bytes counted against the budget: copies included. */
  room: number
  bytes: number
  until: number
  readonly share: BodyShare
}

/**
 * The part of the budget that a body may take. `anonymous`: a quarter, for all anonymous senders together. `spare`: what can
 * be done without, so it leaves half of the budget to others.
 */
export type BodyShare = 'any' | 'anonymous' | 'spare'

export const BUDGET_BYTES = 16 * 1024 * 1024
/** The part of the budget for all bodies of anonymous senders together. */
export const ANONYMOUS_BYTES = BUDGET_BYTES / 4
/** What can be done without is given no room if this much is taken. */
export const SPARE_BYTES = BUDGET_BYTES / 2
/** A body is in memory as it came, joined into one array, and as a digest or the request to the origin copies it. */
const COPIES = 3
/** The room of a request that has sent nothing yet. */
const LEAST_BYTES = 4096

export function createBudget(): Budget {
  return { bodies: new Map(), next: 0, taken: 0, takenByAnonymous: 0 }
}

/**
 * Makes room for one body until `until`, in milliseconds since 1970. Returns its id, or undefined if there is no room;
 * the body must not be read then.
 */
export function begin(budget: Budget, share: BodyShare, until: number, now: number): number | undefined {
  const body: Body = { room: 0, bytes: 0, until, share }
  if (!take(budget, body, 0, now)) return undefined
  budget.bodies.set(budget.next, body)
  return budget.next++
}

/** Takes room for `bytes` more of a body. Returns false if there is no room, or if the body's time is up. */
export function grow(budget: Budget, id: number, bytes: number, now: number): boolean {
  const body = budget.bodies.get(id)
  return body !== undefined && body.until > now && take(budget, body, bytes, now)
}

/** Gives a body more time: it has been read, and is not sent on yet. */
export function extendBody({ bodies }: Budget, id: number, until: number): void {
  const body = bodies.get(id)
  if (body !== undefined) body.until = until
}

export function end(budget: Budget, id: number): void {
  const body = budget.bodies.get(id)
  if (body === undefined) return
  budget.bodies.delete(id)
  count(budget, body, -body.room)
}

function take(budget: Budget, body: Body, more: number, now: number): boolean {
  const bytes = body.bytes + more
  const room = Math.max(LEAST_BYTES, bytes) * COPIES
  if (!fits(budget, body, room - body.room)) {
    for (const [id, { until }] of budget.bodies) if (until <= now) end(budget, id)
    if (!fits(budget, body, room - body.room)) return false
  }
  count(budget, body, room - body.room)
  body.room = room
  body.bytes = bytes
  return true
}

function fits({ taken, takenByAnonymous }: Budget, { share }: Body, more: number): boolean {
  if (share === 'anonymous' && takenByAnonymous + more > ANONYMOUS_BYTES) return false
  return taken + more <= (share === 'spare' ? SPARE_BYTES : BUDGET_BYTES)
}

function count(budget: Budget, { share }: Body, change: number): void {
  budget.taken += change
  if (share === 'anonymous') budget.takenByAnonymous += change
}
