import { once } from 'node:events'
import { Agent, createServer, get, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { startWorkerd, type Workerd } from '../tools/workerd.ts'
import { measureFirstByte, measureManyStreams } from './firstbyte.ts'
import { bundleAll, cpuMicros, residentMegabytes } from './server.ts'
import { median, spread } from './statistics.ts'

const HELP = `Measures what an event of a stream costs on its way through a Worker.

  npm run streams                           nine rounds, about three minutes
  npm run -s streams -- --rounds 3
  npm run -s streams -- --rows first-byte   one part alone: events, memory, first-byte or many

CPU time of the Worker's process for each event; each event is a segment of its own on the wire. The ways take turns, and the ratios
are of one round. \`native\`: the runtime's own streams and nothing else. \`tapped\`: metered, nothing dropped. \`copied\`: a pump in
JavaScript. \`filtered\`: metered, the event with the usage dropped. Then many streams at once, and the memory of the process.
\`first-byte\`: what the whole gate adds to the first byte of a stream that is charged to prepaid credit, against the same call to the
provider. \`many\`: many streams at once through the whole gate.`

const WAYS = ['native', 'tapped', 'copied', 'filtered'] as const
const STREAMS = 24
const EVENTS = 300
const EVERY_MS = 2
const MANY_STREAMS = 1000

const EVENT = Buffer.from(
  `data: ${JSON.stringify({
    id: 'chatcmpl-abcdefghijklmnop',
    object: 'chat.completion.chunk',
    created: 1_795_000_000,
    model: 'gpt-5.6-2026-07-01',
    service_tier: 'default',
    choices: [{ index: 0, delta: { content: ' token' }, logprobs: null, finish_reason: null }],
    usage: null,
    obfuscation: 'x8Fh2kQ',
  })}\n\n`,
)

/** A provider whose streams send an event at even intervals. */
async function startProvider() {
  const server = createServer((request, response) => {
    const { searchParams } = new URL(request.url ?? '/', 'http://provider')
    response.socket?.setNoDelay(true)
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    stream(response, Number(searchParams.get('events')), Number(searchParams.get('ms')))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return { url: `http://127.0.0.1:${port}/`, stop: () => server.close().closeAllConnections() }
}

function stream(response: ServerResponse, events: number, everyMs: number): void {
  let sent = 0
  const timer = setInterval(() => {
    if (sent++ < events) return void response.write(EVENT)
    clearInterval(timer)
    response.end()
  }, everyMs)
  response.on('close', () => clearInterval(timer))
}

const agent = new Agent({ keepAlive: true, maxSockets: Infinity })

/** Reads one stream to its end, and checks that every event has come. */
async function readStream(url: string, events: number): Promise<void> {
  const request = get(url, { agent })
  const [answer] = (await once(request, 'response')) as [NodeJS.ReadableStream]
  let bytes = 0
  for await (const piece of answer) bytes += (piece as Buffer).byteLength
  if (bytes < events * EVENT.byteLength) throw new Error(`expected ${events} events and got ${bytes} bytes`)
}

async function readMany({ url }: Workerd, way: string, streams: number, events: number, everyMs: number) {
  const address = `${url}/${way}?events=${events}&ms=${everyMs}`
  await Promise.all(Array.from({ length: streams }, () => readStream(address, events)))
}

/** CPU time for each event, in microseconds. */
async function measureWay(worker: Workerd, way: string): Promise<number> {
  const before = await cpuMicros(worker.pid)
  await readMany(worker, way, STREAMS, EVENTS, EVERY_MS)
  const after = await cpuMicros(worker.pid)
  if (before === undefined || after === undefined) throw new Error('this system does not tell CPU time')
  return (after - before) / (STREAMS * EVENTS)
}

async function measureMemory(worker: Workerd, way: string): Promise<string> {
  const before = await residentMegabytes(worker.pid)
  const reading = readMany(worker, way, MANY_STREAMS, 60, 100)
  const held: (number | undefined)[] = []
  for (let second = 0; second < 5; second++) {
    await sleep(1000)
    held.push(await residentMegabytes(worker.pid))
  }
  await reading
  const megabytes = [before, ...held, await residentMegabytes(worker.pid)].map((value) => value?.toFixed(0) ?? '?')
  return `${MANY_STREAMS} streams at once, ${way}: ${megabytes.join(', ')} MB before, each second, and after`
}

async function measureEvents(worker: Workerd, count: number): Promise<void> {
  for (const way of WAYS) await measureWay(worker, way)
  const rounds: Record<string, number>[] = []
  for (let round = 0; round < count; round++) {
    const costs: Record<string, number> = {}
    for (const way of round % 2 === 0 ? WAYS : WAYS.toReversed()) costs[way] = await measureWay(worker, way)
    rounds.push(costs)
  }
  const of = (way: string): number[] => rounds.map((costs) => costs[way] ?? Number.NaN)
  const show = (name: string, all: readonly number[], decimals: number): void => {
    const [least, greatest] = spread(all)
    const range = `${least.toFixed(decimals)} to ${greatest.toFixed(decimals)}`
    console.log(`${name.padEnd(42)} ${median(all).toFixed(decimals).padStart(8)}   (${range})`)
  }
  for (const way of WAYS) show(`CPU µs for each event: ${way}`, of(way), 1)
  const ratios = (way: string, to: string): number[] => rounds.map((costs) => (costs[way] ?? 0) / (costs[to] ?? 0))
  show('tapped, as a multiple of native', ratios('tapped', 'native'), 2)
  show('filtered, as a multiple of copied', ratios('filtered', 'copied'), 2)
  const more = rounds.map((costs) => (costs['filtered'] ?? 0) - (costs['copied'] ?? 0))
  show('CPU µs that filtering adds to an event', more, 1)
}

/** The parts that need no gate: `events` and `memory`. */
async function measureFlows(isWanted: (part: string) => boolean, rounds: number): Promise<void> {
  const modules = await bundleAll(['streams'])
  const provider = await startProvider()
  const module = resolve(modules.get('streams') ?? join('bench', 'workers', 'streams.ts'))
  const worker = await startWorkerd({ module, vars: { PROVIDER: provider.url }, dropsOutput: true })
  try {
    if (isWanted('events')) await measureEvents(worker, rounds)
    if (isWanted('memory')) for (const way of ['tapped', 'filtered']) console.log(await measureMemory(worker, way))
  } finally {
    await worker.stop()
    provider.stop()
  }
}

const PER_SECOND = 50
const SECONDS = 20

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      rounds: { type: 'string', default: '9' },
      rows: { type: 'string', default: '' },
      help: { type: 'boolean', default: false },
    },
  })
  if (values.help) return console.log(HELP)
  const isWanted = (part: string): boolean => part.includes(values.rows)
  if (isWanted('events') || isWanted('memory')) await measureFlows(isWanted, Number(values.rounds))
  if (isWanted('first-byte')) await measureFirstByte(PER_SECOND, SECONDS)
  if (isWanted('many')) await measureManyStreams()
}

await main()
process.exit(0) // idle connections would hold it for a while
