/** Kills a gate that adds up what it earns, and holds its metrics and its dashboard against its ledgers and billing. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer } from 'node:http'
import { text } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import { request, Pool } from 'undici'
import { bundle } from '../tools/bundle.ts'
import { open, shut } from '../tools/loopback.ts'
import { readDashboard } from '../tools/replay/page.ts'
import { startWorkerd, type Workerd } from '../tools/workerd.ts'
import { ledgerNames, newAccount, newReceipt, type Payer, secret, signed, startOrigin } from './crash-load.ts'
import { missingMs, scrapedSums, type Sums, type SumsRead, toldSums } from './crash-sums-audit.ts'

const ACCOUNTS = 6
const CALLERS = 8
const PAUSE_MS = 40
const LEAST_MS = 300
const MOST_MS = 25_000
const POLL_MS = 500
/** Ten seconds of traffic are posted together; a post takes a moment, and a timer on a busy machine is late. */
const MOST_MISSING_MS = 12_000
const METRICS_SECRET = 'a-secret-for-a-scraper-of-32-bytes'

/** When the gate is killed: at any time, or once something was written and whoever sent it does not know. */
const MOMENTS = ['any', 'records', 'post', 'told'] as const
type Moment = (typeof MOMENTS)[number]

/** What stands around the gate, and outlives it. */
interface Around {
  readonly events: unknown[]
  /** The records whose addition was reported, and how many of them before. */
  readonly added: Set<string>
  addedAgain: number
  /** Called at a moment; what it returns is answered once it settles. */
  at: (moment: Exclude<Moment, 'any'>) => Promise<void>
}

async function hear(request: IncomingMessage, response: ServerResponse, around: Around): Promise<void> {
  const said = JSON.parse(await text(request)) as unknown[]
  const moment = MOMENTS.find((known) => request.url === `/${known}`) ?? 'told'
  if (moment === 'told') around.events.push(...said)
  for (const id of moment === 'records' ? said : []) {
    if (around.added.has(String(id))) around.addedAgain += 1
    around.added.add(String(id))
  }
  if (moment !== 'any') await around.at(moment)
  response.writeHead(204).end()
}

/** Asks for pages until it is over, and notes when each answer came. */
async function call(
  pool: Pool,
  next: () => Payer | Promise<Payer>,
  over: { isOver: boolean },
  answeredAt: number[],
): Promise<void> {
  while (!over.isOver) {
    const { token, path } = await next()
    const headers = { authorization: `Bearer ${token}` }
    try {
      const { body } = await pool.request({ method: 'GET', path: `${path}/${answeredAt.length}/page`, headers })
      answeredAt.push(Date.now())
      await body.dump()
    } catch {
      // The gate is gone.
    }
    await sleep(PAUSE_MS)
  }
}

interface Crash {
  readonly start: () => Promise<Workerd>
  readonly around: Around
  readonly random: () => number
  readonly accounts: readonly Payer[]
  readonly ledgers: Set<string>
}

/** One life of the gate. Resolves with when it was killed, and when each of its answers came. */
async function live(gate: Workerd, moment: Moment, crash: Crash): Promise<{ answeredAt: number[]; killed: number }> {
  const { around, random, accounts, ledgers } = crash
  const [over, answeredAt]: [{ isOver: boolean }, number[]] = [{ isOver: false }, []]
  const pool = new Pool(gate.url, { connections: CALLERS })
  const payer = async (): Promise<Payer> => {
    const fresh = random() < 1 / 10 ? await newReceipt() : accounts[Math.floor(random() * ACCOUNTS)]
    const chosen = fresh ?? (await newReceipt())
    ledgers.add(chosen.ledger)
    return chosen
  }
  const callers = Array.from({ length: CALLERS }, () => call(pool, payer, over, answeredAt))
  const lasts = LEAST_MS + (MOST_MS - LEAST_MS) * random()
  let left = 1 + Math.floor(random() * (moment === 'post' ? 3 : 60))
  const reached = Promise.withResolvers<void>()
  around.at = async (now) => {
    if (now !== moment || --left > 0) return
    process.kill(gate.pid, 'SIGKILL')
    reached.resolve()
    await gate.exited
  }
  await Promise.race([sleep(moment === 'any' ? lasts : MOST_MS), reached.promise])
  const killed = Date.now()
  if (left > 0 || moment === 'any') process.kill(gate.pid, 'SIGKILL')
  over.isOver = true
  around.at = async () => undefined
  await Promise.all([...callers, gate.exited])
  await pool.destroy()
  return { answeredAt, killed }
}

async function scrape(gate: Workerd): Promise<ReturnType<typeof scrapedSums>> {
  const headers = { authorization: `Bearer ${METRICS_SECRET}` }
  const { statusCode, body } = await request(`${gate.url}/__faregate/metrics`, { headers })
  if (statusCode !== 200) throw new Error(`no metrics: ${statusCode} ${await body.text()}`)
  return scrapedSums(await body.text())
}

/** What the dashboard says was kept in 90 days. */
async function shownNanos(gate: Workerd): Promise<bigint> {
  const token = await signed('operator+jwt', { sub: 'ops', scope: 'view' })
  const headers = {
    'content-type': 'application/x-www-form-urlencoded',
    'sec-fetch-site': 'same-origin',
    origin: gate.url,
  }
  const page = `${gate.url}/__faregate/operator`
  const body = new URLSearchParams({ token }).toString()
  const signedIn = await request(page, { method: 'POST', headers, body })
  const cookie = String(signedIn.headers['set-cookie']).split(';')[0] ?? ''
  const shown = await request(`${page}?range=90d`, { headers: { cookie, 'sec-fetch-site': 'none' } })
  const revenue = readDashboard(await shown.body.text()).tiles.get('Revenue kept')?.value
  return BigInt(typeof revenue === 'object' && revenue !== null ? (revenue['USD'] ?? 0) : -1)
}

/** Waits until no charge is open and all is told, and adds up what the ledgers hold. */
async function heldBy(gate: Workerd, ledgers: ReadonlySet<string>): Promise<Omit<Sums, 'charges'>> {
  const held = { nanos: 0n, unsettled: 0 }
  let names: readonly string[] = [...ledgers]
  for (; names.length > 0; await sleep(POLL_MS)) {
    const { body } = await request(`${gate.url}/ledgers`, { method: 'POST', body: JSON.stringify(names) })
    const read = (await body.json()) as SumsRead[]
    for (const { nanos, unsettled } of read.filter(({ isSettled }) => isSettled)) {
      held.nanos += BigInt(nanos)
      held.unsettled += unsettled
    }
    names = names.filter((_, index) => !(read[index]?.isSettled ?? false))
  }
  return held
}

async function grant(gate: Workerd): Promise<void> {
  const authorization = `Bearer ${await signed('operator+jwt', { scope: 'credit' })}`
  for (let account = 0; account < ACCOUNTS; account++) {
    const order = { account: `account-${account}`, amount: '1000000', currency: 'USD', id: 'the start' }
    const headers = { authorization, 'content-type': 'application/json' }
    const body = JSON.stringify(order)
    const { statusCode } = await request(`${gate.url}/__faregate/credit`, { method: 'POST', headers, body })
    if (statusCode !== 200) throw new Error(`the credit was not granted: ${statusCode}`)
  }
}

/** Kills the gate so often, compares, and tells how many mismatches there are. */
export async function crashSums(rounds: number, random: () => number, storage: string): Promise<number> {
  const around: Around = { events: [], added: new Set(), addedAgain: 0, at: async () => undefined }
  const script = createServer((asked, response) => void hear(asked, response, around).catch(() => response.destroy()))
  const [scriptUrl, origin] = [await open(script), await startOrigin()]
  const module = await bundle({ entry: 'demo/crash-sums-worker.ts', outdir: '.faregate/crash-sums' })
  const vars = {
    ORIGIN_URL: origin.url,
    BILLING_URL: `${scriptUrl}/billing`,
    SCRIPT_URL: scriptUrl,
    TOKEN_SECRET: secret,
    METRICS_SECRET,
    GATE_SECRET: `the gate's: ${secret}`,
    USAGE_SECRET: `of usage: ${secret}`,
  }
  const start = () => startWorkerd({ module, vars, storage, objects: { LEDGER: 'Ledger' }, dropsOutput: true })
  const accounts = await Promise.all(Array.from({ length: ACCOUNTS }, (_, at) => newAccount(`account-${at}`)))
  const ledgers = new Set(Array.from({ length: ACCOUNTS }, (_, at) => ledgerNames.account(`account-${at}`)))
  const crash: Crash = { start, around, random, accounts, ledgers }
  let gate: Workerd | undefined
  try {
    gate = await start()
    const lives = await killAll(gate, rounds, crash)
    gate = lives.gate
    const held = await heldBy(gate, ledgers)
    return report(lives, {
      held,
      told: toldSums(around.events),
      scraped: await scrape(gate),
      shown: await shownNanos(gate),
      around,
    })
  } finally {
    await gate?.stop()
    await Promise.all([shut(script), origin.close()])
  }
}

interface Lives {
  readonly gate: Workerd
  readonly kills: ReadonlyMap<Moment, number>
  readonly answered: number
  readonly missing: number
  readonly mostMissingMs: number
}

async function killAll(first: Workerd, rounds: number, crash: Crash): Promise<Lives> {
  const kills = new Map<Moment, number>()
  let gate = first
  let [answered, missing, mostMissingMs] = [0, 0, 0]
  for (let round = 1; round <= rounds; round++) {
    await grant(gate)
    const moment = MOMENTS[Math.floor(crash.random() * MOMENTS.length)] ?? 'any'
    const { answeredAt, killed } = await live(gate, moment, crash)
    kills.set(moment, (kills.get(moment) ?? 0) + 1)
    answered += answeredAt.length
    gate = await crash.start()
    const lost = answered - (await scrape(gate)).requests - missing
    mostMissingMs = Math.max(mostMissingMs, missingMs(answeredAt, lost, killed))
    missing += lost
    console.error(`round ${round}: killed at "${moment}", ${answeredAt.length} answers, ${lost} not added up`)
  }
  return { gate, kills, answered, missing, mostMissingMs }
}

interface Views {
  readonly held: Omit<Sums, 'charges'>
  readonly told: ReturnType<typeof toldSums>
  readonly scraped: ReturnType<typeof scrapedSums>
  readonly shown: bigint
  readonly around: Around
}

function report({ kills, answered, missing, mostMissingMs }: Lives, views: Views): number {
  const { held, told, scraped, shown, around } = views
  const moments = Array.from(kills, ([moment, count]) => `${count} at "${moment}"`).join(', ')
  console.log(`killed ${moments}; ${answered} answers, ${told.charges} charges, ${told.unsettled} of them unsettled`)
  console.log(`records told again: ${told.again} to billing, ${around.addedAgain} to the sums`)
  console.log(
    `money in 10⁻⁹ USD: ledgers ${held.nanos}, billing ${told.nanos}, metrics ${scraped.nanos}, dashboard ${shown}`,
  )
  console.log(
    `charges: billing ${told.charges}, metrics ${scraped.charges}; unsettled: ledgers ${held.unsettled}, billing ${told.unsettled}, metrics ${scraped.unsettled}`,
  )
  console.log(
    `answers that were not added up: ${missing}; of a kill those of the last ${(mostMissingMs / 1000).toFixed(1)} s at most`,
  )
  const isEqual = [
    held.nanos === told.nanos,
    told.nanos === scraped.nanos,
    shown === scraped.nanos,
    told.charges === scraped.charges,
    held.unsettled === told.unsettled,
    told.unsettled === scraped.unsettled,
    mostMissingMs <= MOST_MISSING_MS,
  ]
  const mismatches = isEqual.filter((is) => !is).length
  console.log(`mismatches: ${mismatches}`)
  return mismatches
}
