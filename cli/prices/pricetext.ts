import { PRICE_LIST } from '../../src/meters/llm/pricelist.ts'
import type { ClassRates } from '../../src/meters/llm/rules/ratecard.ts'
import { type Comparison, listedRates, type PriceChange } from './compare.ts'

/** Returns the built-in list as a table: a line for each model, and one for whatever else its price depends on. */
export function listText(provider: string | undefined, day: string): string {
  const rows = listedRates(provider, day)
  const width = Math.max(...rows.map(({ model }) => model.length))
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, index) => (index === 0 ? cell.padEnd(width) : cell.padStart(WIDTHS[index - 1] ?? 0)))
      .join('  ')
      .trimEnd()
  const blocks = [...PRICE_LIST].flatMap(([name, { currency }]) => {
    const own = rows.filter((row) => row.provider === name)
    if (own.length === 0) return []
    const usual = usualSource(own.map(({ listed }) => listed.source))
    const head = [
      `${name}, in ${currency} per million tokens; source: ${usual}, unless another is named`,
      line(['', ...HEADS]),
    ]
    return [...head, ...own.flatMap(({ model, listed }) => modelLines(model, listed, usual, line)), '']
  })
  return blocks.join('\n').trimEnd()
}

const HEADS = ['input', 'cached', 'written', 'for 1h', 'output', 'most in', 'most out', 'of']
const WIDTHS = HEADS.map((head) => Math.max(head.length, 7))

/** Returns the source of most models. */
function usualSource(sources: readonly string[]): string {
  const times = (source: string): number => sources.filter((other) => other === source).length
  return sources.reduce((one, other) => (times(other) > times(one) ? other : one), sources[0] ?? '')
}

type Listed = ReturnType<typeof listedRates>[number]['listed']

function modelLines(
  model: string,
  listed: Listed,
  usual: string,
  line: (cells: readonly string[]) => string,
): string[] {
  const { rates, limit, next, ids, source, date } = listed
  const { above, tiers, regions, each, inputAudio, inputImage } = rates
  const out = (given: ClassRates): string[] => [
    given.input,
    given.cacheRead ?? '–',
    given.cacheWrite ?? '–',
    given.cacheWriteLong ?? '–',
    given.output,
  ]
  const limits = [String(limit?.input ?? '–'), String(limit?.output ?? '–')]
  const more = [
    inputAudio !== undefined && inputAudio !== rates.input && `audio ${inputAudio}`,
    inputImage !== undefined && inputImage !== rates.input && `images ${inputImage}`,
    ...Object.entries(each ?? {}).map(([name, fee]) => `${name} ${fee} each`),
    ...Object.entries(tiers ?? {}).map(
      ([tier, factor]) => `${tier} × ${typeof factor === 'string' ? factor : 'rates of its own'}`,
    ),
    ...Object.entries(regions ?? {}).map(([region, factor]) => `in ${region} × ${factor}`),
    ids !== undefined && `also ${ids.join(', ')}`,
  ].filter((text) => text !== false)
  return [
    line([model, ...out(rates), ...limits, date]),
    ...(above === undefined ? [] : [line([`  above ${above.tokens}`, ...out(above.rates)])]),
    ...(next === undefined ? [] : [line([`  from ${next.from}`, ...out(next.rates)])]),
    ...(more.length === 0 ? [] : [`  ${more.join('; ')}`]),
    ...(source === usual ? [] : [`  source: ${source}`]),
  ]
}

/** Returns what a comparison found, as lines. `whose`: the list that was compared. */
export function comparisonLines(
  { changes, unknown, odd }: Comparison,
  whose: string,
  source: string,
): readonly string[] {
  const lines =
    changes.length === 0
      ? [`${whose}: nothing differs from ${source}`]
      : [`${whose}, and what ${source} says:`, ...changes.map(changeLine)]
  if (odd.length > 0) lines.push('odd, so in no file that is written:', ...odd.map((text) => `  ${text}`))
  if (unknown.length > 0)
    lines.push('not compared, since it has no such id or a price of another form:', `  ${unknown.join(', ')}`)
  return lines
}

function changeLine({ provider, model, rate, was, is }: PriceChange): string {
  return `  ${provider} ${model}: ${rate} ${was ?? 'none'} → ${is ?? 'none'}`
}
