import * as v from 'valibot'
import { exactRate, MAX_RATES, type Rates } from '../access/ratelimit.ts'
import { HOUR, shownName, text, whole } from './rules/values.ts'

const MAX_REQUESTS = 1_000_000

const exact = v.strictObject({ requests: whole(1, MAX_REQUESTS), seconds: whole(1, HOUR) })

/** The two periods in which a rate limit of the platform counts. */
const period = v.picklist([10, 60], 'expected 10 or 60: the period that is set for the binding')

function rateSchema(bindings: ReadonlySet<string>) {
  const bound = v.strictObject({
    binding: v.pipe(
      text,
      v.check(
        (name) => bindings.has(name),
        (issue) => `the environment has no rate limit of the name ${shownName(issue.input)}`,
      ),
    ),
    seconds: period,
  })
  return v.lazy((given) => (typeof given === 'object' && given !== null && 'binding' in given ? bound : exact))
}

type CheckedRate = v.InferOutput<ReturnType<typeof rateSchema>>

/** The rates of a route or zone. */
export function ratesSchema(bindings: ReadonlySet<string>) {
  return v.pipe(
    v.array(rateSchema(bindings)),
    v.maxLength(MAX_RATES, `expected at most ${MAX_RATES}`),
    v.check(
      (rates) => areDistinct(rates),
      'expected each binding once, and one number of requests for so many seconds',
    ),
  )
}

function areDistinct(rates: readonly CheckedRate[]): boolean {
  return new Set(rates.map((rate) => ('binding' in rate ? rate.binding : rate.seconds))).size === rates.length
}

/** Compiles the rates of one route, scoped by its name and methods. Returns undefined if there are none. */
export function compileRates(
  given: readonly CheckedRate[] | undefined,
  route: string,
  methods?: readonly string[],
): Rates | undefined {
  if (given === undefined || given.length === 0) return undefined
  const scope = methods === undefined ? route : `${methods.join()} ${route}`
  return {
    scope,
    exact: given.flatMap((rate) => ('binding' in rate ? [] : [exactRate(rate.requests, rate.seconds, scope)])),
    bound: given.flatMap((rate) => ('binding' in rate ? [{ binding: rate.binding, seconds: rate.seconds }] : [])),
  }
}
