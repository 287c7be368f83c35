import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { type Client, CLIENTS } from '../../tools/payments/clients/clients.ts'
import { type HeldPayment, hold } from '../../tools/payments/clients/hold.ts'
import { type Chain, PAYER } from '../../tools/payments/stack/chain.ts'
import { NETWORK, USDC } from '../../tools/payments/stack/names.ts'
import type { Workerd } from '../../tools/workerd.ts'
import { randomFrom } from '../random.ts'
import { type Audit, auditSales, CHECKS, type Evidence, type Sale, type SaleLedger } from './crash-audit.ts'
import { type Stack, withStack } from './crash-stack.ts'

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
const MOST_MS = 500
const PATIENCE_MS = 150_000
const AGAIN_MS = 1000
const ANSWER_MS = 10_000
/** So many that a block is safe. */
const SAFE_BLOCKS = '0x60'

const PAYERS: readonly Client[] = [CLIENTS.x402Fetch, CLIENTS.x402FetchV1, CLIENTS.mppxEvm]

/** When the gate is killed. */
const MOMENTS = ['any', 'settling', 'moved', 'head'] as const
type Moment = (typeof MOMENTS)[number]

interface Held {
  readonly sale: Omit<Sale, 'pages' | 'isDisowned'>
  readonly payment: HeldPayment
  pages: number
  /** True once it was told that its answer was lost. */
  isDisowned: boolean
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
    isOver: false,
    told: [],
  }
}

function pick<T>(random: () => number, all: readonly [T, ...T[]]): T {
  return all[Math.floor(random() * all.length)] ?? all[0]
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
const LATER = new Set([409, 429])

/** Presents a payment, and notes what came of it. Calls `onHead` once an answer has begun. */
async function present(held: Held, url: string, onHead: () => void): Promise<void> {
  try {
    const signal = AbortSignal.timeout(ANSWER_MS)
    const answer = await held.payment.send(`${url}${held.sale.path}`, { signal })
    if (answer.status === 200) onHead()
    const body = await answer.text()
    const isPage = answer.status === 200 && body === `the page ${held.sale.path}`
    if (isPage) held.pages += 1
    held.told.push(answer.ok ? String(answer.status) : `${answer.status} ${/"reason":"([^"]+)"/.exec(body)?.[1]}`)
    held.isDisowned = answer.status === 409 && !answer.headers.has('retry-after')
    const isRefused = answer.status >= 400 && answer.status < 500 && !LATER.has(answer.status)
    held.isOver = isPage || held.isDisowned || isRefused
  } catch {
    held.told.push('broken off')
  }
}

/** One round: payments are presented, and the gate is killed at some moment. */
async function live(gate: Workerd, held: readonly Held[], moment: Moment, stack: Stack, random: () => number) {
  const { facilitator, chain } = stack
  facilitator.reset()
  const { promise: head, resolve: onHead } = Promise.withResolvers<void>()
  const before = await chain.received()
  const settling = facilitator.arrival('settle')
  const release = moment === 'settling' ? facilitator.hold('settle') : undefined
  if (moment === 'moved') facilitator.failSettle('settle-then-hang', SALES_A_ROUND)
  const sent = Promise.all(held.filter(({ isOver }) => !isOver).map((one) => present(one, gate.url, onHead)))
  const due = { any: sleep(MOST_MS * random()), settling, moved: settling.then(() => grown(chain, before)), head }[
    moment
  ]
  await Promise.race([due, sleep(2 * MOST_MS), sent])
  process.kill(gate.pid, 'SIGKILL')
  await Promise.all([gate.exited, sent])
  release?.()
  // What it does not know any more, the chain knows.
  if (random() < 1 / 2) facilitator.forget()
}

async function grown(chain: Chain, before: bigint): Promise<void> {
  while ((await chain.received()) === before) await sleep(5)
}

/** Presents what is still open until everything has had its last word, and gives ledgers time to come to rest. */
async function recover(gate: Workerd, held: readonly Held[], stack: Stack): Promise<Audit> {
  const { chain, facilitator } = stack
  facilitator.reset()
  const end = performance.now() + PATIENCE_MS
  for (;;) {
    await chain.client.request({ method: 'anvil_mine', params: [SAFE_BLOCKS] } as never)
    const open = held.filter(({ isOver }) => !isOver)
    await Promise.all(open.map((one) => present(one, gate.url, () => undefined)))
    const audit = auditSales(await evidenceOf(gate, held, stack))
    const isAtRest = audit.faulty.length === 0 && held.every(({ isOver }) => isOver)
    if (isAtRest || performance.now() > end) return audit
    await sleep(AGAIN_MS)
  }
}

async function evidenceOf(gate: Workerd, held: readonly Held[], stack: Stack): Promise<Evidence> {
  const { chain, runs, records } = stack
  const names = held.map(({ sale }) => sale.name)
  const answer = await fetch(`${gate.url}/ledgers`, { method: 'POST', body: JSON.stringify(names) })
  const read = (await answer.json()) as { money: string[]; open: number; unsettled: number }[]
  const ledgers = names.flatMap((name, at): (readonly [string, SaleLedger])[] => {
    const one = read[at]
    if (one === undefined) return []
    const kept = one.money.reduce((all, nanos) => all + BigInt(nanos), 0n) / NANOS_PER_UNIT
    return [[name, { kept, open: one.open, unsettled: one.unsettled }]]
  })
  return {
    sales: held.map(({ sale, pages, isDisowned }) => ({ ...sale, pages, isDisowned })),
    moved: new Map(Array.from(await chain.moved(), ([nonce, units]) => [paymentName(nonce), units])),
    received: await chain.received(),
    ledgers: new Map(ledgers),
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
    for (let round = 1; round <= rounds; round++) {
      const gate = await stack.start()
      for (let sale = 0; sale < SALES_A_ROUND; sale++) held.push(await sell(gate.url, round, random, stack))
      const moment = pick(random, MOMENTS)
      kills.set(moment, (kills.get(moment) ?? 0) + 1)
      await live(gate, held, moment, stack, random)
      if (round % 10 === 0) console.error(`${round} rounds, ${held.length} payments`)
    }
    const audit = await recover(await stack.start(), held, stack)
    const fallen = MOMENTS.map((moment) => `${kills.get(moment) ?? 0} ${WORDS[moment]}`)
    console.log(`seed ${seed}: killed ${rounds} times: ${fallen.join(', ')}`)
    return print(audit, held, stack)
  })
}

const WORDS: Readonly<Record<Moment, string>> = {
  any: 'at any moment',
  settling: 'when the facilitator was asked to settle',
  moved: 'when money had moved and nobody was told',
  head: 'at the head of an answer',
}

function print({ faults, sums, paid, lost, unsettled, faulty }: Audit, held: readonly Held[], { runs }: Stack): number {
  const again = held.filter(({ told }) => told.length > 1).length
  console.log(`${held.length} payments, ${again} presented more than once; ${paid} moved money, ${unsettled} unsettled`)
  console.log(
    `the origin was asked ${runs.length} times; ${lost} answers to orders were lost with the gate, as client and billing know`,
  )
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
