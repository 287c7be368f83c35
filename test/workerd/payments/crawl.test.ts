import { env } from 'cloudflare:workers'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { bearer, crawl, credit, defineConfig, events, hold } from '../../../src/index.ts'
import { objectsOf } from '../../../src/platform/cloudflare/ledgers.ts'
import { createAgent } from '../../rails/crawl/agent.ts'
import { createWorld, eventsClaim, linesOf, postEvent, postOrder, type World } from '../../support/world.ts'
import { createGate, type Gate } from '../cache/gate.ts'

// The whole Worker in workerd, with its ledgers in Durable Objects, before an origin and a directory of keys.

const BOT = 'https://bot.test'
const OTHER = 'https://other.test'
const PAGE = 'https://news.test/articles/1'
const EXACT = { 'crawler-exact-price': 'USD 0.75' }
const bot = await createAgent(BOT)

const config = defineConfig({
  endpoints: [credit(), hold(), events()],
  zones: [
    {
      name: 'news',
      hosts: ['news.test'],
      audience: 'https://news.test',
      issuers: [
        {
          issuer: 'https://billing.test',
          jwks: { url: 'https://billing.test/jwks.json' },
          speaksFor: ['web-bot-auth'],
        },
      ],
      operators: [{ issuer: 'https://billing.test', jwks: { url: 'https://billing.test/jwks.json' } }],
      origin: { servers: [{ url: 'https://origin.test' }] },
      rails: [bearer(), crawl({ agents: { [BOT]: { billing: 'credit' }, [OTHER]: { billing: 'credit' } } })],
      routes: [{ path: '/articles/*', requires: 'premium', price: { amount: '0.75', currency: 'USD' } }],
      unmatched: 'closed',
    },
  ],
})

let world: World
let gate: Gate
let directory: () => Response
let asked = 0

beforeEach(async () => {
  vi.spyOn(console, 'warn').mockImplementation(() => undefined)
  world = await createWorld()
  directory = () => Response.json({ keys: [bot.jwk] })
  asked = 0
  const fetching = vi.mocked(globalThis.fetch)
  const outside = fetching.getMockImplementation() ?? globalThis.fetch
  fetching.mockImplementation(async (input, init) => {
    const { url } = new Request(input, init)
    if (!url.startsWith(BOT) && !url.startsWith(OTHER)) return outside(input, init)
    asked++
    return directory()
  })
  const { PAID } = env as unknown as { readonly PAID: unknown }
  gate = createGate('embedded', config, {}, objectsOf({ LEDGER: PAID }))
})
afterEach(() => {
  world.end()
  vi.restoreAllMocks()
})

async function send(url: string, init: RequestInit): Promise<Response> {
  const response = await gate.fetch(new Request(url, init))
  const body = await response.text()
  await gate.settled()
  return new Response(body, response)
}

const created = (): number => Math.floor(Date.now() / 1000)

async function order(endpoint: string, body: object): Promise<Response> {
  const token = await world.operator({ scope: endpoint })
  return send(`https://news.test/__faregate/${endpoint}`, postOrder(token, body))
}

const grant = (id: string) =>
  order('credit', { issuer: 'web-bot-auth', account: BOT, amount: '1', currency: 'USD', id })

it('an agent is granted credit, pays for a page once, and has no more after that', async () => {
  const signed = await bot.sign(PAGE, { created: created(), fields: EXACT })
  const poor = await send(PAGE, { headers: signed })
  expect([poor.status, poor.headers.get('crawler-error')]).toEqual([403, 'PaymentFailed'])
  expect(await (await grant('first')).json()).toMatchObject({ account: BOT, credit: { amount: '1' } })

  const paying = await bot.sign(PAGE, { created: created(), fields: EXACT })
  const paid = await send(PAGE, { headers: paying })
  expect([paid.status, paid.headers.get('crawler-charged'), await paid.text()]).toEqual([
    200,
    'USD 0.75',
    'the paid page',
  ])
  const again = await send(PAGE, { headers: paying })
  expect([again.status, await again.text(), world.received.length]).toEqual([200, 'the paid page', 1])
  const elsewhere = await send(`${PAGE}0`, { headers: paying })
  expect([elsewhere.status, elsewhere.headers.get('crawler-error')]).toEqual([400, 'InvalidSignature'])

  const next = await bot.sign(PAGE, { created: created(), fields: EXACT, nonce: 'next' })
  expect((await send(PAGE, { headers: next })).headers.get('crawler-error')).toBe('PaymentFailed')
  expect(await (await grant('second')).json()).toMatchObject({ credit: { amount: '1.25' } })
  expect((await send(PAGE, { headers: next })).status).toBe(200)
  // What another isolate has fetched is in the store of the platform.
  expect(asked).toBeLessThanOrEqual(1)
  const fields = [...(world.received[0]?.headers.keys() ?? [])]
  expect(fields.filter((name) => /signature|crawler/.test(name))).toEqual([])
  const lines = JSON.stringify(linesOf(world))
  for (const part of [paying['signature'] ?? '', bot.keyid]) expect(lines).not.toContain(part)
})

it('an agent is served while its directory is down, once its keys were fetched, and held at once by an order', async () => {
  await grant('third')
  expect((await send(PAGE, { headers: await bot.sign(PAGE, { created: created(), fields: EXACT }) })).status).toBe(200)
  await grant('fourth')
  directory = () => new Response('', { status: 503 })
  const before = asked
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 5 * 3_600_000 })
  const later = await bot.sign(PAGE, { created: created(), fields: EXACT })
  expect((await send(PAGE, { headers: later })).status).toBe(200)
  expect(asked - before).toBe(1)
  expect((await order('hold', { issuer: 'web-bot-auth', account: BOT })).status).toBe(200)
  vi.setSystemTime(Date.now() + 10_000)
  const held = await send(PAGE, { headers: await bot.sign(PAGE, { created: created(), fields: EXACT, nonce: 'held' }) })
  expect([held.status, held.headers.get('crawler-price')]).toEqual([402, null])
  expect(await held.json()).toMatchObject({ reason: 'security-hold' })
})

it('billing grants credit to an agent, and closes its account', async () => {
  const other = await createAgent(OTHER)
  directory = () => Response.json({ keys: [other.jwk] })
  const tell = async (said: Record<string, unknown>) => {
    const subject = { sub: undefined, sub_id: { format: 'iss_sub', iss: 'web-bot-auth', sub: OTHER } }
    const event = await world.event({ ...subject, events: eventsClaim(said) })
    expect((await send('https://news.test/__faregate/events', postEvent(event))).status).toBe(202)
  }
  const buy = async (nonce: string) =>
    send(PAGE, { headers: await other.sign(PAGE, { created: created(), fields: EXACT, nonce }) })
  expect((await buy('poor')).headers.get('crawler-error')).toBe('PaymentFailed')
  await tell({ 'credit-granted': { amount: '2', currency: 'USD' } })
  expect((await buy('rich')).status).toBe(200)
  await tell({ 'standing-changed': { standing: 'inactive' } })
  const closed = await buy('closed')
  expect([closed.status, await closed.json()]).toMatchObject([402, { reason: 'subscription-inactive' }])
})
