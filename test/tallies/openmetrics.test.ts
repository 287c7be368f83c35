import { expect, it } from 'vitest'
import { openMetricsOf } from '../../src/operator/rules/openmetrics.ts'
import { DIMENSIONS, kindWith, MONEY_DIMENSIONS, Tally } from '../../src/tallies/rules/tally.ts'

const NAME = '[a-zA-Z_:][a-zA-Z0-9_:]*'
const LABEL = '[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\\\\n]|\\\\["\\\\n])*"'
/** The lines of OpenMetrics 1.0, by its grammar. A number of ours has no exponent. */
const METADATA = new RegExp(`^# (TYPE|UNIT|HELP) (${NAME}) (.+)$`)
const SAMPLE = new RegExp(`^(${NAME})(?:\\{(${LABEL}(?:,${LABEL})*)?\\})? (-?\\d+(?:\\.\\d+)?)$`)

const HOSTILE = ['/a/*', 'a "quoted" name', 'back\\slash', 'ünïcödé', '# EOF', 'a{b="c"} 1', '']

function tallyOf(): Tally {
  const tally = new Tally()
  for (const [index, name] of HOSTILE.entries())
    for (const decision of ['serve', 'refuse', 'own', 'prefetch']) {
      const names = DIMENSIONS.map((dimension) => (dimension === 'decision' ? decision : name))
      const cell = tally.cellOf(kindWith(names))
      cell.count = index + 1
      cell.bytes = 10
      cell.totalMs.push(1, 2, 3)
      cell.originMs.push(0, 1)
    }
  for (const name of HOSTILE) {
    const cell = tally.moneyOf(kindWith(MONEY_DIMENSIONS.map(() => name)))
    cell.charges = 2
    cell.money.set('USD', 1n).set('JPY', -123_456_789_012_345_678n)
    cell.units.set('requests', 3n)
  }
  return tally
}

interface Series {
  readonly family: string
  readonly type: string
  readonly name: string
  readonly labels: string
  readonly value: string
}

/** Reads a text line by line; throws at the first that the grammar does not have. */
function parse(text: string): readonly Series[] {
  const lines = text.split('\n')
  expect(lines.splice(-2)).toEqual(['# EOF', ''])
  const [all, seen]: [Series[], Map<string, { type: string; unit: string }>] = [[], new Map()]
  let family = ''
  for (const line of lines) {
    const [, kind = '', of = '', words = ''] = METADATA.exec(line) ?? []
    if (kind === 'TYPE') {
      if (seen.has(of)) throw new Error(`a family comes twice: ${of}`)
      family = of
      seen.set(of, { type: words, unit: '' })
    } else if (kind !== '') {
      if (of !== family) throw new Error(`metadata of another family: ${line}`)
      if (kind === 'UNIT' && !family.endsWith(`_${words}`))
        throw new Error(`a unit that does not end the name: ${line}`)
    } else {
      const [matched, name = '', labels = '', value = ''] = SAMPLE.exec(line) ?? []
      if (matched === undefined) throw new Error(`no line of OpenMetrics: ${line}`)
      all.push({ family, type: seen.get(family)?.type ?? '', name, labels, value })
    }
  }
  return all
}

const SUFFIX: Readonly<Record<string, string>> = { counter: '_total', gauge: '', histogram: '_bucket' }

it('metrics are OpenMetrics, whatever the names of the configuration are', () => {
  const all = parse(openMetricsOf('a "zone"\\', tallyOf()))
  expect(all.length).toBeGreaterThan(100)
  for (const { family, type, name, value } of all) {
    expect(name).toBe(family + SUFFIX[type])
    if (type === 'counter') expect(Number(value)).toBeGreaterThanOrEqual(0)
  }
  const names = all.map(({ name, labels }) => `${name}{${labels}}`)
  expect(new Set(names).size).toBe(names.length)
  expect(parse(openMetricsOf('empty', new Tally())).length).toBeGreaterThan(0)
})

it('the buckets of a histogram grow up to all, in the order of their bounds', () => {
  const buckets = parse(openMetricsOf('www', tallyOf())).filter(({ name }) => name.endsWith('_bucket'))
  const groups = Map.groupBy(buckets, ({ name, labels }) => name + labels.replace(/,?le="[^"]*"/, ''))
  expect(groups.size).toBe(4)
  for (const group of groups.values()) {
    const bounds = group.map(({ labels }) => /le="([^"]*)"/.exec(labels)?.[1] ?? '')
    expect(bounds.at(-1)).toBe('+Inf')
    const finite = bounds.slice(0, -1).map(Number)
    expect(finite).toEqual(finite.toSorted((one, other) => one - other))
    const counts = group.map(({ value }) => Number(value))
    expect(counts).toEqual(counts.toSorted((one, other) => one - other))
    expect(counts.at(-1)).toBeGreaterThan(0)
  }
})
