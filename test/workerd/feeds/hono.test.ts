import { env as bound } from 'cloudflare:workers'
import { Hono } from 'hono'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { bearer, feeds, manageFeeds, type SingleZoneOptions } from '../../../src/index.ts'
import { cloudflare } from '../../../src/platform/cloudflare/platform.ts'
import { paywall, type PaywallEnv, requires } from '../../../src/platform/hono/index.ts'
import { GATE_SECRET, type Made, madeOf } from '../../feeds/world.ts'
import { type Background, createBackground } from '../../support/services.ts'
import { createWorld, type World } from '../../support/world.ts'

const env = { LEDGER: bound.LEDGER, GATE_SECRET }
const OURS = 'https://news.test'

let world: World
let background: Background
let context: ExecutionContext

beforeEach(async () => {
  world = await createWorld()
  background = createBackground()
  const { waitUntil } = background
  context = { waitUntil, passThroughOnException: () => undefined, props: {} } as ExecutionContext
})
afterEach(async () => {
  await background.settled()
  vi.restoreAllMocks()
  world.end()
})

const CONFIG: SingleZoneOptions = {
  name: 'news',
  audience: OURS,
  issuers: [{ issuer: 'https://billing.test', jwks: { url: 'https://billing.test/jwks.json' } }],
  rails: [bearer(), feeds({ routes: ['/feeds/*'] })],
  routes: [{ path: '/feeds/*', requires: 'premium' }],
  unmatched: 'free',
  endpoints: [manageFeeds()],
  secrets: { gate: 'GATE_SECRET' },
  remedies: { documentation: 'https://billing.test/problems' },
}

describe('the middleware, before an app with feeds', () => {
  it('shows the app no token that came in the URL, and guards its other routes beside them', async () => {
    const app = new Hono<PaywallEnv>()
    app.use(paywall(CONFIG, cloudflare))
    app.get('/reports/:id', requires('premium'), (c) => c.text('a report'))
    app.get('*', (c) => c.json([c.req.url, c.req.raw.url, c.req.query(), c.var.faregate.account]))
    const send = async (path: string, init: RequestInit = {}) => app.request(`${OURS}${path}`, init, env, context)
    const headers = {
      authorization: `Bearer ${await world.token({ sub: 'ann of feeds/hono.test.ts', entitlements: ['premium'] })}`,
      'content-type': 'application/json',
    }
    const body = JSON.stringify({ action: 'create', name: 'phone', path: '/feeds/1?a=1' })
    const { path }: Made = await madeOf(await send('/__faregate/feeds', { method: 'POST', headers, body }))
    const fed = await send(path)
    expect(fed.headers.get('referrer-policy')).toBe('no-referrer')
    const url = `${OURS}/feeds/1?a=1`
    expect(await fed.json()).toEqual([url, url, { a: '1' }, 'ann of feeds/hono.test.ts'])
    expect((await send('/reports/1', { headers })).status).toBe(200)
    expect((await send(path.replace('/feeds/', '/reports/'))).status).toBe(402)
  })
})
