import {
  DEFAULT_UNIT,
  isWindow,
  type Limit,
  LIMIT_KINDS,
  LIMIT_TEXT,
  type LimitKind,
  MAX_LIMITS,
  readAnchor,
} from '../core/limit.ts'
import { isObject } from './jws.ts'

/**
 * Reads the `limits` claim: `[{name, quota, unit, window, kind, anchor}]`. Undefined where it is malformed in any part: a
 * limit that is not understood must not be passed over. Members that nobody knows are.
 */
export function readLimits(claim: unknown): readonly Limit[] | undefined {
  if (claim === undefined) return []
  if (!Array.isArray(claim) || claim.length > MAX_LIMITS) return undefined
  const limits: Limit[] = []
  for (const item of claim) {
    const limit = readLimit(item)
    if (limit === undefined) return undefined
    limits.push(limit)
  }
  return limits
}

function readLimit(item: unknown): Limit | undefined {
  if (!isObject(item)) return undefined
  const { name, quota, unit = DEFAULT_UNIT, window, anchor: begins } = item
  const kind = readKind(item['kind'])
  const anchor = begins === undefined ? undefined : readAnchor(begins)
  if (!isText(name) || !isText(unit) || !isQuota(quota) || !isWindow(window) || kind === undefined) return undefined
  if (begins !== undefined && anchor === undefined) return undefined
  return { name, quota: BigInt(quota), unit, window, kind, anchor }
}

function readKind(value: unknown): LimitKind | undefined {
  return value === undefined ? 'fixed' : LIMIT_KINDS.find((kind) => kind === value)
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && LIMIT_TEXT.test(value)
}

function isQuota(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
}
