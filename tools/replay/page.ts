/** Reads a dashboard as a person does: its figures, its tables and its sentences. */

/** Money as whole 10⁻⁹ by currency, a number, or words. */
export type Cell = number | string | null | Readonly<Record<string, number>>

export interface Table {
  readonly heads: readonly string[]
  readonly rows: readonly (readonly [name: string, ...cells: Cell[]])[]
}

export interface Section {
  readonly title: string
  /** What a chart shows, in words. */
  readonly finding: string | undefined
  readonly tables: readonly Table[]
}

export interface Dashboard {
  readonly since: string
  readonly now: string
  /** By title: the figure, what is said of it, and what it was. */
  readonly tiles: ReadonlyMap<string, { readonly value: Cell; readonly more: readonly number[]; readonly was: Cell }>
  readonly sections: readonly Section[]
}

const unescaped = (text: string): string =>
  text
    .replaceAll(/<[^>]*>/g, '')
    .replaceAll('&quot;', '"')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&')
    .trim()

/** Returns the numbers in a sentence. */
export function numbersIn(sentence: string): readonly number[] {
  return Array.from(sentence.matchAll(/\d[\d,]*(?:\.\d+)?/g), ([number]) => Number(number.replaceAll(',', '')))
}

const CURRENCIES: Readonly<Record<string, string>> = { $: 'USD', '€': 'EUR' }
const NANOS = 1e9

/** Returns what a cell says. */
export function cellOf(text: string): Cell {
  if (text === 'none') return null
  if (text === 'nothing') return {}
  if (/^-?[$€]/.test(text)) return moneyOf(text)
  const [, digits = '', unit] = /^(\d[\d,]*(?:\.\d+)?)(?: (%|ms|s))?$/.exec(text) ?? []
  if (digits === '') return text
  const number = Number(digits.replaceAll(',', ''))
  return unit === 's' ? number * 1000 : number
}

function moneyOf(text: string): Readonly<Record<string, number>> {
  const sums: Record<string, number> = {}
  for (const [, minus = '', sign = '', whole = '', part = ''] of text.matchAll(/(-?)([$€])([\d,]+)(?:\.(\d+))?/g)) {
    const nanos = Number(whole.replaceAll(',', '')) * NANOS + Number(part.padEnd(9, '0'))
    sums[CURRENCIES[sign] ?? sign] = minus === '' ? nanos : -nanos
  }
  return sums
}

/** Reads a page. */
export function readDashboard(html: string): Dashboard {
  const main = /<main[^>]*>([\s\S]*)<\/main>/.exec(html)?.[1] ?? html
  const [, since = '', now = ''] = /, since (.*?), up to (.*?)\. Money is/.exec(main) ?? []
  const tiles = main.matchAll(/<li[^>]*>([^<]*)<strong>([^<]*)<\/strong><small>([^<]*)<br>([^<]*)<\/small>/g)
  return {
    since: unescaped(since),
    now: unescaped(now),
    tiles: new Map(
      Array.from(tiles, ([, title = '', value = '', more = '', was = '']) => [
        title,
        { value: cellOf(value), more: numbersIn(more), was: cellOf(was.replace(/ the (?:same time|90 days) .*$/, '')) },
      ]),
    ),
    sections: Array.from(main.matchAll(/<section[^>]*>([\s\S]*?)<\/section>/g), ([, content = '']) =>
      sectionOf(content),
    ),
  }
}

function sectionOf(content: string): Section {
  const title = unescaped(/<h2[^>]*>([\s\S]*?)<\/h2>/.exec(content)?.[1] ?? '')
  const finding = /<figcaption>([\s\S]*?)<\/figcaption>/.exec(content)?.[1]
  const tables = Array.from(content.matchAll(/<table>([\s\S]*?)<\/table>/g), ([, table = '']) => tableOf(table))
  return { title, finding: finding === undefined ? undefined : unescaped(finding), tables }
}

function tableOf(table: string): Table {
  const cells = (row: string): string[] =>
    row
      .split(/<t[hd](?:\s[^>]*)?>/)
      .slice(1)
      .map((cell) => unescaped(cell.replace(/<\/t[hdr][\s\S]*$|<\/t(?:head|body)>[\s\S]*$/, '')).trim())
  // Rows and cells may end without an end tag.
  const [head = [], ...rows] = table.split('<tr>').slice(1).map(cells)
  return { heads: head, rows: rows.map(([name = '', ...others]) => [name, ...others.map(cellOf)] as const) }
}
