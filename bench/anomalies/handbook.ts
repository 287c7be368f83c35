/**
 * `npm run -s anomalies:handbook -- <folder>`: what `spend` finds in the card payments that the simulator of the Fraud
 * Detection Handbook made. The folder has its files, one a day (docs/anomalies.md says where they are). Nothing of them is kept.
 *
 * In scenario 3 the credentials of a customer are in other hands for two weeks, and a third of the charges are five times as
 * high. The data does not say when those weeks begin: an episode is all such charges of a customer with no two weeks between.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { spendSignal } from '../../src/anomalies/rules/spend.ts'
import { median } from '../statistics.ts'
import { readColumns } from './handbook/frame.ts'
import { DAY } from './line.ts'
import { MONTH_DAYS } from './report.ts'

const STOLEN = 3
const EPISODE_GAP = 14 * DAY
/** What is found so long after the last stolen charge is found all the same. */
const LATE = 2 * DAY

interface Charge {
  readonly at: number
  readonly customer: number
  readonly amount: number
  readonly isStolen: boolean
}

interface Episode {
  readonly from: number
  until: number
  charges: number
  found?: number
}

function chargesIn(folder: string): Charge[] {
  const files = readdirSync(folder).filter((name) => name.endsWith('.pkl'))
  if (files.length === 0) throw new Error('the folder has no file that ends with .pkl')
  return files
    .sort()
    .flatMap((name) => chargesOf(readColumns(readFileSync(join(folder, name)))))
    .sort((a, b) => a.at - b.at)
}

function chargesOf(columns: ReadonlyMap<string, readonly number[]>): Charge[] {
  const column = (name: string): readonly number[] => {
    const values = columns.get(name)
    if (values === undefined) throw new Error(`no column ${name}`)
    return values
  }
  const [customers, amounts, scenarios] = ['CUSTOMER_ID', 'TX_AMOUNT', 'TX_FRAUD_SCENARIO'].map(column)
  return column('TX_TIME_SECONDS').map((at, index) => ({
    at,
    customer: customers?.[index] ?? NaN,
    amount: amounts?.[index] ?? NaN,
    isStolen: scenarios?.[index] === STOLEN,
  }))
}

function episodesOf(charges: readonly Charge[]): Episode[] {
  const episodes: Episode[] = []
  for (const { at, isStolen } of charges) {
    if (!isStolen) continue
    const last = episodes.at(-1)
    if (last === undefined || at - last.until > EPISODE_GAP) episodes.push({ from: at, until: at, charges: 1 })
    else Object.assign(last, { until: at, charges: last.charges + 1 })
  }
  return episodes
}

/** Shows the charges of one customer to the signal, and returns the times of those firings that are of no episode. */
function watch(
  charges: readonly Charge[],
  episodes: readonly Episode[],
): { readonly right: number; readonly wrong: number[] } {
  const state = spendSignal.begin()
  const wrong: number[] = []
  let right = 0
  for (const { at, amount } of charges) {
    const charged = { price: { amount: `${amount}`, currency: 'EUR' } }
    if (spendSignal.observe(state, { time: '', charged, route: '/' }, at) === undefined) continue
    const episode = episodes.find(({ from, until }) => at >= from && at <= until + LATE)
    if (episode === undefined) wrong.push(at)
    else {
      right += 1
      episode.found ??= at
    }
  }
  return { right, wrong }
}

function rowOf(what: string, episodes: readonly Episode[]): string {
  const delays = episodes.flatMap(({ from, found }) => (found === undefined ? [] : [(found - from) / DAY]))
  return `| ${what} | ${episodes.length} | ${delays.length} | ${(delays.length / episodes.length).toFixed(3)} | ${median(delays).toFixed(1)} d |`
}

function report(charges: readonly Charge[]): string[] {
  const episodes: Episode[] = []
  const wrong: number[] = []
  let right = 0
  const customers = Map.groupBy(charges, ({ customer }) => customer)
  for (const own of customers.values()) {
    const stolen = episodesOf(own)
    const seen = watch(own, stolen)
    episodes.push(...stolen)
    wrong.push(...seen.wrong)
    right += seen.right
  }
  const days = Math.ceil(((charges.at(-1)?.at ?? 0) - (charges[0]?.at ?? 0)) / DAY)
  const months = (customers.size * days) / MONTH_DAYS
  const later = episodes.filter(({ from }) => from >= 30 * DAY)
  const found = episodes.filter((each) => each.found !== undefined).length
  return [
    `${charges.length.toLocaleString('en')} charges of ${customers.size} customers in ${days} days.`,
    '',
    '| episodes | cases | found | recall | median delay |',
    '|---|--:|--:|--:|--:|',
    rowOf('all', episodes),
    rowOf(
      'of 3 charges or more',
      episodes.filter((each) => each.charges >= 3),
    ),
    rowOf(
      'of 6 charges or more',
      episodes.filter((each) => each.charges >= 6),
    ),
    rowOf(
      'of 4 charges or more, after the first 30 days',
      later.filter((each) => each.charges >= 4),
    ),
    '',
    `It fired ${right + wrong.length} times, ${right} of them in an episode: precision ${(right / (right + wrong.length)).toFixed(4)}; by episode found, ${(found / (found + wrong.length)).toFixed(4)}.`,
    `${wrong.length} false alarms, ${((wrong.length / months) * 1000).toFixed(2)} in 1,000 account-months; ${wrong.filter((at) => at >= 30 * DAY).length} of them after the first 30 days.`,
  ]
}

const [folder] = process.argv.slice(2)
if (folder === undefined) throw new Error('expected the folder that has the files')
console.log(report(chargesIn(folder)).join('\n'))
