import { parseArgs } from 'node:util'
import { setTimeout as sleep } from 'node:timers/promises'
import { SignJWT } from 'jose'
import { request } from 'undici'
import { bundle } from '../tools/bundle.ts'
import { startWorkerd } from '../tools/workerd.ts'
import { type Behaviour, behaviours, flapping, startUnruly, type Unruly } from './unruly.ts'

const usage = `Runs the gate before three origin servers, takes them down in turn, and counts what paying readers notice.

Usage: npm run -s outage -- [options]

  --seconds <n>   how long, in all (default: 20)
  --rate <n>      requests a second (default: 100)
  --help          this text
`

const secret = 'a secret of the outage script, and of nobody else'

const KEPT_PAGES = 20

/** What each server does in a phase; one of them serves at all times but in the last. */
type Phase = {
  readonly name: string
  readonly servers: readonly (Behaviour | 'refuses')[]
  /** Asks for a few pages that may be stored for a second, and not for new ones that may not. */
  readonly asksForKept?: boolean
}

const { serves, hangs, sorry } = behaviours
const phases: readonly Phase[] = [
  { name: 'all serve', servers: [serves, serves, serves] },
  { name: 'the first hangs', servers: [hangs, serves, serves] },
  { name: 'the second refuses connections', servers: [serves, 'refuses', serves] },
  { name: 'the third flaps: page, 503, reset', servers: [serves, serves, flapping()] },
  { name: 'one hangs, one refuses, one serves', servers: [hangs, 'refuses', serves] },
  { name: 'one flaps, one serves, one hangs', servers: [flapping(), serves, hangs] },
  { name: 'one refuses, one flaps, one serves', servers: ['refuses', flapping(), serves] },
  { name: 'all serve again', servers: [serves, serves, serves] },
  { name: 'all serve pages that are stored', servers: [serves, serves, serves], asksForKept: true },
  { name: 'none serves; stale copies do', servers: [hangs, 'refuses', sorry], asksForKept: true },
]

type Figures = {
  phase: string
  requests: number
  errors: number
  /** What the servers got beyond the requests, where copies do not answer. Refused connections are not among them. */
  retries: number | undefined
  slowestMs: number
}

type Load = { readonly url: string; readonly token: string; readonly rate: number }

/** One phase: requests leave at a steady rate, whether or not earlier ones have been answered. */
async function runPhase(phase: Phase, servers: readonly Unruly[], ms: number, load: Load): Promise<Figures> {
  await Promise.all(servers.map((server, index) => server.behave(phase.servers[index] ?? serves)))
  const askedBefore = countAsked(servers)
  const figures: Figures = { phase: phase.name, requests: 0, errors: 0, retries: 0, slowestMs: 0 }
  const began = performance.now()
  const answers: Promise<void>[] = []
  while (performance.now() - began < ms) {
    const due = Math.ceil(((performance.now() - began) * load.rate) / 1000)
    while (figures.requests < due) answers.push(ask(load, figures, phase.asksForKept ?? false))
    await sleep(1000 / load.rate)
  }
  // All are answered before the next phase begins, so that each failure is counted where it belongs.
  await Promise.all(answers)
  if (phase.asksForKept !== true) figures.retries = countAsked(servers) - askedBefore - figures.requests
  return figures
}

async function ask({ url, token }: Load, figures: Figures, isKept: boolean): Promise<void> {
  const number = figures.requests++
  const page = isKept ? `kept-${number % KEPT_PAGES}` : number
  const began = performance.now()
  try {
    const headers = { authorization: `Bearer ${token}` }
    const { statusCode, body } = await request(`${url}/articles/${page}`, { headers })
    if ((await body.text()) !== 'the page' || statusCode !== 200) figures.errors++
  } catch {
    figures.errors++
  }
  figures.slowestMs = Math.max(figures.slowestMs, Math.round(performance.now() - began))
}

function countAsked(servers: readonly Unruly[]): number {
  return servers.reduce((sum, { asked }) => sum + asked.length, 0)
}

function signToken(): Promise<string> {
  return new SignJWT({ entitlements: ['premium'] })
    .setProtectedHeader({ alg: 'HS256', typ: 'entitlement+jwt' })
    .setIssuer('https://billing.example')
    .setAudience('https://outage.example')
    .setSubject('account-demo')
    .setIssuedAt()
    .setExpirationTime('1h')
    .sign(new TextEncoder().encode(secret))
}

function printRow({
  phase,
  requests,
  errors,
  retries,
  slowestMs,
}: Record<keyof Figures, string | number | undefined>): void {
  const cells = [requests, errors, retries, slowestMs].map((cell) => String(cell ?? '–').padStart(10))
  console.log(`${String(phase).padEnd(36)}${cells.join('')}`)
}

/** Runs all phases, prints a line for each, and tells how many requests failed. */
async function outage(seconds: number, rate: number): Promise<number> {
  const servers = await Promise.all([startUnruly(), startUnruly(), startUnruly()])
  const gate = await startWorkerd({
    module: await bundle({ entry: 'demo/outage-worker.ts', outdir: '.faregate/outage' }),
    vars: { ORIGIN_URLS: servers.map(({ url }) => url).join(' '), TOKEN_SECRET: secret },
    dropsOutput: true,
  })
  try {
    const load = { url: gate.url, token: await signToken(), rate }
    printRow({ phase: 'phase', requests: 'requests', errors: 'errors', retries: 'retries', slowestMs: 'slowest ms' })
    const all: Figures = { phase: 'in all', requests: 0, errors: 0, retries: 0, slowestMs: 0 }
    for (const phase of phases) {
      const figures = await runPhase(phase, servers, (seconds * 1000) / phases.length, load)
      printRow(figures)
      all.requests += figures.requests
      all.errors += figures.errors
      all.retries = (all.retries ?? 0) + (figures.retries ?? 0)
      all.slowestMs = Math.max(all.slowestMs, figures.slowestMs)
    }
    printRow(all)
    return all.errors
  } finally {
    await gate.stop()
    await Promise.all(servers.map((server) => server.close()))
  }
}

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '20' },
    rate: { type: 'string', default: '100' },
    help: { type: 'boolean', default: false },
  },
})
if (values.help) console.log(usage.trimEnd())
else process.exitCode = (await outage(Number(values.seconds), Number(values.rate))) === 0 ? 0 : 1
