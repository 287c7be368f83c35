/**
 * The calls that a server is working on, by number, and when each is taken to be over, in milliseconds since 1970: a
 * request that dies with its runtime never says so.
 */
export interface Slots {
  readonly held: Map<number, number>
  next: number
}

export function createSlots(): Slots {
  return { held: new Map(), next: 0 }
}

/**
 * How many of a server's calls may be there when one more is made. A quarter is left to what is paid for, and one where there are
 * two or three: readers who pay nothing cannot take the last.
 */
export function mostFor(isPaid: boolean, most: number): number {
  return isPaid ? most : most - Math.min(most - 1, Math.ceil(most / 4))
}

/** True where one more call fits. Forgets calls whose time is up, when it matters. */
export function hasRoom({ held }: Slots, most: number, now: number): boolean {
  if (held.size < most) return true
  for (const [slot, until] of held) if (until <= now) held.delete(slot)
  return held.size < most
}

/** Takes a slot until it is released, or until its time is up. */
export function hold(slots: Slots, until: number): number {
  const slot = slots.next++
  slots.held.set(slot, until)
  return slot
}

/** Gives a call more time; one that was forgotten already stays so. */
export function extendSlot({ held }: Slots, slot: number, until: number): void {
  if (held.has(slot)) held.set(slot, until)
}

export function release({ held }: Slots, slot: number): void {
  held.delete(slot)
}
