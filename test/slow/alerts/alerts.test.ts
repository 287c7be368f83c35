import { mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { createHmac } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { serve } from '../../../tools/payments/stack/serve.ts'
import { startWorkerd, type Workerd } from '../../../tools/workerd.ts'
import { makeKey, secretKey, sign } from '../../support/issuer.ts'
import { bundleOf, ROOT } from '../bundles.ts'
import { startForFile } from '../startforfile.ts'

const SECRET = '0123456789abcdef0123456789abcdef'
const WATCHING = 'tallies ["news",0]'

interface Told {
  readonly text: string
  readonly id: string
  readonly alert: string
  readonly of: string
  readonly state: string
  readonly observed: number
}

/** What receivers got, and how they answer: by default 200. */
const got = new Map<string, Told[]>()
const signatures: boolean[] = []
const answers = new Map<string, number | 'never'>()

const receiver = await startForFile(
  serve(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const body = Buffer.concat(chunks).toString()
    const name = request.url ?? ''
    const [, seconds = '', mac = ''] = /^t=(\d+),v1=(.*)$/.exec(String(request.headers['faregate-signature'])) ?? []
    signatures.push(createHmac('sha256', SECRET).update(`${seconds}.${body}`).digest('hex') === mac)
    const answer = answers.get(name) ?? 200
    got.set(`${name} ${answer}`, [...(got.get(`${name} ${answer}`) ?? []), JSON.parse(body) as Told])
    if (answer !== 'never') response.writeHead(answer).end()
  }),
)
const billing = await startForFile(serve((_request, response) => void response.writeHead(500).end()))
const origin = await startForFile(
  serve((request, response) => void response.writeHead(request.url === '/no-keys' ? 500 : 200).end('text')),
)

const storage = mkdtempSync(join(ROOT, '.faregate/alerts-'))
afterAll(() => rmSync(storage, { recursive: true, force: true }))
let gate: Workerd
afterAll(() => gate.stop())

async function start(alerts: 'on' | 'off'): Promise<void> {
  gate = await startWorkerd({
    module: bundleOf(import.meta.dirname),
    objects: { LEDGER: 'Ledger' },
    storage,
    vars: {
      ALERTS: alerts,
      RECEIVERS: ['/chat', '/broken', '/silent'].map((path) => receiver.url + path).join(' '),
      ORIGIN_URL: origin.url,
      BILLING_URL: billing.url,
      TOKEN_SECRET: SECRET,
      ALERTS_SECRET: SECRET,
      METRICS_SECRET: SECRET,
      GATE_SECRET: `gate ${SECRET}`,
      ACCOUNT_KEY: `accounts ${SECRET}`,
    },
  })
}
beforeAll(() => start('on'))

let clock = Date.now()

async function tokenOf(account: string, more: object = {}, typ = 'entitlement+jwt'): Promise<string> {
  const now = Math.floor(clock / 1000)
  const claims = { iss: 'https://billing.test', aud: 'https://news.test', sub: account, iat: now - 60, exp: now + 3000 }
  return sign(await secretKey(SECRET), { ...claims, ...more }, { typ })
}

async function ask(path: string, token?: string, init: RequestInit = {}): Promise<{ status: number; body: string }> {
  const headers = new Headers(init.headers)
  if (token !== undefined) headers.set('authorization', `Bearer ${token}`)
  const response = await fetch(gate.url + path, { ...init, headers })
  return { status: response.status, body: await response.text() }
}

async function later(minutes: number): Promise<void> {
  clock = Number((await ask(`/test/later?minutes=${minutes}`)).body)
}

/** Rings the alarm of an object, and gives when it will ring next. */
async function ring(object = WATCHING): Promise<number | null> {
  const { status, body } = await ask(`/test/ring?object=${encodeURIComponent(object)}`)
  expect(status).toBe(200)
  return JSON.parse(body) as number | null
}

async function alarmAt(): Promise<number | null> {
  return JSON.parse((await ask(`/test/alarm?object=${encodeURIComponent(WATCHING)}`)).body) as number | null
}

/** Lets minutes pass, with a look at the end of each. */
async function look(minutes: number): Promise<void> {
  for (let each = 0; each < minutes; each++) {
    await later(1)
    await ring()
  }
}

interface Shown {
  readonly lookedAt: string | null
  readonly alerts: readonly Told[]
  readonly receivers: readonly { readonly receiver: string; readonly waiting: number }[]
}

async function shown(): Promise<Shown> {
  const { status, body } = await ask('/__faregate/alerts', await tokenOf('ops', { scope: 'view' }, 'operator+jwt'))
  expect(status).toBe(200)
  return JSON.parse(body) as Shown
}

const told = (name: string): string[] => (got.get(name) ?? []).map(({ alert, of, state }) => `${alert} ${of} ${state}`)

/** Asks for a free page once ten seconds have passed, which posts what was added up, and waits until it has come. */
async function posted(is: () => Promise<boolean>): Promise<void> {
  await later(1)
  await expect.poll(async () => (await ask('/free')).status === 200 && (await is()), { timeout: 30_000 }).toBe(true)
}

async function refusalsScraped(): Promise<number> {
  const { body } = await ask('/__faregate/metrics', SECRET)
  const lines = body
    .split('\n')
    .filter((line) => line.startsWith('faregate_refusals_total') && line.includes('verified'))
  return lines.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' ') + 1)), 0)
}

describe('customers who are refused', () => {
  it('are told of once, signed, while a receiver is broken and another is silent', async () => {
    answers.set('/broken', 500)
    answers.set('/silent', 'never')
    for (const account of ['ann', 'bob', 'cas', 'dee', 'eve', 'fay'])
      expect((await ask('/articles/1', await tokenOf(account))).status).toBeGreaterThanOrEqual(402)
    await posted(async () => (await refusalsScraped()) === 6)
    await expect.poll(alarmAt, { timeout: 30_000 }).toBeGreaterThan(clock)
    await expect.poll(async () => (await ring(), (await shown()).lookedAt), { timeout: 30_000 }).not.toBeNull()
    await look(2)
    expect(told('/chat 200')).toEqual(['customers-refused  firing'])
    expect(got.get('/chat 200')?.[0]).toMatchObject({
      observed: 6,
      usual: 0,
      threshold: 5,
      zone: 'news',
      text: 'news: 6 customers with a genuine credential refused in 10 minutes (0 in the same minutes last week); the threshold is 5. https://127.0.0.1/__faregate/alerts',
    })
    expect((await shown()).alerts).toMatchObject([{ alert: 'customers-refused', state: 'firing', observed: 6 }])
    expect(told('/broken 500')[0]).toBe('customers-refused  firing')
    expect(told('/silent never')[0]).toBe('customers-refused  firing')
    expect(new Set(signatures)).toEqual(new Set([true]))
    expect(JSON.stringify([...got])).not.toMatch(/\bann\b|\/articles\/1|billing\.test/)
  }, 60_000)

  it('delay no request while a receiver is silent', async () => {
    await later(11)
    const rung: string[] = []
    const ringing = ring().then(() => rung.push('rung'))
    await expect.poll(() => told('/silent never').length, { timeout: 30_000 }).toBeGreaterThan(1)
    expect((await ask('/free')).status).toBe(200)
    expect(rung).toEqual([])
    await ringing
  }, 60_000)

  it('are told of again to who was broken, with the same id, though the process ended in between', async () => {
    await gate.stop()
    await start('on')
    clock = Date.now()
    answers.delete('/broken')
    answers.delete('/silent')
    // The clock of the new process is that of the machine again.
    await later(20)
    await ring()
    const [first] = got.get('/broken 500') ?? []
    expect(got.get('/broken 200')?.[0]).toEqual(first)
    expect(told('/silent 200')[0]).toBe('customers-refused  firing')
  }, 60_000)

  it('are resolved once, though traffic has stopped', async () => {
    await look(30)
    for (const name of ['/chat 200', '/broken 200', '/silent 200'])
      expect(told(name)).toEqual(['customers-refused  firing', 'customers-refused  resolved'])
    // Nobody was at work for half an hour.
    expect(await ring()).toBeNull()
    expect((await shown()).alerts).toEqual([])
  }, 60_000)
})

it('keys that cannot be fetched, and charges that billing does not take, are told of', async () => {
  const order = { issuer: 'https://billing.test', account: 'ann', amount: '10', currency: 'USD', id: 'start' }
  const operator = await tokenOf('ops', { scope: 'credit' }, 'operator+jwt')
  const init = { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(order) }
  expect((await ask('/__faregate/credit', operator, init)).status).toBe(200)
  expect((await ask('/reports/1', await tokenOf('ann'))).status).toBe(200)
  const stranger = await makeKey('ES256', 'one')
  const now = Math.floor(clock / 1000)
  const claims = { iss: 'https://down.test', aud: 'https://news.test', sub: 'ann', iat: now, exp: now + 600 }
  const token = await sign(stranger, claims, { typ: 'entitlement+jwt', kid: 'one' })
  expect((await ask('/articles/1', token)).status).toBe(503)

  const known = async (): Promise<readonly string[]> => {
    await ring()
    return (await shown()).alerts.map(({ alert, of }) => `${alert} ${of}`)
  }
  await later(7)
  await ring('account ["news","https://billing.test","ann"]')
  await posted(async () => (await known()).includes('keys-stale https://down.test'))
  expect(await known()).toContain(`sink-failing signed ${new URL(billing.url).host}`)
  await look(2)
  const since = told('/chat 200').slice(2).sort()
  expect(since).toEqual([
    'keys-stale https://down.test firing',
    `sink-failing signed ${new URL(billing.url).host} firing`,
  ])
  const text = JSON.stringify([...got])
  expect(text).not.toMatch(/\bann\b|\/reports|no-keys/)
}, 60_000)

it('the sums stay, and money is kept, when the configuration has no alerts any more', async () => {
  const before = await refusalsScraped()
  expect(before).toBeGreaterThanOrEqual(6)
  await gate.stop()
  await start('off')
  clock = Date.now()
  await ring()
  expect((await ask('/__faregate/alerts')).status).toBe(404)
  expect(await refusalsScraped()).toBe(before)
}, 60_000)

it.each([
  ['nobody', async () => undefined, 401],
  ['a reader', () => tokenOf('ann'), 401],
  ['an operator who may not look', () => tokenOf('ops', { scope: 'credit' }, 'operator+jwt'), 403],
])('alerts are not for %s', async (_, token, expected) => {
  await gate.stop()
  await start('on')
  clock = Date.now()
  expect((await ask('/__faregate/alerts', await token())).status).toBe(expected)
})
