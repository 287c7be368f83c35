import { ClockCache } from '../../src/core/clockcache.ts'
import type { VerdictMemory, Verifiers } from '../../src/tokens/verify.ts'

/** A memory that keeps nothing. */
export const NO_VERDICTS: VerdictMemory = {
  genuine: () => new ClockCache<unknown>(0).partition(),
  forged: () => new ClockCache<unknown>(0).partition(),
}

/** Verifiers that say this of every token. */
export function verifiersThatSay(verdict: never): Verifiers {
  return {
    verify: () => verdict,
    verifyAs: () => verdict,
    verifyOnce: () => verdict,
    rememberedKind: () => undefined,
    verdicts: NO_VERDICTS,
  }
}
