/**
 * What the bodies that one isolate is reading take in memory. Plain data, which the functions here change. Each body has
 * its room for a time at most: a request that dies with its runtime never gives it back.
 */
export interface Budget {
  readonly bodies: Map<number, Body>
  next: number
  taken: number
  takenByAnonymous: number
}

interface Body {
  /** As it counts. */
  room: number
  bytes: number
  until: number
  readonly isAnonymous: boolean
}

export const BUDGET_BYTES = 16 * 1024 * 1024
/** What of it is for bodies of which nothing is known before they are read, all together. */
export const ANONYMOUS_BYTES = BUDGET_BYTES / 4
/** A body is in memory as it came, joined to one, and as a digest or the request to the origin copies it. */
const COPIES = 3
/** What a request takes that has sent nothing yet. */
const LEAST_BYTES = 4096

export function createBudget(): Budget {
  return { bodies: new Map(), next: 0, taken: 0, takenByAnonymous: 0 }
}

/** Makes room for one body. Undefined where there is none, and it is not to be read. */
export function begin(budget: Budget, isAnonymous: boolean, until: number, now: number): number | undefined {
  const body: Body = { room: 0, bytes: 0, until, isAnonymous }
  if (!take(budget, body, 0, now)) return undefined
  budget.bodies.set(budget.next, body)
  return budget.next++
}

/** Takes room for so many more bytes of a body. False where there is none, or the body's time is up. */
export function grow(budget: Budget, id: number, bytes: number, now: number): boolean {
  const body = budget.bodies.get(id)
  return body !== undefined && body.until > now && take(budget, body, bytes, now)
}

/** Gives a body more time: all of it is read, and it is not sent on yet. */
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

function fits({ taken, takenByAnonymous }: Budget, { isAnonymous }: Body, more: number): boolean {
  return taken + more <= BUDGET_BYTES && (!isAnonymous || takenByAnonymous + more <= ANONYMOUS_BYTES)
}

function count(budget: Budget, { isAnonymous }: Body, change: number): void {
  budget.taken += change
  if (isAnonymous) budget.takenByAnonymous += change
}
