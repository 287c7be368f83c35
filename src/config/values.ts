import * as v from 'valibot'
import { isLoopback } from '../core/exchange.ts'

/** Longest time a client may keep a paid response unasked: how soon a revocation takes hold. */
export const REVOCATION_BOUND_SECONDS = 5
export const DAY = 86_400

export const text = v.pipe(v.string('expected a string'), v.nonEmpty('expected a string that is not empty'))
export const names = v.pipe(
  v.union(
    [
      v.pipe(
        text,
        v.transform((name) => [name]),
      ),
      v.pipe(v.array(text), v.minLength(1, 'expected at least one')),
    ],
    'expected a string or a list of strings',
  ),
)

export function seconds(least: number, most: number): v.GenericSchema<number> {
  const wanted = `expected a number of seconds from ${least} to ${most}`
  return v.pipe(v.number(wanted), v.finite(wanted), v.minValue(least, wanted), v.maxValue(most, wanted))
}

/** Keys that come over plain http may be anyone's. */
export function isSafeUrl(value: string): boolean {
  const url = URL.parse(value)
  return url !== null && (url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(url.hostname)))
}
