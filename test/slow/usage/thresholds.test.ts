import { mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { type UsageRecord, verifyUsage } from '../../../src/billing/index.ts'
import { serve } from '../../../tools/payments/stack/serve.ts'
import { startWorkerd, type Workerd } from '../../../tools/workerd.ts'
import { secretKey, sign } from '../../support/issuer.ts'
import { bundleOf, ROOT } from '../bundles.ts'
import { startForFile } from '../startforfile.ts'

const SECRET = '0123456789abcdef0123456789abcdef'

/** Every record in every post, those included that billing did not live to answer. */
const posted: UsageRecord[] = []
const distinct = (): UsageRecord[] => [...new Map(posted.map((record) => [record.id, record])).values()]
const shares = () =>
  distinct().flatMap(({ limit }) =>
    limit === undefined ? [] : [`${String(limit['name'])} ${String(limit['threshold'])}`],
  )

let whenPosted: ((records: readonly UsageRecord[]) => 'answer' | 'kill') | undefined
const billing = await startForFile(
  serve(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const headers = { 'faregate-signature': String(request.headers['faregate-signature']) }
    const init = { method: 'POST', headers, body: Buffer.concat(chunks) }
    const read = await verifyUsage(new Request('https://billing.test/', init), SECRET)
    if (!read.ok) return void response.writeHead(401).end()
    posted.push(...read.value)
    if (whenPosted?.(read.value) === 'kill') process.kill(gate.pid, 'SIGKILL')
    else response.writeHead(204).end()
  }),
)
const origin = await startForFile(
  serve((request, response) => {
    const rows = new URL(request.url ?? '/', 'http://origin.test').searchParams.get('rows')
    response.writeHead(200, rows === null ? {} : { 'faregate-usage': `rows=${rows}` }).end('text')
  }),
)
const storage = await mkdtemp(join(ROOT, '.faregate/thresholds-'))
const start = (): Promise<Workerd> =>
  startWorkerd({
    module: bundleOf(import.meta.dirname),
    objects: { LEDGER: 'Ledger' },
    storage,
    vars: { ORIGIN_URL: origin.url, BILLING_URL: billing.url, USAGE_SECRET: SECRET, TOKEN_SECRET: SECRET },
  })
let gate = await start()
afterAll(async () => {
  await gate.stop()
  await rm(storage, { recursive: true, force: true })
})

async function ask(path: string): Promise<number> {
  const now = Math.floor(Date.now() / 1000)
  const claims = { iss: 'https://billing.test', aud: 'https://news.test', sub: 'ann', entitlements: ['api'] }
  const token = await sign(
    await secretKey(SECRET),
    { ...claims, iat: now - 60, exp: now + 600 },
    { typ: 'entitlement+jwt' },
  )
  const response = await fetch(gate.url + path, { headers: { authorization: `Bearer ${token}` } })
  await response.arrayBuffer()
  return response.status
}

it('billing hears of each used share once, though the gate is killed before it tells and while it tells', async () => {
  for (let count = 0; count < 12; count++) expect(await ask('/api/1')).toBe(200)
  expect(posted).toEqual([])
  process.kill(gate.pid, 'SIGKILL')
  await gate.exited

  gate = await start()
  whenPosted = (records) => (records.some(({ kind }) => kind === 'threshold') ? 'kill' : 'answer')
  expect(await ask('/api/1')).toBe(200)
  await gate.exited
  expect(shares()).toEqual(['requests 50'])

  whenPosted = undefined
  gate = await start()
  // Half of the rows is reserved, and not used: 10 of 50, then 45 of 50.
  expect(await ask('/query/1?rows=10')).toBe(200)
  expect(await ask('/query/1?rows=45')).toBe(200)
  // These two count as requests as well.
  for (let count = 15; count < 20; count++) expect(await ask('/api/1')).toBe(200)
  expect(await ask('/api/1')).toBe(402)
  await expect
    .poll(() => shares().toSorted(), { timeout: 40_000 })
    .toEqual(['requests 100', 'requests 50', 'requests 75', 'requests 90', 'rows 50'])
  const told = distinct().filter(({ kind }) => kind === 'threshold')
  const first = posted.filter(({ id }) => id === told[0]?.id)
  expect(first.length).toBeGreaterThan(1)
  expect(told.map(({ subject, source, paidBy, change }) => [subject, source, paidBy, change.counts])).toEqual(
    told.map(() => ['ann', 'faregate/news', 'account', {}]),
  )
  expect(told.find(({ limit }) => limit?.['name'] === 'rows')?.limit).toMatchObject({ used: '55', quota: '100' })
  // Each after the charge that reached it.
  for (const { id, charge } of told) {
    const ids = distinct().map((record) => record.id)
    expect(ids.indexOf(`${charge}/charge`)).toBeLessThan(ids.indexOf(id))
  }
  const used = distinct().reduce((sum, { change }) => sum + BigInt(change.counts['requests'] ?? 0), 0n)
  expect(used).toBe(20n)
}, 120_000)
