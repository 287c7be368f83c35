import { parseArgs } from 'node:util'
import { markdown } from './report.ts'
import { bundleAll, cpuMicros, type Server, startWorker } from './server.ts'
import { median } from './statistics.ts'
import { createIssuer, type Issuer } from './tokens.ts'
import { AUDIENCE, ISSUER } from './workers/claims.ts'

const HELP = `Measures how long the pages of the dashboard take, and how large they are, after ninety busy days.

  npm run -s bench:pages                 ten routes: each hour, each object has 90 kinds of requests
  npm run -s bench:pages -- --routes 30  270 kinds
  npm run -s bench:pages -- --rounds 21  more pages

The gate and its eight objects run in one process of plain workerd; deployed, the objects are read side by side.`

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAYS = 90
const RANGES = ['1h', '24h', '7d', '90d'] as const

const { values } = parseArgs({
  options: {
    routes: { type: 'string', default: '10' },
    rounds: { type: 'string', default: '11' },
    help: { type: 'boolean' },
  },
})
if (values.help === true) console.log(HELP)
else await measure(Number(values.routes), Number(values.rounds))

async function measure(routes: number, rounds: number): Promise<void> {
  const issuer = createIssuer('ES256')
  const gate = await startWorker('filled', await bundleAll(['filled', 'site']), [issuer.publicJwk])
  try {
    await fill(gate, routes)
    const cookie = await signIn(gate, issuer)
    const found = new Map(RANGES.map((range) => [range, { ms: [] as number[], cpu: [] as number[], bytes: 0 }]))
    for (let round = -2; round < rounds; round++)
      for (const [range, all] of found) {
        const page = await pageOf(gate, range, cookie)
        all.bytes = page.bytes
        if (round < 0) continue
        all.ms.push(page.ms)
        all.cpu.push(page.cpuMs)
      }
    const rows = Array.from(found, ([range, { ms, cpu, bytes }]) => [
      range,
      median(ms).toFixed(0),
      Math.max(...ms).toFixed(0),
      median(cpu).toFixed(0),
      (bytes / 1000).toFixed(1),
    ])
    console.log(markdown([['', 'ms', 'at most', 'CPU ms', 'kB'], ...rows]))
    console.log(`\nroutes ${routes} · rounds ${rounds} · node ${process.versions.node}`)
  } finally {
    await gate.stop()
  }
}

/** Fills an hour at a time, and the last day by five minutes, in order: as they would have come. */
async function fill({ url }: Server, routes: number): Promise<void> {
  const now = Math.floor(Date.now() / MINUTE) * MINUTE
  const hour = Math.floor(now / HOUR) * HOUR
  const begin = hour - DAYS * 24 * HOUR
  const minutes: number[] = []
  for (let at = begin; at < hour - 24 * HOUR; at += HOUR) minutes.push(at)
  for (let at = hour - 24 * HOUR; at < now; at += 5 * MINUTE) minutes.push(at)
  for (let from = 0; from < minutes.length; from += 24) {
    const body = JSON.stringify({ routes, minutes: minutes.slice(from, from + 24) })
    const filled = await fetch(`${url}/fill`, { method: 'POST', body })
    if ((await filled.text()) !== 'true') throw new Error('the sums were not taken')
  }
}

async function signIn({ url }: Server, { issue }: Issuer): Promise<string> {
  const iat = Math.floor(Date.now() / 1000)
  const claims = { iss: ISSUER, aud: AUDIENCE, sub: 'ops', jti: 'one', scope: 'view', iat, exp: iat + 300 }
  const token = await issue(claims, 'operator+jwt')
  const signedIn = await fetch(`${url}/__faregate/operator`, {
    method: 'POST',
    redirect: 'manual',
    headers: { 'sec-fetch-site': 'same-origin', origin: url },
    body: new URLSearchParams({ token }),
  })
  const [cookie] = (signedIn.headers.get('set-cookie') ?? '').split(';')
  if (cookie === undefined || cookie === '') throw new Error(`signed in with ${signedIn.status}`)
  return cookie
}

async function pageOf({ url, pid }: Server, range: string, cookie: string) {
  const [began, before] = [performance.now(), await cpuMicros(pid)]
  const answer = await fetch(`${url}/__faregate/operator?range=${range}`, {
    headers: { cookie, 'sec-fetch-site': 'none' },
  })
  const { byteLength: bytes } = await answer.arrayBuffer()
  if (answer.status !== 200) throw new Error(`${range}: ${answer.status}`)
  const ms = performance.now() - began
  return { ms, bytes, cpuMs: ((await cpuMicros(pid)) ?? Number.NaN) / 1000 - (before ?? Number.NaN) / 1000 }
}
