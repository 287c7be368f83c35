/**
 * `npm run -s anomalies`: how often the signals are right on a simulated site, and whom they hurt. By default with the
 * seeds for judging, and writes the tables into docs/anomalies.md; `-- --tune` uses others and writes nothing. The thresholds
 * were set by looking at those alone.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { attackTable, honestTable, precisionLines } from './anomalies/report.ts'
import { simulate, type Simulated, type Simulation } from './anomalies/simulate.ts'

const TUNING = [11, 12]
const JUDGING = [20_261_201, 20_261_202, 20_261_203]

const MARK = '<!-- `npm run anomalies` writes what follows. -->\n'
const page = resolve(import.meta.dirname, '../docs/anomalies.md')

const isTuning = process.argv.includes('--tune')
const small = process.argv.includes('--small')
const simulation: Simulation = small
  ? { accounts: 300, days: 90, attacksOfEach: 10 }
  : { accounts: 800, days: 122, attacksOfEach: 30 }

const seeds = isTuning ? TUNING : JUDGING
const all: Simulated[] = []
for (const seed of seeds) {
  const began = performance.now()
  const simulated = simulate(simulation, seed)
  all.push(simulated)
  const seconds = (performance.now() - began) / 1000
  console.error(`seed ${seed}: ${simulated.observations} lines in ${seconds.toFixed(0)} s`)
}
const lines = all.reduce((sum, { observations }) => sum + observations, 0)
const text = [
  `Seeds ${seeds.join(', ')}; of each ${simulation.accounts} honest accounts for ${simulation.days} days and ${simulation.attacksOfEach} attacks of each kind; ${(lines / 1e6).toFixed(1)} million lines in all.`,
  '',
  ...honestTable(all, simulation),
  '',
  ...attackTable(all),
  '',
  ...precisionLines(all),
].join('\n')
console.log(text)
if (!isTuning && !small) {
  const [head, rest] = readFileSync(page, 'utf8').split(MARK, 2)
  if (head === undefined || rest === undefined) throw new Error(`docs/anomalies.md has no line ${MARK}`)
  writeFileSync(page, `${head}${MARK}\n${text}\n`)
}
