import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { Pool } from 'undici'
import { bundle } from '../tools/bundle.ts'
import { startWorkerd, type Workerd } from '../tools/workerd.ts'
import {
  type Account,
  ask,
  askOn,
  change,
  newAccount,
  newSeen,
  secret,
  type Seen,
  startOrigin,
} from './standing-load.ts'
import type { State } from './standing-truth.ts'

const usage = `Changes the standing of many accounts while they are read as, and holds every answer against what was true.

Two isolates run over the same objects. The events go to one of them, where they hold at once; in the other they hold
within the bound of five seconds. At the end every account asks once more, in the other.

Usage: npm run -s standing -- [options]

  --accounts <n>  how many change (default: 10000; more than that, and the bulletin leaves some out)
  --seconds <n>   within how long (default: 60)
  --sample <n>    as how many of them pages are asked for meanwhile (default: 1000)
  --storage <dir> where the objects are kept (default: in .faregate). Each event is several writes that a disk has to
                  confirm: a folder in memory shows what the gate itself can do
  --help          this text
`

const CALLERS = 6
const POSTERS = 16
const SWEEPERS = 16
/** How long after the first change of an account the second is due. */
const NEXT_MS = 2200
const BOUND_MS = 5000

/** A change that is due after so long. */
type Due = { readonly atMs: number; readonly account: Account; readonly state: State }

/** Spreads the changes over the time, each of an account a while after the one before. */
function schedule(accounts: readonly Account[], ms: number): Due[] {
  const lastMs = Math.max(0, ms - NEXT_MS)
  return accounts.flatMap((account, index) => {
    const first = (index / accounts.length) * lastMs
    return account.plan.map((state, at) => ({ atMs: first + at * NEXT_MS, account, state }))
  })
}

async function changeAll(pool: Pool, due: readonly Due[], seen: Seen): Promise<number> {
  const began = performance.now()
  const queue = due.toSorted((one, other) => one.atMs - other.atMs)
  let next = 0
  const post = async (): Promise<void> => {
    for (let item = queue[next++]; item !== undefined; item = queue[next++]) {
      const { atMs, account, state } = item
      await sleep(Math.max(0, began + atMs - performance.now()))
      await change(pool, account, state, seen)
    }
  }
  await Promise.all(Array.from({ length: POSTERS }, post))
  return (performance.now() - began) / 1000
}

/** Every account asks once in the isolate that was told nothing. */
async function sweep(pool: Pool, accounts: readonly Account[], seen: Seen): Promise<void> {
  let next = 0
  const askNext = async (): Promise<void> => {
    for (let account = accounts[next++]; account !== undefined; account = accounts[next++]) {
      await ask(pool, account, 'other', seen)
    }
  }
  await Promise.all(Array.from({ length: SWEEPERS }, askNext))
}

/** Resident memory in megabytes, now and at most, where the system tells it. */
async function memoryOf({ pid }: Workerd): Promise<string> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '')
  const read = (name: string): string => {
    const kilobytes = new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(status)?.[1]
    return kilobytes === undefined ? '?' : String(Math.round(Number(kilobytes) / 1024))
  }
  return `${read('VmRSS')} MB (at most ${read('VmHWM')} MB)`
}

function percentile(sorted: readonly number[], part: number): string {
  return `${(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? 0).toFixed(1)} ms`
}

function print(label: string, value: string | number): void {
  console.log(`${label.padEnd(46)}${value}`)
}

function printSeen(label: string, { verdicts, tookMs, wrong }: Seen): void {
  const sorted = tookMs.toSorted((one, other) => one - other)
  print(`${label}: requests`, sorted.length)
  print('  right', verdicts.right)
  print('  of before, within the bound', verdicts.old)
  print('  of an event not yet acknowledged', verdicts.new)
  print('  wrong', verdicts.wrong)
  print('  p50, p99', `${percentile(sorted, 0.5)}, ${percentile(sorted, 0.99)}`)
  for (const line of wrong) console.log(`  wrong: ${line}`)
}

/** Runs it all, and tells how many answers were wrong. */
async function run(gate: Workerd, count: number, seconds: number, sampled: number): Promise<number> {
  const accounts = await Promise.all(Array.from({ length: count }, (_, index) => newAccount(index)))
  // So spaced that every plan is among them.
  const every = Math.max(1, Math.floor(count / sampled) + (Math.floor(count / sampled) % 10 === 0 ? 1 : 0))
  const sample = accounts.filter((_, index) => index % every === 0)
  const pool = new Pool(gate.url, { connections: CALLERS + POSTERS })
  const [before, during, after] = [newSeen(), newSeen(), newSeen()]
  await sweep(pool, sample, before)
  print('memory of workerd before', await memoryOf(gate))
  let isOver = false
  const callers = Array.from({ length: CALLERS }, () => askOn(pool, sample, during, () => isOver))
  const took = await changeAll(pool, schedule(accounts, seconds * 1000), during)
  print('memory of workerd after the events', await memoryOf(gate))
  await sleep(BOUND_MS)
  isOver = true
  await Promise.all(callers)
  await sweep(pool, accounts, after)
  print('memory of workerd at the end', await memoryOf(gate))
  print(
    'events',
    `${during.events} of ${count} accounts in ${took.toFixed(1)} s: ${(during.events / took).toFixed(0)} a second`,
  )
  print('events sent again after a 503', during.repeated)
  printSeen('before', before)
  printSeen('meanwhile', during)
  printSeen('each account, afterwards', after)
  await pool.destroy()
  return [before, during, after].reduce((sum, { verdicts }) => sum + verdicts.wrong, 0)
}

async function standing(count: number, seconds: number, sampled: number, storage: string): Promise<number> {
  const origin = await startOrigin()
  const module = await bundle({ entry: 'demo/standing-worker.ts', outdir: '.faregate/standing' })
  const vars = { ORIGIN_URL: origin.url, TOKEN_SECRET: secret }
  const objects = { LEDGER: 'Ledger' }
  const other = { module, vars, mainObjects: objects }
  const main = { module, vars, objects, services: { OTHER: 'other' }, workers: { other } }
  const gate = await startWorkerd({ ...main, storage, dropsOutput: true, onLine: (line) => console.error(line) })
  try {
    return await run(gate, count, seconds, sampled)
  } finally {
    await gate.stop()
    await origin.close()
  }
}

const { values } = parseArgs({
  options: {
    accounts: { type: 'string', default: '10000' },
    seconds: { type: 'string', default: '60' },
    sample: { type: 'string', default: '1000' },
    storage: { type: 'string', default: resolve(import.meta.dirname, '../.faregate') },
    help: { type: 'boolean', default: false },
  },
})
if (values.help) console.log(usage.trimEnd())
else {
  await mkdir(values.storage, { recursive: true })
  const storage = await mkdtemp(join(values.storage, 'standing-storage-'))
  try {
    const { accounts, seconds, sample } = values
    process.exitCode = (await standing(Number(accounts), Number(seconds), Number(sample), storage)) === 0 ? 0 : 1
  } finally {
    await rm(storage, { recursive: true, force: true })
  }
}
