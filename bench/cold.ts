import { readFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import { gzipSync } from 'node:zlib'
import { bundlePeers, peerRows } from './peers.ts'
import { markdown } from './report.ts'
import type { Row } from './rows.ts'
import { bundleAll, cpuMicros, type Modules, type PublicJwk, residentMegabytes, startWorker } from './server.ts'
import { median, spread } from './statistics.ts'
import { createIssuer } from './tokens.ts'

const HELP = `Measures a cold start: from the start of workerd to the end of the first answer, in a new process each time.

  npm run -s cold                      eleven rounds, about a minute
  npm run -s cold -- --rounds 31       more
  npm run -s cold -- --peers <folder>  paywalls of others too: docs/benchmark.md says how to get them
  npm run -s cold -- --json            JSON and nothing else

CPU time is that of the whole process, counted in steps of 10 ms. A bare Worker shows what of all this is workerd's own.`

type Start = Pick<Row, 'name' | 'worker'> & { readonly status: number }

const OURS: readonly Start[] = [
  { name: 'fetch handler, bare', worker: 'bare', status: 200 },
  { name: 'Hono, bare route', worker: 'hono', status: 200 },
  { name: 'Hono + jose.jwtVerify: 402', worker: 'hono-jose', status: 402 },
  { name: 'deployed: 402', worker: 'deployed', status: 402 },
  { name: 'deployed with ledgers: 402', worker: 'metered', status: 402 },
]

/** What one start took. NaN where the system does not tell. */
type Started = { readonly ms: number; readonly cpuMs: number; readonly megabytes: number }

async function startOnce(
  { name, worker, status }: Start,
  modules: Modules,
  keys: readonly PublicJwk[],
): Promise<Started> {
  const server = await startWorker(worker, modules, keys)
  try {
    const response = await fetch(`${server.url}/articles/one`)
    await response.arrayBuffer()
    const ms = performance.now() - server.spawnedAt
    if (response.status !== status) throw new Error(`${name}: expected ${status} and got ${response.status}`)
    const [micros = Number.NaN, megabytes = Number.NaN] = [
      await cpuMicros(server.pid),
      await residentMegabytes(server.pid),
    ]
    return { ms, cpuMs: micros / 1000, megabytes }
  } finally {
    await server.stop()
  }
}

type Summary = {
  readonly name: string
  readonly ms: number
  readonly msSpread: readonly [number, number]
  readonly cpuMs: number
  readonly megabytes: number
  readonly gzipKilobytes: number
}

async function summarise(start: Start, all: readonly Started[], modules: Modules): Promise<Summary> {
  const times = all.map(({ ms }) => ms)
  return {
    name: start.name,
    ms: median(times),
    msSpread: spread(times),
    cpuMs: median(all.map(({ cpuMs }) => cpuMs)),
    megabytes: median(all.map(({ megabytes }) => megabytes)),
    gzipKilobytes: gzipSync(await readFile(modules.get(start.worker) ?? '')).length / 1000,
  }
}

const HEAD = ['', 'ms to the first answer', 'min–max', 'CPU ms', 'RSS MB', 'bundle kB gzip']

function table(summaries: readonly Summary[]): string {
  const rows = summaries.map(({ name, ms, msSpread: [least, greatest], cpuMs, megabytes, gzipKilobytes }) => [
    name,
    ms.toFixed(0),
    `${least.toFixed(0)}–${greatest.toFixed(0)}`,
    cpuMs.toFixed(0),
    megabytes.toFixed(1),
    gzipKilobytes.toFixed(1),
  ])
  return markdown([HEAD, ...rows])
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      rounds: { type: 'string', default: '11' },
      peers: { type: 'string' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  })
  if (values.help) return console.log(HELP)
  const peers = await peerRows(values.peers)
  const starts = [...OURS, ...peers.map(({ name, worker }): Start => ({ name, worker, status: 402 }))]
  const workers = new Set(peers.map(({ worker }) => worker))
  const ours = await bundleAll([...OURS.map(({ worker }) => worker), 'site'])
  const modules = new Map([...ours, ...(await bundlePeers(values.peers, workers))])
  const keys = [createIssuer('ES256').publicJwk]
  const all = new Map(starts.map((start): [Start, Started[]] => [start, []]))
  // In turns, so that what else the machine does falls on all alike; the first round warms the disk.
  for (let round = 0; round <= Number(values.rounds); round++) {
    for (const [start, started] of all) {
      const once = await startOnce(start, modules, keys)
      if (round > 0) started.push(once)
    }
  }
  const summaries = await Promise.all([...all].map(([start, started]) => summarise(start, started, modules)))
  console.log(values.json ? JSON.stringify(summaries, null, 2) : table(summaries))
}

await main()
