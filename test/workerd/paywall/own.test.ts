import { env as bound } from 'cloudflare:workers'
import { Hono } from 'hono'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { paywall, type PaywallEnv } from '../../../src/platform/hono/index.ts'
import config from '../../support/config.ts'
import { OWN_SPELLINGS } from '../../support/own.ts'
import { ask, createWorld, type World } from '../../support/world.ts'
import { cloudflare } from '../../../src/platform/cloudflare/platform.ts'

let world: World

beforeEach(async () => {
  world = await createWorld()
})
afterEach(() => world.end())

const app = new Hono<PaywallEnv>().use(paywall(config, cloudflare)).all('*', (c) => c.text('app'))
const env = { ACCOUNT_HASH_KEY: 'a key for the tests', LEDGER: bound.LEDGER }

/** The endpoints themselves answer 400 or 404 to these: none names what to explain. */
const OWN_STATUS = [400, 404]

describe('what could be read as an endpoint of the gate’s own', () => {
  it.each(OWN_SPELLINGS)('is answered by the gate, and no origin sees it: %s', async (path) => {
    const response = await ask(path)
    expect(OWN_STATUS).toContain(response.status)
    expect(response.headers.get('cache-control')).toBe('no-store')
    expect(world.received).toEqual([])
  })

  it.each(OWN_SPELLINGS)('never reaches the app behind the middleware: %s', async (path) => {
    const response = await app.request(`https://news.test${path}`, {}, env)
    expect(OWN_STATUS).toContain(response.status)
    expect(await response.text()).not.toBe('app')
  })

  it('is not explained as if it were a page', async () => {
    const response = await ask('/__faregate/explain?target=/%255f_faregate/explain')
    expect([response.status, await response.json()]).toMatchObject([400, { reason: 'target-ambiguous' }])
  })
})
