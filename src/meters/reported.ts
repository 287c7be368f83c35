import { parseDictionary } from 'structured-headers'
import type { Meter, MeteredAmount } from '../access/meter.ts'
import { ok } from '../core/result.ts'

export interface ReportedOptions {
  /** The response field in which the origin says what a request used: a Dictionary of integers (RFC 9651): `rows=12`. */
  field?: string
  /** What one request may use at most, by the name of a limit. It is reserved before the origin is asked. */
  most: Record<string, number>
}

/**
 * Meters by what the origin reports: `most` is reserved, and what the response's field says is committed. A name that is not
 * reported costs its reservation, as does a field that is missing or no Dictionary of integers. The field does not leave.
 *
 * @example
 * ```ts
 * routes: [{ path: '/query/*', requires: 'api', cache: 'off', meter: reported({ field: 'Faregate-Usage', most: { rows: 1000 } }) }]
 * ```
 */
export function reported({ field = 'Faregate-Usage', most }: ReportedOptions): Meter {
  const counts = Object.entries(most).map(([name, units]) => ({ name, units: BigInt(units) }))
  return {
    name: 'reported',
    classify: () => 'metered',
    bound: () => ok({ amount: { counts } }),
    measure(response, _attempt, { reported: byApp }) {
      const written = response.headers.get(field)
      response.headers.delete(field)
      return ok({ response, used: () => amountOf(byApp?.()) ?? read(written) })
    },
  }
}

function amountOf(units: Readonly<Record<string, bigint>> | undefined): MeteredAmount | undefined {
  return units && { counts: Object.entries(units).map(([name, taken]) => ({ name, units: taken })) }
}

/** Undefined for what is no Dictionary of integers that count something. */
function read(field: string | null): MeteredAmount | undefined {
  if (field === null) return undefined
  try {
    const counts = Array.from(parseDictionary(field), ([name, [value]]) => ({ name, units: unitsOf(value) }))
    return { counts }
  } catch {
    return undefined
  }
}

function unitsOf(value: unknown): bigint {
  if (typeof value !== 'number' || !Number.isInteger(value) || value < 0) throw new RangeError('no count')
  return BigInt(value)
}
