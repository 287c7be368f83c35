import { parseArgs } from 'node:util'
import { markdown } from './report.ts'
import { readdir, readFile } from 'node:fs/promises'
import { bundleAll, pinLoad, startServer, type Server } from './server.ts'
import { median, percentile } from './statistics.ts'
import { createIssuer } from './tokens.ts'

const HELP = `Measures what it costs a request to be added up, watched and acted upon, and to look for levers.

  npm run -s bench:steps                  fifty rounds of five starts, some three minutes
  npm run -s bench:steps -- --rounds 100  more

The Worker that is deployed, under plain workerd, asked in a loop in its own process: CPU of the process without a socket.
One Worker to a process, in turns; ratios are to the Worker without any of it in the same round.`

/** Short, so that two that are compared have the machine at one speed. */
const BLOCK = 1000
/** Two processes of one Worker differ, as their memory lies. */
const STARTS = 5
const WARMING = 10
const STEPS = ['nothing', 'levers', 'sums', 'watch', 'act'] as const

interface Case {
  readonly name: string
  readonly path: string
  readonly token?: string
  readonly status: number
}

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '50' }, help: { type: 'boolean' } } })
if (values.help === true) console.log(HELP)
else await measure(Number(values.rounds))

async function measure(rounds: number): Promise<void> {
  const issuer = createIssuer('ES256')
  const token = await issuer.issue()
  const cases: readonly Case[] = [
    { name: 'no token, 402', path: '/articles/470', status: 402 },
    { name: 'paid, from memory', path: '/articles/470', token, status: 200 },
  ]
  const modules = await bundleAll(['steps', 'site'])
  await pinLoad()
  const all = cases.map((one) => ({ one, blocks: new Map(STEPS.map((step) => [step, [] as number[]])) }))
  for (let start = 0; start < STARTS; start++) {
    const servers = new Map<Step, Server>()
    try {
      for (const step of STEPS)
        servers.set(step, await startServer('steps', modules, [issuer.publicJwk], { STEP: step }))
      for (const { one, blocks } of all) await runRounds(servers, one, rounds, blocks)
    } finally {
      await Promise.all([...servers.values()].map(({ stop }) => stop()))
    }
  }
  for (const { one, blocks } of all) console.log(`${table(one, blocks)}\n`)
  console.log(`starts ${STARTS} · rounds ${rounds} · requests in a block ${BLOCK} · node ${process.versions.node}`)
}

type Step = (typeof STEPS)[number]
type Blocks = ReadonlyMap<Step, number[]>

async function runRounds(servers: ReadonlyMap<Step, Server>, one: Case, rounds: number, blocks: Blocks): Promise<void> {
  for (let round = -WARMING; round < rounds; round++) {
    // There and back, so that what changes meanwhile falls on all alike.
    const inTurn = round % 2 === 0 ? [...servers] : [...servers].reverse()
    for (const [step, server] of inTurn) {
      const micros = await blockOf(server, one)
      if (round >= 0) blocks.get(step)?.push(micros)
    }
  }
}

/** CPU of one request, in microseconds. */
async function blockOf({ url, pid }: Server, { path, token, status }: Case): Promise<number> {
  const before = await threadMicros(pid)
  const headers = {
    'x-times': String(BLOCK),
    'cf-connecting-ip': '198.51.100.7',
    'user-agent': 'bench',
    ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
  }
  const answer = await (await fetch(`${url}${path}`, { headers })).text()
  if (answer !== String(status)) throw new Error(`${path}: expected ${status} and got ${answer}`)
  return ((await threadMicros(pid)) - before) / BLOCK
}

/** CPU time of the threads that a process has, in microseconds, as the scheduler counts it: in nanoseconds, not in ticks. */
async function threadMicros(pid: number): Promise<number> {
  const folder = `/proc/${pid}/task`
  const threads = await readdir(folder).catch(() => [])
  const times = threads.map(async (thread) => {
    const [nanos] = (await readFile(`${folder}/${thread}/schedstat`, 'utf8').catch(() => '')).split(' ')
    return Number(nanos)
  })
  return threads.length === 0 ? Number.NaN : (await Promise.all(times)).reduce((sum, nanos) => sum + nanos, 0) / 1000
}

function table({ name }: Case, blocks: Blocks): string {
  const bare = blocks.get('nothing') ?? []
  const rows = [...blocks].map(([step, found]) => {
    const more = found.map((micros, round) => micros - (bare[round] ?? Number.NaN))
    const [least, greatest] = [percentile(more, 25), percentile(more, 75)]
    return [step, median(found).toFixed(2), median(more).toFixed(2), `${least.toFixed(2)}–${greatest.toFixed(2)}`]
  })
  return markdown([[name, 'CPU µs', 'more, µs', 'middle half'], ...rows])
}
