/** Compares what the gate says with what jq adds up. */
import type { Cell, Dashboard, Section, Table } from './page.ts'
import { numbersIn } from './page.ts'

/** How many numbers were compared, and which differ. */
export class Findings {
  compared = 0
  readonly mismatches: string[] = []
  /** Parts of a page that this comparison knows nothing of. */
  readonly unknown = new Set<string>()

  expect(where: string, told: Cell | undefined, expected: Cell | undefined): void {
    this.compared += 1
    const [one, other] = [told, expected].map((cell) => JSON.stringify(plain(cell)))
    if (one !== other) this.mismatches.push(`${where}: ${one} in place of ${other}`)
  }
}

/** Currencies in one order, and none of which nothing is left. */
function plain(cell: Cell | undefined): unknown {
  if (typeof cell !== 'object' || cell === null) return cell
  return Object.entries(cell).sort(([one], [other]) => (one < other ? -1 : 1))
}

export interface Headline {
  readonly hurt: number
  readonly refusals: number
  readonly notGenuine: number
  readonly errors: number
  readonly unsettled: number
  readonly undelivered: number
  readonly revenue: Readonly<Record<string, number>>
  readonly charges: number
  readonly asked: number
  readonly pages: number
  readonly bought: number
  readonly copies: number | null
  readonly copyable: number
  readonly p95: number | string | null
  readonly requests: number
}

interface Bucket {
  readonly label: string
  readonly reasons: Readonly<Record<string, number>>
  readonly asked: number
  readonly otherwise: number
}

/** What `dashboard.jq` adds up. */
export interface Expected {
  readonly since: string
  readonly now: string
  readonly present: Headline
  readonly past: Headline
  readonly reasons: Readonly<Record<string, readonly number[]>>
  readonly routes: Readonly<Record<string, readonly Cell[]>>
  readonly money: Readonly<Record<string, Readonly<Record<string, readonly Cell[]>>>>
  /** By offer: pages shown, trips begun, bought and cancelled, and the share of those begun that were bought. */
  readonly offers: Readonly<Record<string, readonly Cell[]>>
  readonly exempted: Readonly<Record<string, readonly Cell[]>>
  readonly observed: Readonly<Record<string, number>>
  readonly buckets: readonly Bucket[]
}

/** Compares every number of a page. */
export function comparePage(where: string, page: Dashboard, expected: Expected, findings: Findings): void {
  // The page names the clock's offset too.
  findings.expect(`${where} since`, page.since.startsWith(expected.since) ? expected.since : page.since, expected.since)
  findings.expect(`${where} now`, page.now.startsWith(expected.now) ? expected.now : page.now, expected.now)
  compareTiles(where, page, expected, findings)
  for (const section of page.sections) {
    const compare = SECTIONS[section.title]
    if (PRESENT.has(section.title)) continue
    if (compare === undefined) findings.unknown.add(section.title)
    else compare(`${where} ${section.title}`, section, expected, findings)
  }
  for (const [title, rows] of [
    ['Only watched', expected.observed],
    ['Opened without payment', expected.exempted],
    ['Offers', expected.offers],
  ] as const)
    if (Object.keys(rows).length > 0 && !page.sections.some((section) => section.title === title))
      findings.mismatches.push(`${where}: there is no "${title}"`)
}

const TILES: Readonly<Record<string, (of: Headline) => { value: Cell; more: readonly number[] }>> = {
  'Customers refused': (of) => ({ value: of.hurt, more: [of.refusals, of.notGenuine] }),
  Errors: (of) => ({ value: of.errors, more: [5, of.unsettled, of.undelivered] }),
  'Revenue kept': (of) => ({ value: of.revenue, more: [of.charges] }),
  'Pages that led to buying': (of) => ({ value: shareOf(of.bought, of.pages), more: [of.bought, of.pages, of.asked] }),
  'From copies': (of) => ({ value: of.copies, more: [of.copyable] }),
  'Origin, p95': (of) => ({ value: of.p95, more: [of.requests] }),
}

/** As the page has it: in percent, with one digit behind the point. */
function shareOf(part: number, all: number): number | null {
  return all === 0 ? null : Math.round((part / all) * 1000) / 10
}

function compareTiles(where: string, { tiles }: Dashboard, { present, past }: Expected, findings: Findings): void {
  for (const title of tiles.keys()) if (!(title in TILES)) findings.unknown.add(title)
  for (const [title, of] of Object.entries(TILES)) {
    const [told, now] = [tiles.get(title), of(present)]
    findings.expect(`${where} ${title}`, told?.value, now.value)
    findings.expect(`${where} ${title}, before`, told?.was, of(past).value)
    for (const [index, number] of now.more.entries())
      findings.expect(`${where} ${title}, number ${index + 1} below`, told?.more[index], number)
  }
}

type CompareSection = (where: string, section: Section, expected: Expected, findings: Findings) => void

const SECTIONS: Readonly<Record<string, CompareSection>> = {
  Refusals(where, { finding = '', tables: [chart, table] }, { reasons, buckets }, findings) {
    const all = Object.values(reasons).reduce((sum, [count = 0]) => sum + count, 0)
    const most = Math.max(0, ...Object.values(reasons).map(([count = 0]) => count))
    for (const [index, number] of (all === 0 ? [] : [all, most]).entries())
      findings.expect(`${where}, sentence`, numbersIn(finding).at(index === 0 ? 0 : -1), number)
    const shown = (chart?.heads.slice(1) ?? []).filter((name) => name !== OTHERS)
    const isShown = (reason: string): boolean => shown.includes(reason)
    const least = Math.min(...shown.map((reason) => reasons[reason]?.[0] ?? 0))
    const hidden = Object.entries(reasons).filter(([reason, [count = 0]]) => !isShown(reason) && count > least)
    if (hidden.length > 0) findings.mismatches.push(`${where}: the chart leaves out ${hidden.join(', ')}`)
    compareChart(where, chart, buckets, findings, ({ reasons: of }) => {
      const others = Object.entries(of).reduce((sum, [reason, count]) => sum + (isShown(reason) ? 0 : count), 0)
      return (chart?.heads.slice(1) ?? []).map((name) => (name === OTHERS ? others : (of[name] ?? 0)))
    })
    compareRows(where, table, reasons, findings)
  },
  Traffic(where, { finding = '', tables: [chart, table] }, { present, routes, buckets }, findings) {
    findings.expect(`${where}, sentence`, numbersIn(finding)[0], present.requests)
    compareChart(where, chart, buckets, findings, ({ otherwise, asked, reasons }) => [
      otherwise,
      asked,
      Object.values(reasons).reduce((sum, count) => sum + count, 0) - asked,
    ])
    compareRows(where, table, routes, findings)
  },
  Money(where, { tables }, { money }, findings) {
    for (const [title, rows] of Object.entries(money)) {
      const table = tables.find(({ heads }) => heads[0] === title)
      if (table !== undefined || Object.keys(rows).length > 0) compareRows(`${where} ${title}`, table, rows, findings)
    }
  },
  Offers(where, { tables: [table] }, { offers }, findings) {
    compareRows(where, table, offers, findings, 3)
  },
  'Opened without payment'(where, { tables: [table] }, { exempted }, findings) {
    compareRows(where, table, exempted, findings)
  },
  'Only watched'(where, { tables: [table] }, { observed }, findings) {
    const rows = Object.fromEntries(Object.entries(observed).map(([name, count]) => [name, [count]]))
    compareRows(where, table, rows, findings)
  },
}

const OTHERS = 'other reasons'
/** What these say is of now, and no sum of a time. */
const PRESENT: ReadonlySet<string> = new Set(['Holds', 'Servers', 'Accounts near a limit'])

function compareChart(
  where: string,
  chart: Table | undefined,
  buckets: readonly Bucket[],
  findings: Findings,
  valuesOf: (bucket: Bucket) => readonly number[],
): void {
  const expected = buckets.map((bucket) => [bucket.label, valuesOf(bucket)] as const)
  const some = expected.filter(([, values]) => values.some((value) => value > 0))
  const rows = chart?.rows ?? []
  findings.expect(`${where}, bars`, rows.length, some.length)
  for (const [index, [label, values]] of some.entries()) {
    const [told, ...cells] = rows[index] ?? ['']
    findings.expect(`${where}, bar ${index}`, told.startsWith(`${label} `) ? label : told, label)
    for (const [at, value] of values.entries()) findings.expect(`${where}, ${label}, part ${at}`, cells[at], value)
  }
}

/** Compares rows by name. The first number orders them, unless another column is named. */
function compareRows(
  where: string,
  table: Table | undefined,
  expected: Readonly<Record<string, readonly Cell[]>>,
  findings: Findings,
  orderedBy = 1,
): void {
  const rows = table?.rows ?? []
  findings.expect(`${where}, rows`, rows.length, Object.keys(expected).length)
  const counts = rows.map((cells) => Number(cells[orderedBy]))
  findings.expect(`${where}, order`, counts.join(' '), counts.toSorted((one, other) => other - one).join(' '))
  for (const [name, ...cells] of rows)
    for (const [at, cell] of cells.entries())
      findings.expect(`${where}, ${name}, ${table?.heads[at + 1]}`, cell, expected[name]?.[at])
}

const NANO_DIGITS = 9
/** A scrape is one of them, and is added up by and by. */
const SCRAPES = /^faregate_requests_total\{.*decision="own",status="2xx"/

/** Compares every sample of a scrape. */
export function compareMetrics(
  where: string,
  text: string,
  expected: Readonly<Record<string, number>>,
  findings: Findings,
): void {
  const told = new Map<string, string>()
  for (const line of text.split('\n')) {
    const end = line.lastIndexOf(' ')
    if (line !== '' && !line.startsWith('#')) told.set(line.slice(0, end), line.slice(end + 1))
  }
  for (const [name, value] of told) {
    if (SCRAPES.test(name)) continue
    const isMoney = name.startsWith('faregate_revenue{')
    findings.expect(`${where} ${name}`, isMoney ? nanosOf(value) : Number(value), expected[name])
  }
  for (const name of Object.keys(expected)) if (!told.has(name)) findings.mismatches.push(`${where} ${name}: not there`)
}

function nanosOf(decimal: string): number {
  const [whole = '', part = ''] = decimal.replace('-', '').split('.')
  const nanos = Number(whole + part.padEnd(NANO_DIGITS, '0'))
  return decimal.startsWith('-') ? -nanos : nanos
}
