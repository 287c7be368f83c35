import { ClockCache } from '../../src/core/clockcache.ts'
import type { VerdictMemory } from '../../src/tokens/verify.ts'

/** A memory that keeps nothing. */
export const NO_VERDICTS: VerdictMemory = {
  genuine: () => new ClockCache<unknown>(0).partition(),
  forged: () => new ClockCache<unknown>(0).partition(),
}
