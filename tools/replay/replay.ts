/**
 * Replays requests through a gate in workerd whose clock it moves, and compares each number that the gate then shows with what
 * jq adds up from its log and from what billing was told.
 */
import { appendFile, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { randomFrom } from '../../demo/random.ts'
import { type AccountsHeld, AT_ONCE, Client } from './client.ts'
import { compareMetrics, comparePage, type Expected, Findings } from './compare.ts'
import { jq } from './jq.ts'
import { type Answer, type Asked, Load, type ZoneName, ZONES } from './load.ts'
import { readDashboard } from './page.ts'
import { blocksOf } from './plan.ts'
import { type Stack, startStack } from './stack.ts'

export interface ReplayOptions {
  /** The bundle of `worker.ts`. */
  readonly module: string
  /** A folder that exists. What the replay keeps is removed from it at the end. */
  readonly folder: string
  readonly requests: number
  readonly seed: number
  /** Of the times at which requests are made: see `blocksOf`. */
  readonly coarseness: number
  /** The share of batches that billing says not to have, and gets again half a minute later. */
  readonly lost: number
  readonly tell?: (line: string) => void
}

export interface Replayed {
  readonly requests: number
  readonly refusals: number
  readonly charges: number
  readonly told: number
  readonly views: number
  readonly findings: Findings
  /** Of pages at the last view: the longest in bytes, and the longest time until one was there. */
  readonly largestPageBytes: number
  readonly slowestPageMs: number
}

const RANGES = ['1h', '24h', '7d', '90d'] as const
/** After so long, sums are posted by the next request. */
const POSTED_AFTER_MS = 11_000

/** Replays, and compares. */
export async function replay(options: ReplayOptions): Promise<Replayed> {
  const folder = await mkdtemp(join(options.folder, 'replay-'))
  const random = randomFrom(options.seed)
  const stack = await startStack(options.module, join(folder, 'storage'), () => random() >= options.lost)
  const client = new Client(stack.gate.url)
  try {
    return await new Replay(options, stack, client, folder).run(random)
  } finally {
    await client.end()
    await stack.stop()
    await rm(folder, { recursive: true, force: true })
  }
}

class Replay {
  readonly #options: ReplayOptions
  readonly #stack: Stack
  readonly #client: Client
  readonly #folder: string
  readonly #findings = new Findings()
  #kept = { lines: 0, events: 0 }
  #page = { largestBytes: 0, slowestMs: 0 }

  constructor(options: ReplayOptions, stack: Stack, client: Client, folder: string) {
    this.#options = options
    this.#stack = stack
    this.#client = client
    this.#folder = folder
  }

  async run(random: () => number): Promise<Replayed> {
    const blocks = blocksOf(this.#options.coarseness)
    const load = new Load(random)
    const begins = (blocks[0]?.at ?? 0) - POSTED_AFTER_MS
    await this.#client.showTime(begins)
    for (const zone of ZONES) await this.#client.grant(zone, load, begins)
    const { requests, tell = () => undefined } = this.#options
    let made = 0
    let [views, shown] = [0, 0]
    for (const [index, { at, isView }] of blocks.entries()) {
      const upTo = Math.round((requests * (index + 1)) / blocks.length)
      await this.#client.showTime(at)
      await this.#ask(load, random, at, upTo - made)
      made = upTo
      if (!isView) continue
      views += 1
      await this.#compareAll(load, at)
      const { compared, mismatches } = this.#findings
      for (const line of mismatches.slice(shown)) tell(`  ${line}`)
      shown = mismatches.length
      tell(`${new Date(at).toISOString()}: ${made} requests, ${compared} numbers compared, ${mismatches.length} differ`)
    }
    const { lines, events } = this.#stack
    return {
      requests: made,
      refusals: lines.filter((line) => line.includes('"decision":"refuse"')).length,
      charges: new Set(events.map((event) => /"charge":"([^"]+)"/.exec(event)?.[1])).size,
      told: events.length,
      views,
      findings: this.#findings,
      largestPageBytes: this.#page.largestBytes,
      slowestPageMs: Math.round(this.#page.slowestMs),
    }
  }

  async #ask(load: Load, random: () => number, at: number, count: number): Promise<void> {
    let left = count
    const caller = async (): Promise<void> => {
      while (left > 0) {
        left -= 1
        const zone = random() < 0.7 ? 'berlin' : 'newfoundland'
        let asked: Asked | undefined = await load.draw(zone, at)
        while (asked !== undefined) {
          const answer: Answer = await this.#client.send(zone, asked)
          asked = asked.next?.(answer)
        }
      }
    }
    await Promise.all(Array.from({ length: AT_ONCE }, caller))
  }

  /** Waits until all is added up and told, and compares it. */
  async #compareAll(load: Load, at: number): Promise<void> {
    await this.#compareHeld(load)
    await this.#client.showTime(at + POSTED_AFTER_MS)
    for (const zone of ZONES) await this.#client.send(zone, LAST)
    // The second of those may wait for others again.
    await this.#client.showTime(at + 2 * POSTED_AFTER_MS)
    await this.#client.send('berlin', LAST)
    const asked = { ...this.#client.asked }
    const own = { ...this.#client.own }
    const total = ZONES.reduce((sum, zone) => sum + asked[zone], 0)
    await until(() => this.#stack.lines.length >= total)
    const scrapes = new Map<ZoneName, string>()
    for (const zone of ZONES) scrapes.set(zone, await this.#client.scraped(zone, asked[zone] - own[zone]))
    await this.#keep(total)
    await writeFile(join(this.#folder, 'closings'), await this.#closings())
    for (const zone of ZONES) {
      const where = { files: [join(this.#folder, 'rows')], lists: { closings: join(this.#folder, 'closings') }, zone }
      const metrics = await jq({ program: 'metrics', strings: { zone }, ...where })
      compareMetrics(
        `${new Date(at).toISOString()} ${zone}`,
        scrapes.get(zone) ?? '',
        JSON.parse(metrics),
        this.#findings,
      )
      const cookie = await this.#client.signIn(zone, at)
      for (const range of RANGES) await this.#comparePage(zone, range, at, cookie, where)
    }
  }

  async #comparePage(
    zone: ZoneName,
    range: string,
    at: number,
    cookie: string,
    where: Pick<Parameters<typeof jq>[0], 'files' | 'lists' | 'zone'>,
  ): Promise<void> {
    const now = at + 2 * POSTED_AFTER_MS
    // The clock goes on while others are compared: each page is of one and the same minute.
    await this.#client.showTime(now)
    const began = performance.now()
    const headers = { cookie, 'sec-fetch-site': 'none' }
    const { status, text } = await this.#client.send(zone, {
      method: 'GET',
      path: `/__faregate/operator?range=${range}`,
      headers,
    })
    if (status !== 200) throw new Error(`the dashboard was not shown: ${status}`)
    this.#page.slowestMs = Math.max(this.#page.slowestMs, performance.now() - began)
    this.#page.largestBytes = Math.max(this.#page.largestBytes, Buffer.byteLength(text))
    const said = await jq({ program: 'dashboard', strings: { zone, range }, numbers: { now }, ...where })
    const words = `${new Date(at).toISOString()} ${zone} ${range}`
    comparePage(words, readDashboard(text), JSON.parse(said) as Expected, this.#findings)
  }

  /** Writes the log up to a line, and what billing was told, as jq reads it. */
  async #keep(upTo: number): Promise<void> {
    const chunk = join(this.#folder, 'chunk')
    await writeFile(chunk, this.#stack.lines.slice(this.#kept.lines, upTo).join('\n'))
    await appendFile(join(this.#folder, 'rows'), await jq({ program: 'rows', files: [chunk] }))
    this.#kept.lines = upTo
    await this.#keepEvents()
  }

  async #keepEvents(): Promise<void> {
    const more = this.#stack.events.slice(this.#kept.events)
    this.#kept.events += more.length
    await appendFile(join(this.#folder, 'events'), more.map((event) => `${event}\n`).join(''))
  }

  #closings(): Promise<string> {
    return jq({ program: 'closings', files: [join(this.#folder, 'events')] })
  }

  /** Reads the ledgers until billing hears nothing meanwhile: a report that comes late changes both, one after the other. */
  async #held(load: Load): Promise<AccountsHeld> {
    for (;;) {
      const before = this.#stack.events.length
      const held = await this.#client.settled(load)
      if (this.#stack.events.length === before) return held
    }
  }

  /** Accounts have ledgers that hold their sums for a year; those of payments are forgotten earlier, but their money has moved. */
  async #compareHeld(load: Load): Promise<void> {
    const { money, unsettled } = await this.#held(load)
    await this.#keepEvents()
    const closings = await this.#closings()
    const told: Record<string, number> = {}
    let [toldUnsettled, paid] = [0, 0]
    for (const line of closings.split('\n').filter((text) => text !== '')) {
      const closing = JSON.parse(line) as Closing
      if (closing.rail === 'x402') paid += closing.nanos
      if (closing.rail !== 'account') continue
      toldUnsettled += closing.pending
      if (closing.currency !== null) told[closing.currency] = (told[closing.currency] ?? 0) + closing.nanos
    }
    this.#findings.expect('what billing was told of accounts, beside what their ledgers hold', told, money)
    this.#findings.expect('unsettled charges of accounts that billing was told of', toldUnsettled, unsettled)
    this.#findings.expect(
      'what billing was told of payments, beside what has moved',
      paid,
      Number(this.#stack.moved()) * NANOS_PER_UNIT,
    )
  }
}

interface Closing {
  readonly rail: string
  readonly currency: string | null
  readonly nanos: number
  /** 1 where nobody has reported, -1 where somebody has after all. */
  readonly pending: number
}

const NANOS_PER_UNIT = 1000

const LAST: Asked = { method: 'GET', path: '/free/last', headers: {} }
const PAUSE_MS = 500

async function until(is: () => boolean): Promise<void> {
  while (!is()) await sleep(PAUSE_MS)
}
