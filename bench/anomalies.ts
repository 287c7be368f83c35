/**
 * `npm run -s anomalies`: how often the signals are right on a simulated site, whom they hurt, and what they do as weapons.
 * By default with three of the seeds for judging. `-- --months 30000` takes as many seeds as have so many months of honest
 * accounts, `--write` puts the tables into docs/anomalies.md, `--tune` uses the other seeds: the thresholds were set by looking
 * at those alone. `--small` is a look within seconds.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { exhaustedLine } from './anomalies/exhausting.ts'
import { frame, weaponTable } from './anomalies/framing.ts'
import { attackTable, boundLine, honestTable, MONTH_DAYS, precisionLines } from './anomalies/report.ts'
import { simulate, type Simulated, type Simulation, UNBOUNDED } from './anomalies/simulate.ts'

const TUNING = [11, 12]
/** The first of the seeds for judging. Those of earlier thresholds began at 20261201, and are looked at no more. */
const FIRST_JUDGING = 20_261_211

const MARK = '<!-- `npm run anomalies -- --write` writes what follows. -->\n'
const page = resolve(import.meta.dirname, '../docs/anomalies.md')

const { values: options } = parseArgs({
  options: {
    tune: { type: 'boolean', default: false },
    small: { type: 'boolean', default: false },
    write: { type: 'boolean', default: false },
    months: { type: 'string' },
  },
})
const simulation: Simulation = options.small
  ? { accounts: 300, days: 90, attacksOfEach: 10 }
  : { accounts: 800, days: 122, attacksOfEach: 30 }
const monthsOfSeed = (simulation.accounts * simulation.days) / MONTH_DAYS
const count = options.months === undefined ? 3 : Math.ceil(Number(options.months) / monthsOfSeed)
if (!Number.isInteger(count) || count < 1) throw new Error('--months: expected a number of account-months')
const seeds = options.tune ? TUNING : Array.from({ length: count }, (_, index) => FIRST_JUDGING + index)

const began = performance.now()
const all: Simulated[] = []
for (const seed of seeds) {
  all.push(simulate(simulation, seed))
  console.error(`seed ${seed}: ${all.at(-1)?.observations} lines, ${((performance.now() - began) / 1000).toFixed(0)} s`)
}
const framed = frame(options.small ? 1 : 5, UNBOUNDED, seeds[0] ?? 0)
const lines = all.reduce((sum, { observations }) => sum + observations, 0)
const named = seeds.length > 2 ? `${seeds[0]} to ${seeds.at(-1)}` : seeds.join(' and ')
const text = [
  `Seeds ${named}; of each ${simulation.accounts} honest accounts for ${simulation.days} days and ${simulation.attacksOfEach} attacks of each kind; ${(lines / 1e6).toFixed(1)} million lines in all.`,
  '',
  ...honestTable(all, simulation),
  '',
  boundLine(all, simulation),
  '',
  ...attackTable(all),
  '',
  ...precisionLines(all),
  '',
  ...weaponTable(framed),
  '',
  exhaustedLine(),
].join('\n')
console.log(text)
if (options.write) {
  const [head, rest] = readFileSync(page, 'utf8').split(MARK, 2)
  if (head === undefined || rest === undefined) throw new Error(`docs/anomalies.md has no line ${MARK}`)
  writeFileSync(page, `${head}${MARK}\n${text}\n`)
}
