import type { LimitInput } from '../src/billing/index.ts'
import { usageError } from './commanderror.ts'

const LIMIT = /^([^=]+)=(\d+)\/(P1D|P1M|\d+)(?::(fixed|sliding))?$/

/** Reads a limit as it is typed: `requests=100/3600`, `reports=5/P1M:sliding`. */
export function limitOf(text: string): LimitInput {
  const [, name, quota, window, kind] = LIMIT.exec(text) ?? []
  if (name === undefined || window === undefined)
    throw usageError(`a limit: expected requests=100/3600 or reports=5/P1M, not "${text}"`)
  return {
    name,
    quota: Number(quota),
    window: window === 'P1D' || window === 'P1M' ? window : Number(window),
    ...(kind === 'sliding' || kind === 'fixed' ? { kind } : {}),
  }
}
