import * as v from 'valibot'
import {
  type Counts,
  DEFAULT_METERING,
  DEFAULT_UNIT,
  isWindow,
  type Limit,
  LIMIT_KINDS,
  LIMIT_TEXT,
  MAX_LIMITS,
  type Metering,
  readAnchor,
  type Window,
} from '../access/limit.ts'
import { whole } from './rules/values.ts'

const label = v.pipe(
  v.string('expected a string'),
  v.regex(LIMIT_TEXT, 'expected 1 to 64 characters of printable ASCII'),
)
const window = v.custom<Window>(isWindow, 'expected whole seconds from 1 to 366 days, "P1D" or "P1M"')
const anchor = v.custom<string | number>(
  (value) => readAnchor(value) !== undefined,
  'expected an RFC 3339 time, or whole seconds since 1970',
)

const quota = v.strictObject({
  name: label,
  quota: whole(1, Number.MAX_SAFE_INTEGER),
  unit: v.optional(label, DEFAULT_UNIT),
  window,
  kind: v.optional(v.picklist(LIMIT_KINDS, 'expected "fixed" or "sliding"'), 'fixed'),
  anchor: v.optional(anchor),
})

/** The quotas of a route or zone. */
export const quotas = v.pipe(v.array(quota), v.maxLength(MAX_LIMITS, `expected at most ${MAX_LIMITS}`))

const MAX_UNITS = 1_000_000_000
const MAX_COUNTS = 64

/** The schema of a request's units. */
export const counts = v.pipe(
  v.custom<Record<string, number>>((value) => !Array.isArray(value), 'expected an object such as {requests: 1}'),
  v.record(label, whole(0, MAX_UNITS)),
  v.check((given) => Object.keys(given).length <= MAX_COUNTS, `expected at most ${MAX_COUNTS}`),
)

export type CheckedQuotas = v.InferOutput<typeof quotas>
export type CheckedCounts = v.InferOutput<typeof counts>

/** Compiles how a paid route counts its requests: by the route's own quotas, else by the zone's. */
export function compileMetering(
  given: CheckedCounts | undefined,
  own: CheckedQuotas | undefined,
  ofZone: CheckedQuotas | undefined,
): Metering {
  return {
    counts: given === undefined ? DEFAULT_METERING.counts : compileCounts(given),
    quotas: (own ?? ofZone ?? []).map(compileQuota),
  }
}

function compileCounts(given: CheckedCounts): Counts {
  return Object.fromEntries(Object.entries(given).map(([name, units]) => [name, BigInt(units)]))
}

function compileQuota({ quota: most, anchor: begins, ...rest }: CheckedQuotas[number]): Limit {
  return { ...rest, quota: BigInt(most), anchor: begins === undefined ? undefined : readAnchor(begins) }
}
