import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type App, createApp } from '../../../src/gate.ts'
import { ok } from '../../../src/core/result.ts'
import { routeName } from '../../../src/access/route.ts'
import { routeOf } from '../../../src/origin/origin.ts'
import { createServices } from '../../../src/services.ts'
import { compiled, siteAt, ZONE } from '../../support/compiled.ts'
import { ENDPOINTS } from '../../support/endpoints.ts'
import { withToken, createWorld, linesOf, type World } from '../../support/world.ts'
import { web } from '../../../src/platform/web/index.ts'

const zone = {
  ...ZONE,
  hosts: ['news.test'],
  audience: 'https://news.test',
  issuers: [{ issuer: 'https://billing.test', jwks: { url: 'https://billing.test/jwks.json' } }],
  routes: [
    { path: '/', free: true as const },
    { path: '/*', query: { rest_route: true as const }, requires: 'premium', cache: { query: { only: ['page'] } } },
  ],
}
const whole = compiled({ zones: [zone] })

let world: World
let app: App

beforeEach(async () => {
  world = await createWorld()
  app = createApp(createServices(whole, web({})), ENDPOINTS)
})
afterEach(() => world.end())

/** The status, and the targets that came to the origin. */
async function ask(path: string, init: RequestInit = {}): Promise<[number, string[]]> {
  const seen: string[] = []
  const origin = async (_admitted: unknown, outgoing: () => Request) => {
    const { pathname, search } = new URL(outgoing().url)
    seen.push(`${pathname}${search}`)
    return ok({ response: new Response('page') })
  }
  const behind = { origin, purge: async () => true }
  const response = await app(new Request(`https://news.test${path}`, init), behind, () => undefined)
  return [response.status, seen]
}

describe('a route that names a parameter', () => {
  it('is paid for where the path alone is free', async () => {
    expect(await ask('/')).toEqual([200, ['/']])
    expect(await ask('/?page=2')).toEqual([200, ['/?page=2']])
    for (const query of ['rest_route=/wp/v2/posts', 'rest%5froute=/', 'Rest.Route[]=/', 'x;rest_route=/'])
      expect(await ask(`/?${query}`), query).toEqual([402, []])
  })

  it('reaches the origin with that parameter, though the policy of its copies counts others', async () => {
    const paid = withToken(await world.token())
    expect(await ask('/?utm=1&page=2&rest_route=/wp/v2/posts', paid)).toEqual([
      200,
      ['/?page=2&rest_route=/wp/v2/posts'],
    ])
  })

  it('is logged by its own name', async () => {
    await ask('/?rest_route=/')
    expect(linesOf(world).at(-1)).toMatchObject({ route: '/*?rest_route', reason: 'payment-required' })
  })

  it('is explained', async () => {
    const request = new Request('https://news.test/__faregate/explain?target=/%3Frest_route%3D/')
    const response = await app(
      request,
      { origin: async () => ok({ response: new Response() }), purge: async () => true },
      () => undefined,
    )
    expect(await response.json()).toMatchObject({
      route: { path: '/*', query: { rest_route: true } },
      decision: { action: 'refuse', reason: 'payment-required' },
    })
  })

  it('is the one whose limits hold at the origin', () => {
    const { zone: served } = siteAt(whole, 'news.test')
    for (const [target, name] of [
      ['/?page=2', '/'],
      ['/?page=2&rest_route=/', '/*?rest_route'],
    ])
      expect(routeName(routeOf(new Request(`https://news.test${target}`), served))).toBe(name)
  })
})
