/** Writes sums as OpenMetrics 1.0, the text that Prometheus reads. */
import { formatDecimal } from '../../core/money.ts'
import { BOUNDS_MS, timesIn } from '../../tallies/rules/histogram.ts'
import {
  type Dimension,
  DIMENSIONS,
  MONEY_DIMENSIONS,
  type MoneyDimension,
  namesIn,
  type Tally,
  type TrafficCell,
} from '../../tallies/rules/tally.ts'

/** The media type of the text. */
export const OPENMETRICS = 'application/openmetrics-text; version=1.0.0; charset=utf-8'

type Labels = readonly (readonly [name: string, value: string])[]

/** Returns all families of a zone, ended as the format demands. */
export function openMetricsOf(zone: string, tally: Tally): string {
  const of: Labels = [['zone', zone]]
  const parts = [
    counter('faregate_requests', 'Requests that were answered.', of, tally, ['route', 'decision', 'status']),
    counter(
      'faregate_refusals',
      'Requests that were refused, by reason.',
      of,
      tally,
      ['reason', 'credential', 'rail', 'format'],
      {
        decision: 'refuse',
      },
    ),
    counter(
      'faregate_served',
      'Requests that were served, by what opened them and how a copy was used.',
      of,
      tally,
      ['cache', 'rail', 'exempt', 'model'],
      { decision: 'serve' },
    ),
    counter(
      'faregate_observed',
      'Requests on watched routes, by what would have been decided.',
      of,
      tally,
      ['route', 'observed'],
      { observed: undefined },
    ),
    counter('faregate_trips', 'Trips to sign in or to buy, by what became of them.', of, tally, ['trip', 'offer'], {
      trip: undefined,
    }),
    bytes(of, tally),
    histogram('faregate_request_duration_seconds', 'Time until the head of the answer.', of, tally, 'totalMs'),
    histogram(
      'faregate_origin_duration_seconds',
      'Time until the head of the answer of the origin.',
      of,
      tally,
      'originMs',
    ),
    money(of, tally),
  ]
  return `${parts.join('')}# EOF\n`
}

/** A name that must be there: any, if it is undefined. */
type Having = Partial<Readonly<Record<Dimension, string | undefined>>>

function counter(
  name: string,
  help: string,
  of: Labels,
  { traffic }: Tally,
  by: readonly Dimension[],
  having: Having = {},
): string {
  const sums = new Map<string, { labels: Labels; count: number }>()
  for (const [kind, { count }] of traffic) {
    const names = namesIn(kind)
    if (!has(names, having)) continue
    const labels = [...of, ...by.map((dimension) => [dimension, nameOf(names, dimension)] as const)]
    const key = textOf(labels)
    sums.set(key, { labels, count: (sums.get(key)?.count ?? 0) + count })
  }
  return family(
    name,
    'counter',
    help,
    undefined,
    sorted(sums).map(({ labels, count }) => sample(`${name}_total`, labels, String(count))),
  )
}

function sorted<T>(sums: ReadonlyMap<string, T>): readonly T[] {
  return [...sums].sort(([one], [other]) => (one < other ? -1 : 1)).map(([, value]) => value)
}

function nameOf(names: readonly string[], dimension: Dimension): string {
  return names[DIMENSIONS.indexOf(dimension)] ?? ''
}

function has(names: readonly string[], having: Having): boolean {
  return DIMENSIONS.every((dimension, index) => {
    if (!(dimension in having)) return true
    return having[dimension] === undefined ? names[index] !== '' : names[index] === having[dimension]
  })
}

function bytes(of: Labels, { traffic }: Tally): string {
  const sum = Array.from(traffic.values()).reduce((all, cell) => all + cell.bytes, 0)
  const help = 'Bytes of content of answers that say how many.'
  return family('faregate_response_bytes', 'counter', help, 'bytes', [
    sample('faregate_response_bytes_total', of, String(sum)),
  ])
}

function histogram(name: string, help: string, of: Labels, { traffic }: Tally, times: 'totalMs' | 'originMs'): string {
  const lines: string[] = []
  for (const decision of ['serve', 'refuse']) {
    const cells = [...traffic].filter(([kind]) => nameOf(namesIn(kind), 'decision') === decision)
    lines.push(
      ...buckets(
        name,
        [...of, ['decision', decision]],
        cells.map(([, cell]) => cell),
        times,
      ),
    )
  }
  return family(name, 'histogram', help, 'seconds', lines)
}

function buckets(name: string, labels: Labels, cells: readonly TrafficCell[], times: 'totalMs' | 'originMs'): string[] {
  const all = cells.map((cell) => cell[times])
  const countIn = (bin: number): number => all.reduce((sum, histogram) => sum + (histogram[bin] ?? 0), 0)
  let below = 0
  const bounded = BOUNDS_MS.map((bound, bin) => {
    below += countIn(bin)
    return sample(`${name}_bucket`, [...labels, ['le', secondsOf(bound)]], String(below))
  })
  const count = all.reduce((sum, histogram) => sum + timesIn(histogram), 0)
  return [...bounded, sample(`${name}_bucket`, [...labels, ['le', '+Inf']], String(count))]
}

function secondsOf(ms: number): string {
  const text = String(ms / 1000)
  return text.includes('.') ? text : `${text}.0`
}

const NANO_DIGITS = 9

function money(of: Labels, { money: cells }: Tally): string {
  const charges: string[] = []
  const unsettled: string[] = []
  const undelivered: string[] = []
  const revenue: string[] = []
  const units: string[] = []
  for (const [kind, cell] of [...cells].sort(([one], [other]) => (one < other ? -1 : 1))) {
    const names = namesIn(kind)
    const named = (dimension: MoneyDimension): string => names[MONEY_DIMENSIONS.indexOf(dimension)] ?? ''
    const labels = [...of, ...MONEY_DIMENSIONS.map((dimension) => [dimension, named(dimension)] as const)]
    charges.push(sample('faregate_charges_total', labels, String(cell.charges)))
    unsettled.push(sample('faregate_charges_unsettled_total', labels, String(cell.unsettled)))
    undelivered.push(sample('faregate_payments_undelivered_total', labels, String(cell.undelivered)))
    for (const [currency, sum] of cell.money)
      revenue.push(sample('faregate_revenue', [...labels, ['currency', currency]], formatDecimal(sum, NANO_DIGITS)))
    for (const [unit, sum] of cell.units) units.push(sample('faregate_units', [...labels, ['unit', unit]], String(sum)))
  }
  return [
    family('faregate_charges', 'counter', 'Charges that were closed with something kept.', undefined, charges),
    family('faregate_charges_unsettled', 'counter', 'Charges that nobody reported the end of.', undefined, unsettled),
    family(
      'faregate_payments_undelivered',
      'counter',
      'Machine payments kept without all of the answer.',
      undefined,
      undelivered,
    ),
    family(
      'faregate_revenue',
      'gauge',
      'Kept of closed charges, in the unit of the currency; less what was given back.',
      undefined,
      revenue,
    ),
    family('faregate_units', 'gauge', 'Units kept of closed charges, such as requests or tokens.', undefined, units),
  ].join('')
}

function family(
  name: string,
  type: 'counter' | 'gauge' | 'histogram',
  help: string,
  unit: string | undefined,
  samples: readonly string[],
): string {
  const unitLine = unit === undefined ? '' : `# UNIT ${name} ${unit}\n`
  return `# TYPE ${name} ${type}\n${unitLine}# HELP ${name} ${help}\n${samples.join('')}`
}

function sample(name: string, labels: Labels, value: string): string {
  return `${name}{${textOf(labels)}} ${value}\n`
}

function textOf(labels: Labels): string {
  return labels
    .filter(([, value]) => value !== '')
    .map(
      ([name, value]) => `${name}="${value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')}"`,
    )
    .join(',')
}
