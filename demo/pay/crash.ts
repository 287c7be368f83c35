import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { type Client, CLIENTS } from '../../tools/payments/clients/clients.ts'
import { type HeldPayment, hold } from '../../tools/payments/clients/hold.ts'
import { PAYER } from '../../tools/payments/stack/chain.ts'
import { NETWORK, USDC } from '../../tools/payments/stack/names.ts'
import type { Workerd } from '../../tools/workerd.ts'
import { randomFrom } from '../random.ts'
import { type Audit, auditSales, CHECKS, type Evidence, type Sale, type SaleLedger } from './crash-audit.ts'
import { type Stack, withStack } from './crash-stack.ts'
import { aim, type Moment, MOMENTS, WORDS } from './crash-moments.ts'
import { type Fallen, noteKill, printKills } from './crash-states.ts'

const usage = `Kills the gate with kill -9 while payments are under way, starts it again on the same storage, and audits all of them:
what clients got, what moved on the chain, what ledgers kept, and what billing was told.

Usage: npm run -s crash:payments -- [options]

  --rounds <n>    how often it is killed (default: 50)
  --seed <n>      when, and who pays for what (default: another each time; the order of answers is never the same)
  --help          this text
`

const PRICE = 100_000n
/** Of the price's digits: six of the token, nine of the ledgers. */
const NANOS_PER_UNIT = 1000n
const SALES_A_ROUND = 6
/** The longest that a round takes, and the share of rounds that begin without a kill. */
const MOST_MS = 3000
const CALM = 0.8
/** The longest after the first payment is verified. */
const ANY_MS = 300
const PATIENCE_MS = 150_000
const AGAIN_MS = 1000
const ANSWER_MS = 30_000

const PAYERS: readonly Client[] = [CLIENTS.x402Fetch, CLIENTS.x402FetchV1, CLIENTS.mppxEvm]

interface Held {
  readonly sale: Omit<Sale, 'pages' | 'isDisowned'>
  readonly payment: HeldPayment
  pages: number
  /** True once it was told that its answer was lost. */
  isDisowned: boolean
  /** True if the last answer had a head and did not end. */
  isBegun: boolean
  /** True once a last word was said: the page, or a refusal for good. */
  isOver: boolean
  /** What it was told, in order. */
  readonly told: string[]
}

let sold = 0

/** Has a client sign for a page, and keeps what it signed. */
async function sell(url: string, round: number, random: () => number, { nonces }: Stack): Promise<Held> {
  sold += 1
  const client = PAYERS[Math.floor(random() * PAYERS.length)] ?? CLIENTS.x402Fetch
  const [method, path] = pick<readonly ['GET' | 'POST', string]>(random, [
    ['GET', `/reports/cached/${round}`],
    ['GET', `/reports/${sold}`],
    ['POST', `/orders/${sold}`],
    ['POST', `/orders/${sold}`],
    ['GET', `/upfront/${sold}`],
  ])
  const payment = await hold(client, `${url}${path}`, { init: { method } })
  const nonce = nonceOf(payment)
  if (method === 'POST') nonces.set(path, nonce)
  return {
    sale: { name: paymentName(nonce), method, path, price: PRICE },
    payment,
    pages: 0,
    isDisowned: false,
    isBegun: false,
    isOver: false,
    told: [],
  }
}

function pick<T>(random: () => number, all: readonly [T, ...T[]]): T {
  return all[Math.floor(random() * all.length)] ?? all[0]
}

function shuffled<T>(all: readonly T[], random: () => number): T[] {
  return all
    .map((one) => ({ one, at: random() }))
    .toSorted((a, b) => a.at - b.at)
    .map(({ one }) => one)
}

/** What the chain knows the payment by, in either protocol. */
function nonceOf({ value }: HeldPayment): `0x${string}` {
  const encoded = value.startsWith('Payment ') ? value.slice('Payment '.length) : value
  const nonce = /"nonce":"(0x[0-9a-f]{64})"/i.exec(Buffer.from(encoded, 'base64').toString())?.[1]
  if (nonce === undefined) throw new Error('the client made a payment without a nonce')
  return nonce as `0x${string}`
}

/** The name that ledgers give it. */
function paymentName(nonce: string): string {
  return JSON.stringify([NETWORK, USDC, PAYER.address, nonce]).toLowerCase()
}

/** Refusals after which the same payment is presented again. */
const LATER = new Set([408, 409, 429])

/** Presents a payment, and notes what came of it. Calls `onHead` once an answer has begun. */
async function present(held: Held, url: string, onHead?: () => void): Promise<void> {
  held.isBegun = false
  try {
    const signal = AbortSignal.timeout(ANSWER_MS)
    const answer = await held.payment.send(`${url}${held.sale.path}`, { signal })
    held.isBegun = answer.status === 200
    if (held.isBegun) onHead?.()
    const body = await answer.text()
    held.isBegun = false
    const isPage = answer.status === 200 && body === `the page ${held.sale.path}`
    if (isPage) held.pages += 1
    held.told.push(answer.ok ? String(answer.status) : `${answer.status} ${/"reason":"([^"]+)"/.exec(body)?.[1]}`)
    // An order that is carried out once alone, or a page that was tried three times.
    held.isDisowned = (answer.status === 409 && !answer.headers.has('retry-after')) || body.includes('"payment-spent"')
    const isRefused = answer.status >= 400 && answer.status < 500 && !LATER.has(answer.status)
    held.isOver = isPage || held.isDisowned || isRefused
  } catch {
    held.told.push('broken off')
  }
}

/**
 * One round: payments are presented, and the gate is killed at some moment. Returns those that had not had their last word
 * before.
 */
async function live(gate: Workerd, held: readonly Held[], moment: Moment, stack: Stack, random: () => number) {
  const { facilitator } = stack
  facilitator.reset()
  const { promise: head, resolve: onHead } = Promise.withResolvers<void>()
  const wait = { head, anyMs: ANY_MS * random(), times: 1 + Math.floor(3 * random()) }
  const { due, release, forget } = await aim(moment, stack, wait)
  const open = held.filter(({ isOver }) => !isOver)
  const sent = Promise.all(open.map((one) => present(one, gate.url, onHead)))
  await Promise.race([due, sleep(MOST_MS), sent])
  forget?.()
  process.kill(gate.pid, 'SIGKILL')
  await Promise.all([gate.exited, sent])
  release?.()
  // What it does not know any more, the chain knows.
  if (random() < 1 / 2) facilitator.forget()
  return open
}

/** Presents what is still open until everything has had its last word, and gives ledgers time to come to rest. */
async function recover(gate: Workerd, held: readonly Held[], stack: Stack): Promise<Audit> {
  const { chain, facilitator } = stack
  facilitator.reset()
  const end = performance.now() + PATIENCE_MS
  for (;;) {
    await chain.mineUntilSafe()
    const open = held.filter(({ isOver }) => !isOver)
    await Promise.all(open.map((one) => present(one, gate.url)))
    const audit = auditSales(await evidenceOf(gate, held, stack))
    const isAtRest = audit.faulty.every((what) => what.startsWith('idle')) && held.every(({ isOver }) => isOver)
    if (isAtRest || performance.now() > end) return audit
    await sleep(AGAIN_MS)
  }
}

async function readLedgers(gate: Workerd, held: readonly Held[]): Promise<ReadonlyMap<string, SaleLedger>> {
  const names = held.map(({ sale }) => sale.name)
  const answer = await fetch(`${gate.url}/ledgers`, { method: 'POST', body: JSON.stringify(names) })
  const read = (await answer.json()) as (Omit<SaleLedger, 'kept'> & { money: string[] })[]
  const ledgers = read.map(({ money, ...one }, at): [string, SaleLedger] => {
    const kept = money.reduce((all, nanos) => all + BigInt(nanos), 0n) / NANOS_PER_UNIT
    return [names[at] ?? '', { ...one, kept }]
  })
  return new Map(ledgers)
}

async function evidenceOf(gate: Workerd, held: readonly Held[], stack: Stack): Promise<Evidence> {
  const { chain, runs, records } = stack
  return {
    sales: held.map(({ sale, pages, isDisowned }) => ({ ...sale, pages, isDisowned })),
    moved: new Map(Array.from(await chain.moved(), ([nonce, units]) => [paymentName(nonce), units])),
    received: await chain.received(),
    ledgers: await readLedgers(gate, held),
    records,
    runs,
  }
}

/** Kills it so often, audits all payments, and tells how many mismatches there are. */
async function crash(rounds: number, seed: number, storage: string): Promise<number> {
  const random = randomFrom(seed)
  return withStack(storage, async (stack) => {
    const held: Held[] = []
    const kills = new Map<Moment, number>()
    const moments: Moment[] = []
    const fallen: Fallen = { rounds: new Map(), payments: new Map() }
    let gate = await stack.start()
    for (let round = 1; round <= rounds; round++) {
      stack.facilitator.reset()
      // Most are served before the next kill: what is open would grow and grow, and expire.
      if (random() < CALM) await Promise.all(held.filter(({ isOver }) => !isOver).map((one) => present(one, gate.url)))
      for (let sale = 0; sale < SALES_A_ROUND; sale++) held.push(await sell(gate.url, round, random, stack))
      if (moments.length === 0) moments.push(...shuffled(MOMENTS, random))
      const moment = moments.pop() ?? 'any'
      kills.set(moment, (kills.get(moment) ?? 0) + 1)
      const presented = await live(gate, held, moment, stack, random)
      gate = await stack.start()
      const ledgers = await readLedgers(gate, presented)
      noteKill(
        fallen,
        presented.map(({ sale, isBegun }) => ({ isBegun, state: ledgers.get(sale.name)?.state ?? 'unclaimed' })),
      )
      if (round % 10 === 0) console.error(`${round} rounds, ${held.length} payments`)
    }
    const audit = await recover(gate, held, stack)
    const aimed = MOMENTS.map((moment) => `${kills.get(moment) ?? 0} ${WORDS[moment]}`)
    console.log(`seed ${seed}: killed ${rounds} times: ${aimed.join(', ')}`)
    printKills(fallen)
    return print(audit, held, stack)
  })
}

/** How often each answer was the last one. */
function countWords(held: readonly Held[]): string {
  const byWord = Map.groupBy(held, ({ told }) => told.at(-1) ?? 'none')
  return Array.from(byWord, ([word, all]) => `${all.length} x ${word}`).join(', ')
}

function print(audit: Audit, held: readonly Held[], { runs, records }: Stack): number {
  const { faults, sums, paid, lost, reruns, unsettled, faulty } = audit
  const again = held.filter(({ told }) => told.length > 1).length
  const orders = runs.filter(({ method }) => method === 'POST').length
  console.log(`${held.length} payments, ${again} presented more than once; ${paid} moved money, ${unsettled} unsettled`)
  console.log(
    `the origin was asked ${runs.length} times, ${orders} of them for orders: ${reruns} once more before money moved`,
  )
  console.log(`${lost} answers were lost with the gate, as client and billing know`)
  console.log(`last words: ${countWords(held)}`)
  const events = new Set(records.map(({ id }) => id)).size
  console.log(`billing got ${events} events, ${records.length - events} of them more than once`)
  console.log(`units: ${sums.chain} on the chain, ${sums.ledgers} in ledgers, ${sums.outbox} told to billing`)
  let mismatches = 0
  for (const [check, label] of Object.entries(CHECKS)) {
    const count = faults[check as keyof typeof CHECKS]
    console.log(`${label.padEnd(48)}${String(count).padStart(6)}${count === 0 ? '' : '  WRONG'}`)
    mismatches += count
  }
  for (const what of faulty) console.log(what)
  for (const { sale, told, pages } of held)
    if (faulty.some((what) => what.endsWith(sale.path)))
      console.log(`${sale.path}: ${pages} pages; told ${told.join('; ')}`)
  console.log(`mismatches: ${mismatches}`)
  return mismatches
}

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '50' },
    seed: { type: 'string', default: String(Math.floor(Math.random() * 2 ** 31)) },
    help: { type: 'boolean', default: false },
  },
})
if (values.help) console.log(usage.trimEnd())
else {
  const folder = resolve(import.meta.dirname, '../../.faregate')
  await mkdir(folder, { recursive: true })
  const storage = await mkdtemp(join(folder, 'crash-payments-'))
  try {
    process.exitCode = (await crash(Number(values.rounds), Number(values.seed), storage)) === 0 ? 0 : 1
  } finally {
    await rm(storage, { recursive: true, force: true })
  }
}
