import {
  DEFAULT_UNIT,
  isWindow,
  type Limit,
  LIMIT_KINDS,
  LIMIT_TEXT,
  type LimitKind,
  MAX_LIMITS,
  readAnchor,
} from '../access/limit.ts'
import { err, ok, type Result } from '../core/result.ts'
import { withoutNulls } from './claims.ts'
import { isObject } from './jws.ts'

const TEXT = '1 to 64 characters of printable ASCII'

/**
 * Reads the `limits` claim: `[{name, quota, unit, window, kind, anchor}]`. `name`: the claim's name, for errors. One
 * malformed limit refuses the whole claim: a limit that is not understood must not be passed over. Unknown members are
 * ignored. Error: the fault, in words that follow "The token's".
 */
export function readLimits(claim: unknown, name = 'limits'): Result<readonly Limit[], string> {
  if (claim === undefined) return ok([])
  if (!Array.isArray(claim) || claim.length > MAX_LIMITS) return err(`"${name}" is not a list of at most ${MAX_LIMITS}`)
  const limits: Limit[] = []
  for (const [index, item] of claim.entries()) {
    const limit = readLimit(item, `${name}[${index}]`)
    if (!limit.ok) return limit
    limits.push(limit.value)
  }
  return ok(limits)
}

function readLimit(item: unknown, path: string): Result<Limit, string> {
  if (!isObject(item)) return err(`"${path}" is not an object`)
  const bad = (member: string, expected: string): Result<never, string> => err(`"${path}.${member}" is not ${expected}`)
  const { name, quota, unit = DEFAULT_UNIT, window, anchor: begins, kind: named } = withoutNulls(item)
  const kind = readKind(named)
  const anchor = begins === undefined ? undefined : readAnchor(begins)
  if (!isText(name)) return bad('name', TEXT)
  if (!isQuota(quota)) return bad('quota', 'a whole number')
  if (!isText(unit)) return bad('unit', TEXT)
  if (!isWindow(window)) return bad('window', 'whole seconds from 1 to 366 days, "P1D" or "P1M"')
  if (kind === undefined) return bad('kind', LIMIT_KINDS.map((known) => `"${known}"`).join(' or '))
  if (begins !== undefined && anchor === undefined) return bad('anchor', 'an RFC 3339 time, or seconds since 1970')
  return ok({ name, quota: BigInt(quota), unit, window, kind, anchor })
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
