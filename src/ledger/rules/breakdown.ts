/**
 * How the amount of a metered charge came about: kept with the charge, and told to its account and to billing.
 *
 * A meter says it, and a meter may be anybody's code: what is malformed or too large is dropped, and the charge is not. It is
 * part of the row and the record that a charge has anyway.
 */
import type { Breakdown } from '../../access/meter.ts'
import type { Facts } from './record.ts'

/** A breakdown in JSON. Units are strings: JSON readers may not hold such numbers. */
export interface BreakdownView extends Omit<Breakdown, 'lines'> {
  readonly lines: readonly { readonly name: string; readonly units: string; readonly rate?: string }[]
}

/** The most bytes of a breakdown in JSON. */
const MOST_BYTES = 2048

/** Returns a breakdown with the members that it may have; undefined if it is malformed, or longer than 2 kB in JSON. */
export function fittingBreakdown(told: Breakdown | undefined): Breakdown | undefined {
  if (told === undefined) return undefined
  const { of, basis, lines, rates, tier } = told
  const fit: Breakdown = {
    of,
    basis,
    lines: lines.map(({ name, units, rate }) => ({ name, units, ...(rate !== undefined && { rate }) })),
    ...(rates !== undefined && { rates }),
    ...(tier !== undefined && { tier }),
  }
  const texts = [of, basis, rates ?? '', tier ?? '', ...lines.flatMap(({ name, rate = '' }) => [name, rate])]
  const isSound = texts.every((text) => typeof text === 'string') && lines.every(({ units }) => isCount(units))
  return isSound && bytesOf(JSON.stringify(describeBreakdown(fit))) <= MOST_BYTES ? fit : undefined
}

function isCount(units: unknown): boolean {
  return typeof units === 'bigint' && units >= 0n
}

/** Returns at least the bytes of a text in UTF-8. */
function bytesOf(text: string): number {
  let bytes = 0
  for (const character of text) bytes += character <= '\u007F' ? 1 : 4
  return bytes
}

export function describeBreakdown({ lines, ...breakdown }: Breakdown): BreakdownView {
  return { ...breakdown, lines: lines.map(({ units, ...line }) => ({ ...line, units: String(units) })) }
}

/** Reads a breakdown back, as this program wrote it. */
export function readBreakdown({ lines, ...breakdown }: BreakdownView): Breakdown {
  return { ...breakdown, lines: lines.map(({ units, ...line }) => ({ ...line, units: BigInt(units) })) }
}

/** Returns what is to be said of a charge that was kept as it was reserved; undefined if no meter was asked. */
export function reservedBreakdown({ meter, model = meter }: Facts): Breakdown | undefined {
  if (typeof meter !== 'string' || typeof model !== 'string') return undefined
  return { of: model, basis: 'reserved', lines: [] }
}

/** Returns the facts of a charge after it was measured: what was used may be another model than was asked for. */
export function measuredFacts(facts: Facts, breakdown: Breakdown | undefined): Facts {
  const { meter, model } = facts
  if (breakdown === undefined || meter === undefined || breakdown.of === model) return facts
  return breakdown.basis === 'reserved' ? facts : { ...facts, model: breakdown.of }
}
