import { hashLanes } from '../../core/hash.ts'
import { type Charge, isForgotten } from '../rules/book.ts'
import type { Place } from './ring.ts'

/** The place of a closed charge, with the facts by which it is looked for. */
export interface ClosedCharge extends Place {
  readonly id: string
  readonly sequence: number
  readonly keepUntil: number
  readonly isUnsettled: boolean
  /** The hash of the continuation that it names; 0 if it names none. */
  readonly continuation: number
}

/**
 * The most closed charges that a ledger knows. Beyond it the oldest are forgotten early: a Range that would continue one is
 * then charged anew, and a late report of one has no effect.
 */
const MAX_CLOSED = 5_000

/** The closed charges that are still known, by id: each lies in the journal. */
export class ClosedCharges {
  readonly #known = new Map<string, ClosedCharge>()

  get(id: string): ClosedCharge | undefined {
    return this.#known.get(id)
  }

  /** Returns those of a continuation, or whose hash is the same, latest first. */
  continuing(continuation: string, now: number): readonly ClosedCharge[] {
    const hash = hashOf(continuation)
    return this.#latest((one) => one.continuation === hash && one.keepUntil > now)
  }

  unsettled(now: number): readonly ClosedCharge[] {
    return this.#latest(({ isUnsettled, keepUntil }) => isUnsettled && keepUntil > now)
  }

  #latest(isWanted: (one: ClosedCharge) => boolean): ClosedCharge[] {
    return [...this.#known.values()].filter(isWanted).sort((one, other) => other.sequence - one.sequence)
  }

  /** Notes where a charge lies now; forgets it if it is not closed. */
  put(charge: Charge, { slot, number }: Place): void {
    const { id, sequence, keepUntil, state, chain } = charge
    this.#known.delete(id)
    if (keepUntil === undefined) return
    const continuation = chain.continuation === undefined ? 0 : hashOf(chain.continuation)
    this.#add({ id, sequence, keepUntil, isUnsettled: state === 'unsettled', continuation, slot, number })
  }

  #add(one: ClosedCharge): void {
    this.#known.set(one.id, one)
    if (this.#known.size <= MAX_CLOSED) return
    const [oldest] = this.#known.keys()
    if (oldest !== undefined) this.#known.delete(oldest)
  }

  /** Drops the charges that are out of use. */
  prune(now: number): void {
    for (const [id, { keepUntil }] of this.#known) if (keepUntil <= now) this.#known.delete(id)
  }

  encode(): readonly PlainClosed[] {
    return Array.from(this.#known.values(), ({ id, sequence, keepUntil, isUnsettled, continuation, slot, number }) => [
      id,
      sequence,
      keepUntil,
      Number(isUnsettled),
      continuation,
      slot,
      number,
    ])
  }

  decode(all: readonly PlainClosed[]): void {
    for (const [id, sequence, keepUntil, isUnsettled, continuation, slot, number] of all) {
      this.#add({ id, sequence, keepUntil, isUnsettled: isUnsettled === 1, continuation, slot, number })
    }
  }

  clear(): void {
    this.#known.clear()
  }
}

export type PlainClosed = readonly [
  id: string,
  sequence: number,
  keepUntil: number,
  isUnsettled: number,
  continuation: number,
  slot: number,
  number: number,
]

/** Returns true if a charge names this continuation, and is known. */
export function continues(charge: Charge, continuation: string, now: number): boolean {
  return charge.chain.continuation === continuation && !isForgotten(charge, now)
}

/** Hashes a text to 53 bits, never 0. Who looks by it compares the text itself. */
function hashOf(text: string): number {
  const [low, high] = hashLanes(text)
  return low * 2 ** 21 + (high >>> 11) || 1
}
