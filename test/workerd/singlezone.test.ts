import { env } from 'cloudflare:workers'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createApp } from '../../src/gate.ts'
import { bearer, type SingleZoneOptions } from '../../src/index.ts'
import { createServices } from '../../src/services.ts'
import { compiled } from '../support/compiled.ts'
import { ENDPOINTS } from '../support/endpoints.ts'
import { createBackground, worldOrigin, realObjects } from '../support/services.ts'
import { withToken, createWorld, type World } from '../support/world.ts'
import { web } from '../../src/platform/web/index.ts'

/** One site by itself, asked by whatever host. */
const OPTIONS: SingleZoneOptions = {
  audience: 'https://news.test',
  issuers: [{ issuer: 'https://billing.test', jwks: { url: 'https://billing.test/jwks.json' } }],
  rails: [bearer()],
  endpoints: ENDPOINTS,
  routes: [
    { path: '/articles/*', requires: 'premium' },
    { path: '/mine/*', requires: 'premium', cache: 'off' },
    { path: '/staff/*', requires: 'staff' },
  ],
  unmatched: 'free',
  remedies: { documentation: 'https://billing.test/problems' },
}
const HOSTS = ['news.test', 'localhost:8787', 'gate.example.workers.dev', '127.0.0.1', '[::1]:8080']

let world: World
beforeEach(async () => {
  world = await createWorld()
})
afterEach(() => world.end())

async function ask(host: string, path: string, init: RequestInit = {}): Promise<Response> {
  const found = compiled(OPTIONS, { ...env }, false)
  const app = createApp(createServices(found, { ...web({}), ...realObjects() }), found.endpoints)
  const { waitUntil, settled } = createBackground()
  const behind = { origin: worldOrigin(world), purge: async () => true }
  const response = await app(new Request(`https://${host}${path}`, init), behind, waitUntil)
  const whole = new Response(await response.text(), response)
  await settled()
  return whole
}

describe.each(HOSTS)('a site without hosts, asked as %s', (host) => {
  it('asks to be paid, and lets in who has paid', async () => {
    const refused = await ask(host, '/articles/1')
    expect([refused.status, refused.headers.get('www-authenticate')]).toEqual([402, expect.stringContaining('"site"')])
    expect((await ask(host, '/articles/1', withToken(await world.token()))).status).toBe(200)
    expect((await ask(host, '/__faregate/account', withToken(await world.token()))).status).toBe(200)
  })

  it('takes tokens of its own audience alone, and none of the host it is asked by', async () => {
    for (const aud of [`https://${host}x`, `https://${host}:1`, 'https://NEWS.test', 'https://news.test/'])
      expect((await ask(host, '/articles/1', withToken(await world.token({ aud })))).status).toBe(402)
  })

  it('asks the origin by its own address for what all share, and by that host for one reader', async () => {
    const init = withToken(await world.token())
    await ask(host, '/articles/1', init)
    await ask(host, '/mine/1', init)
    const asked = world.received.map((request) => [request.url, request.headers.get('x-forwarded-host')])
    expect(asked).toEqual([
      ['https://news.test/articles/1', 'news.test'],
      [`https://${host}/mine/1`, host],
    ])
  })

  it('passes on no field that names a page which was not paid for, at whatever host', async () => {
    const { headers } = withToken(await world.token())
    for (const named of [host, 'news.test', 'elsewhere.test']) {
      await ask(host, '/mine/1', { headers: { ...headers, 'x-page': `https://${named}/staff/1` } })
    }
    expect(world.received.map((request) => request.headers.get('x-page'))).toEqual([null, null, null])
  })
})
