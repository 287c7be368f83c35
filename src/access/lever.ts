/**
 * The levers of an operator: orders that open or close a part of a zone for a time.
 *
 * At night, with billing down, nobody deploys. A lever changes the terms that a request is decided on until its end, and then
 * all is as configured again, whoever remembers it. What is opened is served to whoever would be refused as to an anonymous
 * reader, and nobody is charged; what is closed is refused to everyone. Levers are data that every isolate reads with the
 * zone's bulletin, so their number is bounded.
 */

/** What a lever is about: the whole zone, or a part by its name in the configuration. */
export type LeverSubject = 'zone' | 'route' | 'model' | 'provider'

/** An order in effect until its end. There is one for each part and kind. Times are in milliseconds since 1970. */
export interface Lever {
  readonly kind: 'open' | 'close'
  readonly of: LeverSubject
  readonly name: string
  readonly sinceMs: number
  readonly untilMs: number
}

/** A lever to pull, or to take back. */
export interface LeverOrder {
  readonly lever: Lever
  readonly isUndone?: true
}

/** The most levers of a zone: every isolate reads them every few seconds. */
export const MOST_LEVERS = 64

/** Returns true if two are about the same part, and of one kind. */
export function isSameLever(one: Lever, other: Lever): boolean {
  return one.kind === other.kind && one.of === other.of && one.name === other.name
}

/**
 * Returns the levers after an order, without those that have ended. Returns the same object if the order changes nothing: it
 * was given before, there is nothing to take back, or there is no room for one more.
 */
export function applyLever(
  levers: readonly Lever[] | undefined,
  { lever, isUndone }: LeverOrder,
  now: number,
): readonly Lever[] | undefined {
  const live = leversAt(levers, now)
  const found = live.find((one) => isSameLever(one, lever))
  const isRepeat = isUndone ? found === undefined : found?.untilMs === lever.untilMs
  if (isRepeat || (found === undefined && live.length >= MOST_LEVERS)) return levers
  const others = live.filter((one) => one !== found)
  return isUndone ? others : [...others, { ...lever, sinceMs: found?.sinceMs ?? lever.sinceMs }]
}

/** Returns true if two lists have the same levers with the same ends, in the same order. */
export function areSameLevers(some: readonly Lever[] | undefined, others: readonly Lever[] | undefined): boolean {
  if (some === others) return true
  if (some === undefined || others === undefined || some.length !== others.length) return false
  return some.every((one, at) => {
    const other = others[at]
    return (
      other !== undefined && isSameLever(one, other) && one.untilMs === other.untilMs && one.sinceMs === other.sinceMs
    )
  })
}

/** Returns the levers in effect. */
export function leversAt(levers: readonly Lever[] | undefined, now: number): readonly Lever[] {
  return levers?.filter(({ untilMs }) => now < untilMs) ?? []
}

/** Returns true for levers as a store sends them. One of a kind that a later version knows changes nothing here. */
export function areLevers(value: unknown): value is readonly Lever[] {
  return Array.isArray(value) && value.every(isLever)
}

function isLever(value: unknown): value is Lever {
  if (typeof value !== 'object' || value === null) return false
  const { kind, of, name, sinceMs, untilMs } = value as Record<string, unknown>
  return [kind, of, name].every((text) => typeof text === 'string') && [sinceMs, untilMs].every(Number.isFinite)
}
