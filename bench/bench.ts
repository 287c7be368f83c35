import { createRequire } from 'node:module'
import { arch, cpus, platform } from 'node:os'
import { parseArgs } from 'node:util'
import { type Aim, CONNECTIONS, pace, saturate, verify } from './load.ts'
import { asJson, asTable, type Environment, type Measured, summarise } from './report.ts'
import { type Row, rows, type Supply, yardstick } from './rows.ts'
import { haproxyVersion } from './haproxy.ts'
import { pairsOf } from './pairs.ts'
import { bundlePaid, paidRows, pricedRows, signPayments, startPaying } from './paid.ts'
import { bundlePeers, peerRows } from './peers.ts'
import {
  bundleAll,
  cpuMicros,
  type Modules,
  pinLoad,
  type PublicJwk,
  residentMegabytes as megabytesOf,
  startServer,
} from './server.ts'
import { createIssuer, issueMany } from './tokens.ts'
import { PAGE } from './workers/pages.ts'

const HELP = `Measures what the gate costs, next to the same runtime without it.

  npm run bench                        five rounds, some forty minutes
  npm run -s bench -- --quick          one short round, some five minutes
  npm run -s bench -- --rounds 3       so many rounds
  npm run -s bench -- --rows 'gate:'   rows whose name holds this text, and the yardstick
  npm run -s bench -- --peers <folder> paywalls of others too: docs/benchmark.md says how to get them
  npm run -s bench -- --json           JSON and nothing else

Each row is a Worker as it is deployed, alone in a workerd process on a core of its own: warmed up, given as many requests
as it takes, then requests at a fixed rate for the latencies. Rounds go over all rows; a figure is the median of the rounds.`

type Plan = {
  readonly rounds: number
  readonly warmSeconds: number
  readonly fullSeconds: number
  readonly pacedSeconds: number
}

const FULL: Plan = { rounds: 5, warmSeconds: 1, fullSeconds: 3, pacedSeconds: 2 }
const QUICK: Plan = { rounds: 1, warmSeconds: 0.6, fullSeconds: 1, pacedSeconds: 0.5 }

/** Below what the slowest row takes on a slow machine. */
const PACED_PER_SECOND = 1000
/** More fresh tokens than a core can verify in a second. */
const TOKENS_PER_SECOND = 20_000
/** The same for requests that pay. */
const PAYMENTS_PER_SECOND = 3000
/** Each payment is a ledger of its own, whose file is made on the disk: so few at once, so slowly, and for so many times as long. */
const PAID = { connections: 4, perSecond: 5, longer: 4 }

type Bench = {
  readonly modules: Modules
  readonly supply: Supply
  readonly keys: readonly PublicJwk[]
  readonly plan: Plan
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      json: { type: 'boolean', default: false },
      quick: { type: 'boolean', default: false },
      rounds: { type: 'string', default: '' },
      rows: { type: 'string', default: '' },
      peers: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  })
  if (values.help) return console.log(HELP)
  const haproxy = await haproxyVersion()
  const chosen = [...rows, ...pricedRows, ...(await paidRows()), ...(await peerRows(values.peers))].filter(
    (row) =>
      row === yardstick || (row.name.includes(values.rows) && (row.worker !== 'haproxy' || haproxy !== undefined)),
  )
  const plan = values.quick ? QUICK : FULL
  const rounds = Number(values.rounds) || plan.rounds
  const bench = await prepare(chosen, { ...plan, rounds }, values.peers)
  const pinned = await pinLoad()
  const measured = await measureAll(chosen, bench)
  const summaries = chosen.map(({ name }) => summarise(name, measured.get(name) ?? []))
  const environment = describe(bench.plan, pinned, haproxy)
  const pairs = pairsOf(chosen, measured)
  console.log(values.json ? asJson(summaries, pairs, environment) : asTable(summaries, pairs, environment))
}

/** All that would disturb the measurements, done before them. */
async function prepare(chosen: readonly Row[], plan: Plan, peers: string | undefined): Promise<Bench> {
  progress('bundling')
  const workers = new Set(chosen.map(({ worker }) => worker))
  const theirs = new Map([...(await bundlePeers(peers, workers)), ...(await bundlePaid(workers))])
  const ours = [...workers].filter((worker) => worker !== 'haproxy' && !theirs.has(worker))
  const modules = new Map([...(await bundleAll([...ours, 'site'])), ...theirs])
  progress('signing tokens')
  const [es256, ed25519] = [createIssuer('ES256'), createIssuer('EdDSA')]
  const count = Math.ceil(
    TOKENS_PER_SECOND * (plan.warmSeconds + plan.fullSeconds) + PACED_PER_SECOND * plan.pacedSeconds,
  )
  return {
    modules,
    supply: {
      es256: await issueMany(es256, Math.max(count, ...chosen.map(({ supply = 0 }) => supply))),
      ed25519: await issueMany(ed25519, count),
      payments: chosen.some(({ isPaid }) => isPaid) ? await signPayments(paymentsIn(plan)) : [],
    },
    keys: [es256.publicJwk, ed25519.publicJwk],
    plan,
  }
}

function paymentsIn(plan: Plan): number {
  const { warmSeconds, fullSeconds, pacedSeconds } = planFor({ isPaid: true }, plan)
  return Math.ceil(PAYMENTS_PER_SECOND * (warmSeconds + fullSeconds) + PAID.perSecond * pacedSeconds)
}

interface RowPlan extends Omit<Plan, 'rounds'> {
  readonly connections: number
  readonly perSecond: number
}

function planFor({ isPaid, warmSeconds = 0 }: Pick<Row, 'isPaid' | 'warmSeconds'>, plan: Plan): RowPlan {
  const longer = isPaid ? PAID.longer : 1
  return {
    warmSeconds: Math.max(plan.warmSeconds * longer, warmSeconds),
    fullSeconds: plan.fullSeconds * longer,
    pacedSeconds: plan.pacedSeconds * longer,
    connections: isPaid ? PAID.connections : CONNECTIONS,
    perSecond: isPaid ? PAID.perSecond : PACED_PER_SECOND,
  }
}

/** A B C A B C and not A A B B C C: what else the machine does falls on all rows alike. */
async function measureAll(chosen: readonly Row[], bench: Bench): Promise<ReadonlyMap<string, readonly Measured[]>> {
  const measured = new Map<string, Measured[]>(chosen.map(({ name }) => [name, []]))
  for (let round = 1; round <= bench.plan.rounds; round++) {
    const results = new Map<string, Omit<Measured, 'ratioToHono'>>()
    for (const row of chosen) {
      progress(`round ${round} of ${bench.plan.rounds}: ${row.name}`)
      results.set(row.name, await measure(row, bench))
    }
    const yard = results.get(yardstick.name)?.cpuMicros
    for (const [name, result] of results) {
      const { cpuMicros: own } = result
      const ratioToHono = own === undefined || yard === undefined ? undefined : own / yard
      measured.get(name)?.push({ ...result, ratioToHono })
    }
  }
  return measured
}

/** A new process for each row and round, so that no token is remembered from the round before. */
async function measure(row: Row, { modules, supply, keys, plan }: Bench): Promise<Omit<Measured, 'ratioToHono'>> {
  const paying = await startPaying(row)
  const server = await startServer(row.worker, modules, keys, paying.vars)
  try {
    const { path, expected } = row
    const { warmSeconds, fullSeconds, pacedSeconds, connections, perSecond } = planFor(row, plan)
    const aim: Aim = { url: server.url, path, expected, tokens: row.tokens(supply) }
    await verify(aim)
    await saturate(aim, warmSeconds, connections)
    const before = await cpuMicros(server.pid)
    const { requests, seconds } = await saturate(aim, fullSeconds, connections)
    const after = await cpuMicros(server.pid)
    const residentMegabytes = await megabytesOf(server.pid)
    const latency = await pace(aim, perSecond, pacedSeconds)
    paying.check(requests + Math.floor(perSecond * pacedSeconds))
    return {
      rps: requests / seconds,
      cpuMicros: before === undefined || after === undefined ? undefined : (after - before) / requests,
      residentMegabytes,
      ...latency,
    }
  } catch (error) {
    throw new Error(`${row.name}: ${error instanceof Error ? error.message : 'failed'}`, { cause: error })
  } finally {
    await server.stop()
    await paying.stop()
  }
}

function describe(plan: Plan, pinned: boolean, haproxy: string | undefined): Environment {
  return {
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: cpus().length,
    system: `${platform()} ${arch()}`,
    pinned,
    workerd: versionOf('workerd'),
    node: process.versions.node,
    haproxy: haproxy ?? 'not installed: its rows are left out',
    load: `autocannon ${versionOf('autocannon')}`,
    connections: CONNECTIONS,
    pacedRequestsPerSecond: PACED_PER_SECOND,
    paidConnections: PAID.connections,
    pacedPaidRequestsPerSecond: PAID.perSecond,
    bodyBytes: PAGE.length,
    rounds: plan.rounds,
    secondsPerRound: plan.fullSeconds,
  }
}

function versionOf(name: string): string {
  const { version } = createRequire(import.meta.url)(`${name}/package.json`) as { version: string }
  return version
}

/** To the terminal alone: standard output is for the result. */
function progress(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${text}`)
}

try {
  await main()
} finally {
  progress('')
}
