/**
 * Limits the calls that one isolate makes to a server at a time.
 *
 * A small origin falls over if every visitor reaches it at once, and free readers could keep out those who pay. A call
 * holds a slot until its response has left. A request may die with its runtime and never release its slot, so each slot
 * also has an end. A quarter of the slots is kept for paid requests.
 */

/** The slots in use: by number, with the end of each in milliseconds since 1970. */
export interface Slots {
  readonly held: Map<number, number>
  next: number
}

export function createSlots(): Slots {
  return { held: new Map(), next: 0 }
}

/**
 * Returns the most calls that may be in progress once one more is made. A quarter is kept for paid requests, or one of
 * two or three: readers who pay nothing cannot take the last.
 */
export function mostFor(isPaid: boolean, most: number): number {
  return isPaid ? most : most - Math.min(most - 1, Math.ceil(most / 4))
}

/** Returns true if one more call fits. Drops slots past their end, if they are in the way. */
export function hasRoom({ held }: Slots, most: number, now: number): boolean {
  if (held.size < most) return true
  for (const [slot, until] of held) if (until <= now) held.delete(slot)
  return held.size < most
}

/** Takes a slot until it is released, or until `until`. */
export function holdSlot(slots: Slots, until: number): number {
  const slot = slots.next++
  slots.held.set(slot, until)
  return slot
}

/** Gives a call more time. A slot already dropped stays dropped. */
export function extendSlot({ held }: Slots, slot: number, until: number): void {
  if (held.has(slot)) held.set(slot, until)
}

export function release({ held }: Slots, slot: number): void {
  held.delete(slot)
}
