/** What goes wrong between Stripe and the gate, by a seed or by the test's own word. */

/**
 * What becomes of a call. `lost`: it takes effect, and the connection breaks before the answer. `timeout`: it takes effect, and
 * no answer comes. `down`: it takes no effect, and the connection breaks. `500` and `429`: it takes no effect. `slow`: the
 * answer waits for `release`.
 */
export type CallFault = 'lost' | 'timeout' | 'down' | '500' | '429' | 'slow'

/**
 * What becomes of a delivery. `lost`: it never arrives, and Stripe sends it again. `unanswered`: it arrives, its answer does
 * not, and Stripe sends it again. `late`: it comes 90 seconds later. `doubled`: it comes twice. `reordered`: it comes up to
 * 20 seconds later, after what was made after it.
 */
export type DeliveryFault = 'lost' | 'unanswered' | 'late' | 'doubled' | 'reordered'

/** Says what goes wrong with one call or delivery; undefined if nothing does. Called once for each. */
export interface Faults {
  call?: (call: { readonly method: string; readonly path: string }) => CallFault | undefined
  delivery?: (event: { readonly type: string; readonly id: string }, attempt: number) => DeliveryFault | undefined
}

/** A random number from 0 to 1 for each call (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** How often each thing goes wrong, from 0 to 1. */
export interface FaultRates {
  readonly calls?: Partial<Record<CallFault, number>>
  readonly deliveries?: Partial<Record<DeliveryFault, number>>
}

/** Faults at random, the same for the same seed and calls. */
export function randomFaults(seed: number, { calls = {}, deliveries = {} }: FaultRates): Required<Faults> {
  const random = seeded(seed)
  const pick = <T extends string>(rates: Partial<Record<T, number>>): T | undefined => {
    let left = random()
    for (const name of Object.keys(rates) as T[]) {
      left -= rates[name] ?? 0
      if (left < 0) return name
    }
    return undefined
  }
  // After four attempts everything arrives: Stripe keeps trying for three days.
  return { call: () => pick(calls), delivery: (_, attempt) => (attempt > 4 ? undefined : pick(deliveries)) }
}
