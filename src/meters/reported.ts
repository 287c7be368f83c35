import { parseDictionary } from 'structured-headers'
import * as v from 'valibot'
import { LIMIT_TEXT } from '../access/limit.ts'
import type { Meter, MeteredAmount } from '../access/meter.ts'
import { pluginOptions } from '../config/rules/pluginoptions.ts'
import { whole } from '../config/rules/values.ts'
import { ok } from '../core/result.ts'
import { mayBeReported } from '../http/rules/fields.ts'

/** The field of the origin's report, and the reservation. */
export interface ReportedOptions {
  /**
   * The response field with the origin's report: a Dictionary of integers (RFC 9651), such as `rows=12`. Its names are in
   * lower case. Default `Faregate-Usage`.
   */
  field?: string
  /** The most that one request may use, by the name of a limit or by its unit. It is reserved before the origin is asked. */
  most: Record<string, number>
}

const DEFAULT_FIELD = 'Faregate-Usage'

/**
 * Meters by the origin's report: `most` is reserved, and the amount in the response's field is committed. A name without a
 * report costs its reservation, and so does a field that is missing or no Dictionary of integers. A report above `most`
 * costs `most`, and is logged. The field is removed from every response. An app behind the middleware reports with
 * `c.var.faregate.report({ rows: 12 })` instead.
 *
 * @example
 * ```ts zone
 * routes: [{ path: '/query/*', requires: 'api', cache: 'off', meter: reported({ most: { rows: 1000 } }) }]
 * ```
 */
export function reported(options: ReportedOptions): Meter {
  const { faults } = pluginOptions(reportedSchema, options)
  const { field = DEFAULT_FIELD, most } = options ?? {}
  const counted = Object.keys(most ?? {})
  return {
    name: 'reported',
    counted,
    fields: [field],
    faults,
    classify: () => 'metered',
    bound: () => ok({ amount: { counts: counted.map((name) => ({ name, units: BigInt(most[name] ?? 0) })) } }),
    measure(response, _attempt, { reported: byApp }) {
      const written = response.headers.get(field)
      return ok({ response, used: () => amountOf(byApp?.()) ?? readUsage(written) })
    },
  }
}

function reportedSchema() {
  return v.strictObject({
    field: v.optional(
      v.pipe(
        v.string('expected a string'),
        v.check(mayBeReported, 'expected the name of a field that no standard has and that is not the gate’s own'),
      ),
    ),
    most: v.pipe(
      v.custom<Record<string, number>>(
        (given) => typeof given === 'object' && given !== null && !Array.isArray(given),
        'expected an object such as {rows: 1000}',
      ),
      v.record(
        v.pipe(v.string(), v.regex(LIMIT_TEXT, 'expected 1 to 64 characters of printable ASCII')),
        whole(0, Number.MAX_SAFE_INTEGER),
      ),
      v.check((given) => Object.keys(given).length > 0, 'expected the name of something that is counted'),
    ),
  })
}

function amountOf(units: Readonly<Record<string, bigint>> | undefined): MeteredAmount | undefined {
  return units && { counts: Object.entries(units).map(([name, taken]) => ({ name, units: taken })) }
}

/** Returns undefined unless the field is a Dictionary of integers that count something. */
function readUsage(field: string | null): MeteredAmount | undefined {
  if (field === null) return undefined
  try {
    const counts = Array.from(parseDictionary(field), ([name, [value]]) => ({ name, units: unitsIn(value) }))
    return { counts }
  } catch {
    return undefined
  }
}

function unitsIn(value: unknown): bigint {
  if (typeof value !== 'number' || !Number.isInteger(value) || value < 0) throw new RangeError('no count')
  return BigInt(value)
}
