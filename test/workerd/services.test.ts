import { afterEach, describe, expect, it, vi } from 'vitest'
import { createApp } from '../../src/gate.ts'
import { ok } from '../../src/core/result.ts'
import { createServices } from '../../src/services.ts'
import { bearer } from '../../src/index.ts'
import { compiled, ZONE } from '../support/compiled.ts'
import { ENDPOINTS } from '../support/endpoints.ts'
import { makeKey, sign } from '../support/issuer.ts'
import { withToken } from '../support/world.ts'
import { web } from '../../src/platform/web/index.ts'

afterEach(() => void vi.restoreAllMocks())

describe('the services of an isolate', () => {
  it('that cannot fetch keys logs neither password nor query of their URL', async () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => undefined)
    const url = 'https://ann:sesame@billing.test/jwks.json?key=sesame'
    vi.spyOn(globalThis, 'fetch').mockRejectedValue(new TypeError(`a URL that includes credentials: ${url}`))
    const now = Math.floor(Date.now() / 1000)
    const times = { iat: now, exp: now + 600 }
    const claims = { iss: 'https://billing.test', aud: 'https://news.test', sub: 'ann', ...times }
    const token = await sign(await makeKey('ES256', 'key'), claims, { typ: 'entitlement+jwt' })
    const issuers = [{ issuer: 'https://billing.test', jwks: { url } }]
    const zone = { ...ZONE, hosts: ['news.test'], audience: 'https://news.test', rails: [bearer()], issuers }
    const routes = [{ path: '/articles/*', requires: 'premium' }]
    const app = createApp(createServices(compiled({ zones: [{ ...zone, routes }] }), web({})), ENDPOINTS)
    const outlet = { origin: async () => ok({ response: new Response('page') }), purge: async () => true }
    const request = new Request('https://news.test/articles/1', withToken(token))
    expect((await app(request, outlet, () => undefined)).status).toBe(503)
    expect(warn.mock.calls.map(([line]) => JSON.parse(String(line)) as unknown)).toEqual([
      {
        keys: 'https://billing.test/jwks.json',
        error: 'a URL that includes credentials: https://billing.test/jwks.json',
      },
    ])
  })
})
