import * as v from 'valibot'
import { watchLimits } from '../ledger/rules/thresholds.ts'
import type { LimitEvents } from './sink.ts'

const MAX_THRESHOLDS = 20
const MAX_PERCENT = 100

/** The thresholds of a sink's options. */
export const thresholdOption = /* @__PURE__ */ v.optional(
  v.pipe(
    v.array(
      v.pipe(
        v.number('expected a whole number of per cent'),
        v.integer('expected a whole number of per cent'),
        v.minValue(1, 'expected at least 1'),
        v.maxValue(MAX_PERCENT, `expected at most ${MAX_PERCENT}`),
      ),
    ),
    v.minLength(1, 'expected at least one, such as [50, 75, 90, 100]'),
    v.maxLength(MAX_THRESHOLDS, `expected at most ${MAX_THRESHOLDS}`),
    v.check((all) => new Set(all).size === all.length, 'expected each threshold once'),
  ),
)

/** Returns what a sink is told of limits, from options that may have faults. */
export function limitEvents(options: unknown): { readonly limits?: LimitEvents } {
  const given = typeof options === 'object' && options !== null && 'thresholds' in options ? options.thresholds : []
  const thresholds = Array.isArray(given) ? given.filter((one) => typeof one === 'number') : []
  return thresholds.length === 0 ? {} : { limits: { thresholds, watch: watchLimits } }
}
