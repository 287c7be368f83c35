import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { request } from 'undici'
import { bundle } from '../tools/bundle.ts'
import { startWorkerd, type Workerd } from '../tools/workerd.ts'
import { ledgerNames, secret, signed } from './crash-load.ts'
import {
  auditModels,
  type Call,
  type ModelsFigures,
  modelsChecks,
  modelsCounted,
  type ModelsRead,
  noModelsFigures,
  type Sent,
} from './crash-models-audit.ts'
import { ASKED, clientApis, makeCall } from './crash-models-load.ts'
import { MODEL_KEYS } from './models/models.ts'
import { type ServedModels, serveModels } from './models/serve.ts'

/**
 * Gates before six providers of language models, each a process with ledgers of its own, killed while answers are under way and started
 * again. Clients behave as SDKs do, and some leave. In the end every charge is held against what its client saw and what the provider
 * has sent.
 */

const GATES = 2
const ACCOUNTS = 6
const CALLERS = 4
const LEAST_MS = 500
const MOST_MS = 2500
/** Of a token, at the provider. */
const PACE_MS = 3
const BALANCE_PAUSE_MS = 20
/** A charge is closed five seconds after its request came; the alarm, and whatever is started anew, may take a little more. */
const CLOSING_MS = 7000
/** Some three reservations at first, and one more with each round: now and then there is too little. */
const FIRST_NANOS = 2_500_000
const ROUND_NANOS = 1_000_000
const LEAST_CAP = 200

/** One in two calls has none of these. */
const FAULTS =
  `cached-5 thinking-7 usage-twice crlf split-7 dies-after-6 dies-after-1 ends-after-6 error-first error-after-5 no-usage
  status-503 status-429 status-400`.split(/\s+/)

export type Account = {
  readonly name: string
  readonly token: string
  readonly grants: { readonly at: number; readonly nanos: number }[]
  readonly calls: Map<number, Call>
}

/** A gate, with the URL at which it listens now. */
export type Gate = { process: Workerd; readonly accounts: readonly Account[]; readonly at: { url: string } }

export type Run = { isOver: boolean; kills: number; reads: number; negative: number }

type Start = (index: number) => Promise<Workerd>

/** Kills gates so often, audits all ledgers, and tells how many mismatches there are. */
export function crashModels(rounds: number, random: () => number, storage: string): Promise<number> {
  return onModels(storage, async (models, start, gates) => {
    const run: Run = { isOver: false, kills: 0, reads: 0, negative: 0 }
    for (let index = 0; index < GATES; index++) gates.push(await newGate(index, ACCOUNTS, start))
    await Promise.all(gates.map((gate, index) => live(gate, run, rounds, random, () => start(index))))
    await sleep(CLOSING_MS)
    const figures = await auditAll(gates, models)
    figures.faults.negative += run.negative
    console.log(
      `${run.kills} times killed, ${run.reads} balances read meanwhile, ${models.log.length} requests upstream`,
    )
    return print(figures)
  })
}

/** Serves the models meanwhile, and ends whatever was started. */
export async function onModels(
  storage: string,
  work: (models: ServedModels, start: Start, gates: Gate[]) => Promise<number>,
): Promise<number> {
  const models = await serveModels({ pace: () => sleep(PACE_MS) })
  const gates: Gate[] = []
  try {
    return await work(models, await starter(models, storage), gates)
  } finally {
    for (const { process: gate } of gates) await gate.stop()
    await models.close()
  }
}

async function starter({ url }: ServedModels, storage: string): Promise<Start> {
  const module = await bundle({ entry: 'demo/crash-models-worker.ts', outdir: '.faregate/crash-models' })
  const { openai, anthropic, gemini, mistral, qianfan, compatible } = MODEL_KEYS
  const keys = { OPENAI_KEY: openai, ANTHROPIC_KEY: anthropic, GEMINI_KEY: gemini }
  const others = { MISTRAL_KEY: mistral, QIANFAN_KEY: qianfan, LLAMA_KEY: compatible }
  const vars = { MODELS_URL: url, TOKEN_SECRET: secret, ...keys, ...others }
  return (index) =>
    startWorkerd({
      module,
      vars,
      storage: join(storage, `gate-${index}`),
      objects: { LEDGER: 'Ledger' },
      dropsOutput: true,
      onLine,
    })
}

/** After a crash the runtime's list of alarms may be behind the objects' own; and it tells of each client that left. */
const KNOWN = /SQLite alarm (handler canceled with requestScheduledAlarm|overdue, running despite)|disconnected|cancel/i

function onLine(line: string): void {
  if (!KNOWN.test(line)) console.error(line)
}

export async function newGate(index: number, count: number, start: Start): Promise<Gate> {
  const accounts = Array.from({ length: count }, async (_, account) => {
    const name = `account-${index}-${account}`
    const token = await signed('entitlement+jwt', { sub: name, entitlements: ['api'] })
    return { name, token, grants: [], calls: new Map<number, Call>() }
  })
  const process = await start(index)
  return { process, accounts: await Promise.all(accounts), at: { url: process.url } }
}

/** All ask at once, while the gate is killed and started again. */
async function live(
  gate: Gate,
  all: Run,
  rounds: number,
  random: () => number,
  start: () => Promise<Workerd>,
): Promise<void> {
  await Promise.all(gate.accounts.map((account) => grant(gate, account, FIRST_NANOS)))
  const run: Run = { isOver: false, kills: 0, reads: 0, negative: 0 }
  const callers = gate.accounts.flatMap((account) =>
    Array.from({ length: CALLERS }, () => ask(gate, account, random, () => run.isOver)),
  )
  const watching = watch(gate, run)
  for (let round = 1; round <= rounds; round++) {
    await Promise.all(gate.accounts.map((account) => grant(gate, account, ROUND_NANOS)))
    await sleep(LEAST_MS + (MOST_MS - LEAST_MS) * random())
    process.kill(gate.process.pid, 'SIGKILL')
    await gate.process.exited
    gate.process = await start()
    gate.at.url = gate.process.url
  }
  run.isOver = true
  await Promise.all([...callers, watching])
  all.kills += rounds
  all.reads += run.reads
  all.negative += run.negative
}

/** Makes one call after the other, each of some kind. */
async function ask(gate: Gate, account: Account, random: () => number, isOver: () => boolean): Promise<void> {
  const { name, token, calls } = account
  const apis = Object.keys(clientApis)
  while (!isOver()) {
    const isStream = random() < 3 / 4
    const fault = FAULTS[Math.floor(2 * FAULTS.length * random())]
    const length = `tokens-${3 + Math.floor(80 * random())}`
    const call: Call = {
      cap: LEAST_CAP + calls.size,
      api: apis[Math.floor(apis.length * random())] ?? '',
      isStream,
      fault: fault === undefined ? length : `${length},${fault}`,
      tries: [],
    }
    calls.set(call.cap, call)
    const leavesAfterMs = random() < 1 / 5 ? 250 * random() : undefined
    await makeCall({ gate: gate.at, account: name, token, leavesAfterMs, isOver }, call)
  }
}

/** Adds credit. The same order is sent until it is heard: its id makes it one. */
export async function grant(gate: Gate, account: Account, nanos: number): Promise<void> {
  const authorization = `Bearer ${await signed('operator+jwt', { scope: 'credit' })}`
  const amount = (nanos / 1e9).toFixed(9)
  const body = JSON.stringify({ account: account.name, amount, currency: 'USD', id: `grant ${account.grants.length}` })
  const headers = { authorization, 'content-type': 'application/json' }
  const answer = await request(`${gate.at.url}/__faregate/credit`, { method: 'POST', headers, body })
  const text = await answer.body.text()
  if (answer.statusCode !== 200) throw new Error(`the credit was not granted: ${answer.statusCode} ${text}`)
  account.grants.push({ at: Date.now(), nanos })
}

/** Reads the balances again and again, as long as the gate lives. */
export async function watch(gate: Gate, run: Run): Promise<void> {
  const body = JSON.stringify(gate.accounts.map(({ name }) => ledgerNames.account(name)))
  while (!run.isOver) {
    try {
      const answer = await request(`${gate.at.url}/balances`, { method: 'POST', body })
      const balances = (await answer.body.json()) as number[]
      run.reads += balances.length
      run.negative += balances.filter((units) => units < 0).length
    } catch {
      // Killed just now.
    }
    await sleep(BALANCE_PAUSE_MS)
  }
}

/** Reads all ledgers, and holds them against what is known of their accounts. */
export async function auditAll(gates: readonly Gate[], models: ServedModels): Promise<ModelsFigures> {
  const figures = noModelsFigures()
  for (const gate of gates) await auditGate(gate, models, figures)
  return figures
}

async function auditGate(gate: Gate, models: ServedModels, figures: ModelsFigures): Promise<void> {
  const body = JSON.stringify(gate.accounts.map(({ name }) => ledgerNames.account(name)))
  const answer = await request(`${gate.at.url}/ledgers`, { method: 'POST', body })
  if (answer.statusCode !== 200) throw new Error(`the ledgers could not be read: ${await answer.body.text()}`)
  const sent = sentBy(models)
  for (const read of (await answer.body.json()) as ModelsRead[]) {
    const account = gate.accounts.find(({ name }) => ledgerNames.account(name) === read.name)
    if (account === undefined) continue
    const { name, grants, calls } = account
    const grantedBy = (time: number): number => grants.reduce((sum, { at, nanos }) => sum + (at <= time ? nanos : 0), 0)
    const known = { granted: grantedBy(Number.POSITIVE_INFINITY), grantedBy, calls }
    auditModels(read, { ...known, sent: ({ cap }, tried) => sent.get(`${name} ${cap} ${tried}`) }, figures)
  }
}

/** What the provider has sent, by account, call and try. */
function sentBy({ log }: ServedModels): ReadonlyMap<string, Sent> {
  const all = new Map<string, Sent>()
  for (const { text, fields, usage, generated } of log) {
    const [, account = '', cap = ''] = ASKED.exec(text) ?? []
    const tried = fields['user-agent']?.split('/')[1] ?? ''
    all.set(`${account} ${cap} ${tried}`, { usage, generated, isReported: !text.includes('no-usage') })
  }
  return all
}

const LABEL_WIDTH = 60
const MOST_TOLD = 20

/** Prints the figures, and tells how many mismatches they have. */
export function print(figures: ModelsFigures): number {
  const row = (label: string, count: number, note = ''): void =>
    console.log(`${label.padEnd(LABEL_WIDTH)}${String(count).padStart(8)}${note}`)
  for (const line of figures.faulty.slice(0, MOST_TOLD)) console.log(`wrong: ${line}`)
  for (const [label, figure] of Object.entries(modelsCounted)) row(label, figures[figure])
  let mismatches = 0
  for (const [label, check] of Object.entries(modelsChecks)) {
    const found = figures.faults[check]
    row(label, found, found === 0 ? '' : '  WRONG')
    mismatches += found
  }
  row('mismatches', mismatches)
  return mismatches
}
