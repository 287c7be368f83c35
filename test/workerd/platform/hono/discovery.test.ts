import { Hono } from 'hono'
import { describe, expect, it } from 'vitest'
import { bearer, openapi, type SingleZoneOptions } from '../../../../src/index.ts'
import { paywall, type PaywallEnv } from '../../../../src/platform/hono/index.ts'

const config: SingleZoneOptions = {
  name: 'news',
  audience: 'https://news.test',
  issuers: [{ issuer: 'https://billing.test', jwks: { url: 'https://billing.test/jwks.json' } }],
  rails: [bearer()],
  routes: [{ path: '/r', requires: 'premium' }],
  remedies: { documentation: 'https://billing.test/problems' },
  unmatched: 'closed',
  discovery: [openapi()],
}

async function titleIn(app: Hono<PaywallEnv>): Promise<string> {
  const answer = await app.request('https://news.test/openapi.json', undefined, {})
  if (answer.status !== 200) throw new Error(await answer.text())
  return (await answer.json<{ info: { title: string } }>()).info.title
}

describe('a document before an app', () => {
  it('is the app’s own if it has one', async () => {
    const app = new Hono<PaywallEnv>().use(paywall(config))
    app.get('/openapi.json', (c) => c.json({ info: { title: 'of the app' } }))
    expect(await titleIn(app)).toBe('of the app')
  })

  it('is ours if it has none, whatever the app says of what it has not', async () => {
    const app = new Hono<PaywallEnv>().use(paywall(config))
    app.notFound((c) => c.html('<p>no such page', 404))
    expect(await titleIn(app)).toBe('news.test')
    expect(await titleIn(app)).toBe('news.test')
  })

  it('is ours if the app throws', async () => {
    const app = new Hono<PaywallEnv>().use(paywall(config))
    app.onError((_error, c) => c.json({ message: 'broken' }, 500))
    app.get('/openapi.json', () => {
      throw new Error('broken')
    })
    expect(await titleIn(app)).toBe('news.test')
  })
})
