import type { Pair } from './pairs.ts'
import { median, spread } from './statistics.ts'

/** What one round measured of one row. Undefined where the system does not tell CPU time. */
export type Measured = {
  readonly rps: number
  readonly p50Ms: number
  readonly p99Ms: number
  readonly cpuMicros: number | undefined
  /** CPU time as a multiple of what the yardstick took in the same round. */
  readonly ratioToHono: number | undefined
  /** What the process held when its load ended. */
  readonly residentMegabytes: number | undefined
}

/** Of each column the median of the rounds, and beside it the least and the greatest. */
export type Summary = {
  readonly row: { readonly name: string } & Columns<number | null>
  readonly spread: Columns<readonly [number, number] | null>
}

type Columns<T> = Record<keyof Measured, T>

const DECIMALS: Columns<number> = { rps: 0, p50Ms: 3, p99Ms: 3, cpuMicros: 1, ratioToHono: 2, residentMegabytes: 0 }

export function summarise(name: string, rounds: readonly Measured[]): Summary {
  const column = <T>(of: (values: readonly number[], decimals: number) => T): Columns<T | null> => {
    const read = (key: keyof Measured): T | null => {
      const values = rounds.map((round) => round[key]).filter((value) => value !== undefined)
      return values.length === 0 ? null : of(values, DECIMALS[key])
    }
    return {
      rps: read('rps'),
      p50Ms: read('p50Ms'),
      p99Ms: read('p99Ms'),
      cpuMicros: read('cpuMicros'),
      ratioToHono: read('ratioToHono'),
      residentMegabytes: read('residentMegabytes'),
    }
  }
  return {
    row: { name, ...column((values, decimals) => round(median(values), decimals)) },
    spread: column((values, decimals) => {
      const [least, greatest] = spread(values)
      return [round(least, decimals), round(greatest, decimals)] as const
    }),
  }
}

function round(value: number, decimals: number): number {
  return Number(value.toFixed(decimals))
}

export type Environment = Readonly<Record<string, string | number | boolean>>

export function asJson(summaries: readonly Summary[], pairs: readonly Pair[], environment: Environment): string {
  const spreads = Object.fromEntries(summaries.map(({ row, spread: ranges }) => [row.name, ranges]))
  return JSON.stringify({ rows: summaries.map(({ row }) => row), spread: spreads, pairs, environment }, null, 2)
}

/** A Markdown table, aligned so that it reads as text too. */
export function asTable(summaries: readonly Summary[], pairs: readonly Pair[], environment: Environment): string {
  const rate = String(environment['pacedRequestsPerSecond'])
  const head = [
    '',
    'req/s',
    `p50 ms at ${rate}/s`,
    `p99 ms at ${rate}/s`,
    'CPU µs/request',
    'min–max',
    '× Hono',
    'RSS MB',
  ]
  const body = summaries.map(({ row, spread: ranges }) => [
    row.name,
    cell(row.rps, 'rps'),
    cell(row.p50Ms, 'p50Ms'),
    cell(row.p99Ms, 'p99Ms'),
    cell(row.cpuMicros, 'cpuMicros'),
    ranges.cpuMicros?.map((value) => cell(value, 'cpuMicros')).join('–') ?? '–',
    cell(row.ratioToHono, 'ratioToHono'),
    cell(row.residentMegabytes, 'residentMegabytes'),
  ])
  const facts = Object.entries(environment).map(([name, value]) => `${name} ${value}`)
  const ratios = pairs.map(({ row, against, ratio, rounds }) => {
    const [least, greatest] = spread(rounds)
    return `${row}: ${ratio.toFixed(2)} times the CPU of ${against} (${least.toFixed(2)}–${greatest.toFixed(2)})\n`
  })
  return `${markdown([head, ...body])}\n\n${ratios.join('')}${ratios.length === 0 ? '' : '\n'}${facts.join(' · ')}`
}

function cell(value: number | null, key: keyof Measured): string {
  return value === null ? '–' : value.toFixed(DECIMALS[key])
}

export function markdown([head = [], ...body]: readonly string[][]): string {
  const widths = head.map((_, index) => Math.max(3, ...[head, ...body].map((cells) => cells[index]?.length ?? 0)))
  const line = (cells: readonly string[]): string =>
    `| ${widths.map((width, index) => (index === 0 ? (cells[index] ?? '').padEnd(width) : (cells[index] ?? '').padStart(width))).join(' | ')} |`
  const rule = widths.map((width, index) => (index === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`))
  return [line(head), `| ${rule.join(' | ')} |`, ...body.map(line)].join('\n')
}
