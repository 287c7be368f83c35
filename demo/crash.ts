import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { Pool, request } from 'undici'
import { bundle } from '../tools/bundle.ts'
import { startWorkerd, type Workerd } from '../tools/workerd.ts'
import { audit, checks, counted, type Figures, type Known, noFigures, type Read, type Terms } from './crash-audit.ts'
import {
  ask,
  ledgerNames,
  newAccount,
  newReceipt,
  type Payer,
  type Seen,
  secret,
  signed,
  startOrigin,
} from './crash-load.ts'
import { crashCrowd } from './crash-crowd.ts'
import { crashModels } from './crash-models.ts'
import { crashSums } from './crash-sums.ts'
import { randomFrom } from './random.ts'

const usage = `Disturbs the gate under load, and audits every ledger at the end: no head without a charge, no charge twice, none lost.

Usage: npm run -s crash -- [options]

  --mode killed   the gate is killed with kill -9, and started again on the same storage (default)
  --mode left     clients leave their requests at any moment, while the gate and its ledgers live on
  --mode reset    ledgers are reset while requests are open, as by a deployment, and the gate lives on
  --mode models   gates before six providers of language models are killed while answers are under way (8 rounds)
  --mode crowd    a thousand calls of a model at once, with credit for seven reservations, each try again as told
  --mode sums     a gate that adds up what it earns is killed, also when sums were written and nobody knows (20 rounds, some minutes)
  --rounds <n>    how often it is killed; else how often all connections are new (default: 50)
  --seed <n>      when, and what is asked for (default: another each time; the order of answers is never the same)
  --help          this text
`

const ACCOUNTS = 8
const CALLERS = 4
/** Receipts that are presented at once, each by as many callers as an account; every three uses there is a new one. */
const RECEIPTS = 3
const RECEIPT_PAUSE_MS = 60
const LEAST_MS = 300
const MOST_MS = 1500
/** A charge is closed two seconds after it was made; the alarm, and whatever is started anew, may take a little more. */
const CLOSING_MS = 4000
const GRANTED = '1000000'

const terms: Record<'account' | 'receipt', Terms> = {
  account: { units: 1, money: 10_000_000, uses: 0, granted: 1e15, mostUses: 0 },
  receipt: { units: 0, money: 0, uses: 1, granted: 0, mostUses: 3 },
}

const MODES = ['killed', 'left', 'reset', 'models', 'crowd', 'sums'] as const
type Mode = Exclude<(typeof MODES)[number], 'models' | 'crowd' | 'sums'>
const ROUNDS = { killed: 50, left: 50, reset: 50, models: 8, crowd: 1, sums: 20 }

/** A request takes some 10 ms, and one of a slow page up to 300. */
const LEAVES_WITHIN_MS = 60
const RESET_PAUSE_MS = 100

type Crowd = {
  readonly accounts: readonly Payer[]
  readonly receipts: Payer[]
  readonly seen: Seen & { resets: number }
}

/** One round: all ask at once, are disturbed in the way of the mode, and at some moment it is over. */
async function live(gate: Workerd, crowd: Crowd, mode: Mode, random: () => number): Promise<void> {
  const { accounts, receipts, seen } = crowd
  seen.isOver = false
  const pool = new Pool(gate.url, { connections: (ACCOUNTS + RECEIPTS) * CALLERS })
  const manners = { random, pauseMs: 0, leavesWithinMs: mode === 'left' ? LEAVES_WITHIN_MS : undefined }
  const callers = accounts.flatMap((payer) => {
    return Array.from({ length: CALLERS }, () => ask(pool, seen, () => payer, manners))
  })
  for (const index of receipts.keys()) {
    for (let caller = 0; caller < CALLERS; caller++) {
      callers.push(ask(pool, seen, presenter(receipts, index), { ...manners, pauseMs: RECEIPT_PAUSE_MS }))
    }
  }
  if (mode === 'reset') callers.push(resetSome(gate, crowd, random))
  await sleep(LEAST_MS + (MOST_MS - LEAST_MS) * random())
  seen.isOver = true
  if (mode === 'killed') process.kill(gate.pid, 'SIGKILL')
  if (mode === 'left') await pool.destroy()
  await Promise.all([...callers, ...(mode === 'killed' ? [gate.exited] : [])])
  await pool.destroy()
}

/** Resets ledgers again and again, each with its requests open, until the round is over. */
async function resetSome(gate: Workerd, { accounts, receipts, seen }: Crowd, random: () => number): Promise<void> {
  while (!seen.isOver) {
    await sleep(RESET_PAUSE_MS * random())
    const names = [...accounts, ...receipts].map(({ ledger }) => ledger).filter(() => random() < 1 / 4)
    await (await request(`${gate.url}/resets`, { method: 'POST', body: JSON.stringify(names) })).body.dump()
    seen.resets += names.length
  }
}

/** Presents a receipt until it is spent, and then a new one, which the other callers present too. */
function presenter(receipts: Payer[], index: number): (status: number | undefined) => Promise<Payer> {
  let last: Payer | undefined
  return async (status) => {
    const current = receipts[index]
    if (current === undefined || (status === 402 && current === last)) {
      const fresh = await newReceipt()
      if (receipts[index] === current) receipts[index] = fresh
    }
    last = receipts[index] ?? (await newReceipt())
    return last
  }
}

/** Grants each account its credit. The same grant every time, so that all but the first change nothing. */
async function grant(gate: Workerd): Promise<void> {
  const authorization = `Bearer ${await signed('operator+jwt', { scope: 'credit' })}`
  const order = { amount: GRANTED, currency: 'USD', id: 'the start' }
  for (let account = 0; account < ACCOUNTS; account++) {
    const body = JSON.stringify({ account: `account-${account}`, ...order })
    const headers = { authorization, 'content-type': 'application/json' }
    const { statusCode, body: said } = await request(`${gate.url}/__faregate/credit`, { method: 'POST', headers, body })
    const text = await said.text()
    if (statusCode !== 200) throw new Error(`the credit was not granted: ${statusCode} ${text}`)
  }
}

const READ_AT_ONCE = 32

async function auditAll(
  gate: Workerd,
  { seen }: Crowd,
  names: readonly string[],
  wasLeft: Known['wasLeft'],
  kind: Terms,
): Promise<Figures> {
  const figures = noFigures()
  for (let at = 0; at < names.length; at += READ_AT_ONCE) {
    const body = JSON.stringify(names.slice(at, at + READ_AT_ONCE))
    const answer = await request(`${gate.url}/ledgers`, { method: 'POST', body })
    if (answer.statusCode !== 200) throw new Error(`the ledgers could not be read: ${await answer.body.text()}`)
    for (const read of (await answer.body.json()) as Read[]) {
      audit(read, { heads: seen.heads.get(read.name) ?? new Set(), wasLeft }, kind, figures)
    }
  }
  return figures
}

const LABEL_WIDTH = 70
const COLUMN_WIDTH = 10

function printRow(label: string, cells: readonly (number | string)[], note = ''): void {
  console.log(`${label.padEnd(LABEL_WIDTH)}${cells.map((cell) => String(cell).padStart(COLUMN_WIDTH)).join('')}${note}`)
}

/** The figures of accounts and of receipts beside each other; tells how many mismatches they have together. */
function print(accounts: Figures, receipts: Figures): number {
  printRow('', ['accounts', 'receipts'])
  for (const [label, figure] of Object.entries(counted)) printRow(label, [accounts[figure], receipts[figure]])
  let mismatches = 0
  for (const [label, check] of Object.entries(checks)) {
    const found = [accounts.faults[check], receipts.faults[check]]
    const sum = found.reduce((all, one) => all + one, 0)
    printRow(label, found, sum === 0 ? '' : '  WRONG')
    mismatches += sum
  }
  printRow('mismatches', [mismatches])
  return mismatches
}

/**
 * After a crash the runtime's list of alarms may be behind the objects' own: it says so, and then believes the objects. It
 * also tells of each object that is reset, and of each client that left.
 */
const KNOWN =
  /SQLite alarm (handler canceled with requestScheduledAlarm|overdue, running despite)|reset by the crash script/

function onLine(line: string): void {
  if (!KNOWN.test(line)) console.error(line)
}

/** Disturbs it so often, audits all ledgers, and tells how many mismatches there are. */
async function crash(mode: Mode, rounds: number, seed: number, storage: string): Promise<number> {
  const random = randomFrom(seed)
  const origin = await startOrigin()
  const module = await bundle({ entry: 'demo/crash-worker.ts', outdir: '.faregate/crash' })
  const vars = { ORIGIN_URL: origin.url, TOKEN_SECRET: secret }
  const start = () => startWorkerd({ module, vars, storage, objects: { LEDGER: 'Ledger' }, dropsOutput: true, onLine })
  const names = Array.from({ length: ACCOUNTS }, (_, account) => `account-${account}`)
  const nothing = { requests: 0, failed: 0, resets: 0, isOver: false, left: new Set<number>() }
  const crowd: Crowd = {
    accounts: await Promise.all(names.map(newAccount)),
    receipts: await Promise.all(Array.from({ length: RECEIPTS }, newReceipt)),
    seen: { ...nothing, heads: new Map(), others: new Map() },
  }
  const { seen } = crowd
  let gate: Workerd | undefined
  try {
    for (let round = 1; round <= rounds; round++) {
      if (gate === undefined || mode === 'killed') gate = await start()
      await grant(gate)
      await live(gate, crowd, mode, random)
      if (round % 10 === 0) console.error(`${round} rounds after ${seen.requests} requests`)
    }
    if (gate === undefined || mode === 'killed') gate = await start()
    await sleep(CLOSING_MS)
    const accounts = names.map(ledgerNames.account)
    const receipts = [...seen.heads.keys()].filter((name) => !accounts.includes(name))
    const wasLeft = (id: string): boolean => mode === 'left' && seen.left.has(origin.asked.get(id)?.number ?? 0)
    const byAccount = await auditAll(gate, crowd, accounts, wasLeft, terms.account)
    const byReceipt = await auditAll(gate, crowd, receipts, wasLeft, terms.receipt)
    console.log(summary(mode, rounds, seed, crowd))
    for (const id of [...byAccount.faulty, ...byReceipt.faulty]) {
      console.log(`wrong: ${id}, which asked for the page "${origin.asked.get(id)?.page ?? 'of another request'}"`)
    }
    return print(byAccount, byReceipt)
  } finally {
    await gate?.stop()
    await origin.close()
  }
}

function summary(mode: Mode, rounds: number, seed: number, { seen }: Crowd): string {
  const others = [...seen.others].map(([status, count]) => `${count} x ${status}`)
  const disturbed = {
    killed: `killed ${rounds} times`,
    left: `${seen.left.size} requests left before their head`,
    reset: `${seen.resets} resets`,
  }
  const lines = [
    `seed ${seed}: ${rounds} rounds, ${disturbed[mode]}, ${seen.requests} requests; not 2xx: ${others.join(', ') || 'none'}`,
  ]
  if (seen.failed > 0) lines.push(`${seen.failed} requests failed while the gate was alive`)
  return lines.join('\n')
}

async function run(mode: (typeof MODES)[number], rounds: number, seed: number, storage: string): Promise<number> {
  if (mode !== 'models' && mode !== 'crowd' && mode !== 'sums') return crash(mode, rounds, seed, storage)
  console.log(`seed ${seed}`)
  const random = randomFrom(seed)
  if (mode === 'sums') return crashSums(rounds, random, storage)
  return mode === 'models' ? crashModels(rounds, random, storage) : crashCrowd(random, storage)
}

const { values } = parseArgs({
  options: {
    mode: { type: 'string', default: 'killed' },
    rounds: { type: 'string' },
    seed: { type: 'string', default: String(Math.floor(Math.random() * 2 ** 31)) },
    help: { type: 'boolean', default: false },
  },
})
const mode = MODES.find((known) => known === values.mode)
if (values.help || mode === undefined) {
  console.log(usage.trimEnd())
  process.exitCode = values.help ? 0 : 1
} else {
  const folder = resolve(import.meta.dirname, '../.faregate')
  await mkdir(folder, { recursive: true })
  const storage = await mkdtemp(join(folder, 'crash-storage-'))
  try {
    const [rounds, seed] = [Number(values.rounds ?? ROUNDS[mode]), Number(values.seed)]
    process.exitCode = (await run(mode, rounds, seed, storage)) === 0 ? 0 : 1
  } finally {
    await rm(storage, { recursive: true, force: true })
  }
}
