import { makeKey } from '../../src/rails/keys/format.ts'
import { ISSUER } from './claims.ts'

/** The variable of the benchmark's Workers that stands for a secret. */
export const BENCH_SECRET = 'not a secret: it keys a benchmark'
export const BENCH_KEY_ID = 'AAAAAAAAAAAAAAAA'
export const BENCH_OWNER = { issuer: ISSUER, account: 'reader-1' }

/** Makes the benchmark's API key. */
export function benchKey(): string {
  const bytes = new TextEncoder().encode(BENCH_SECRET)
  const gateKeys = { secrets: [{ generation: 1, bytes }] as const, derived: new Map() }
  return makeKey({ id: 'bench', gateKeys, issuers: [] }, BENCH_OWNER, BENCH_KEY_ID).text
}
