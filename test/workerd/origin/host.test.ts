import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { OriginOptions } from '../../../src/config/options.ts'
import { withToken, createWorld, type World } from '../../support/world.ts'
import type { Gate } from '../cache/gate.ts'
import { gateOf, IMPLEMENTATIONS } from './gate.ts'

const PUBLIC = 'https://www.site.test'
const PATHS = ['/articles/1', '/always/1', '/shared/1', '/free/1']

let world: World
let warned: string[]

beforeEach(async () => {
  world = await createWorld()
  warned = []
  vi.spyOn(console, 'error').mockImplementation((line) => warned.push(String(line)))
  // As WordPress and Ghost do: asked under another address than the public one, they redirect to that.
  world.origin = ({ url }) => {
    const { origin, pathname, search } = new URL(url)
    const headers = { 'cache-control': 'max-age=60', etag: '"1"' }
    if (origin === PUBLIC) return new Response('the page', { headers })
    return new Response(null, { status: 301, headers: { ...headers, location: `${PUBLIC}${pathname}${search}` } })
  }
})
afterEach(() => {
  vi.restoreAllMocks()
  world.end()
})

async function ask(gate: Gate, path: string): Promise<Response> {
  const response = await gate.fetch(new Request(`${PUBLIC}${path}`, withToken(await world.token())))
  const read = new Response(await response.text(), response)
  await gate.settled()
  return read
}

/** Where the last call to the origin went, and where Cloudflare was told to connect. */
function called(): [url: unknown, connectTo: unknown] {
  const [url, init] = vi.mocked(fetch).mock.lastCall ?? []
  return [url, (init as { cf?: { resolveOverride?: string } } | undefined)?.cf?.resolveOverride]
}

describe('a site that redirects to its public address', () => {
  it.each(PATHS)('is asked by that, on Cloudflare, and serves %s', async (path) => {
    const gate = gateOf('platform', {})
    expect(await (await ask(gate, path)).text()).toBe('the page')
    expect(called()).toEqual([`${PUBLIC}${path}`, 'origin.site.test'])
    expect(warned).toEqual([])
  })

  it.each(IMPLEMENTATIONS)('is asked by that where the operator says so: %s', async (implementation) => {
    for (const [url, asked, connectTo] of [
      ['https://elsewhere.test', `${PUBLIC}/articles/1?a=1`, 'elsewhere.test'],
      ['https://elsewhere.test/base/', `${PUBLIC}/base/articles/1?a=1`, 'elsewhere.test'],
      ['http://elsewhere.test:8080', 'http://www.site.test:8080/articles/1?a=1', 'elsewhere.test'],
      ['https://www.site.test', `${PUBLIC}/articles/1?a=1`, undefined],
    ] as const) {
      await ask(gateOf(implementation, { servers: [{ url }], host: 'zone' }), '/articles/1?a=1')
      expect(called()).toEqual([asked, connectTo])
    }
  })

  it.each<[string, (typeof IMPLEMENTATIONS)[number], Partial<OriginOptions>]>([
    ['where the operator says so', 'platform', { host: 'server' }],
    ['where it is of another domain', 'platform', { servers: [{ url: 'https://origin.test' }] }],
    ['where nothing connects elsewhere', 'embedded', {}],
  ])('is asked by its own %s, and told the public one', async (_name, implementation, origin) => {
    await ask(gateOf(implementation, origin), '/articles/1')
    expect(called()).toEqual([
      `${origin.servers === undefined ? 'https://origin.site.test' : 'https://origin.test'}/articles/1`,
      undefined,
    ])
    const told = world.received.at(-1)?.headers
    expect([told?.get('x-forwarded-host'), told?.get('x-forwarded-proto')]).toEqual(['www.site.test', 'https'])
  })
})

describe.each(IMPLEMENTATIONS)('a redirect that leads back to what was asked for: %s', (implementation) => {
  it.each(PATHS)('from %s is never stored, and the operator is told once', async (path) => {
    const gate = gateOf(implementation, { host: 'server' })
    for (const time of [1, 2, 3]) {
      const response = await ask(gate, `${path}?a=1`)
      expect([response.status, response.headers.get('location')]).toEqual([301, `${PUBLIC}${path}?a=1`])
      expect(world.received.length).toBe(time)
      expect(response.headers.get('cache-status') ?? '').not.toMatch(/hit|stored/)
      expect(response.headers.get('cache-control')).toMatch(/^(?:no-store|private, no-cache)$/)
    }
    expect(warned.filter((line) => line.includes('origin.host'))).toHaveLength(1)
    expect(warned.join()).not.toContain(path)
    world.origin = () => new Response('the page', { headers: { 'cache-control': 'max-age=60' } })
    expect(await (await ask(gate, `${path}?a=1`)).text()).toBe('the page')
  })

  it.each([
    ['to another host of the zone, which shares the copy', 'https://site.test/articles/1'],
    ['in another spelling', 'https://WWW.site.test.:443/%61rticles/./1#top'],
    ['as a path', '/articles/1'],
    ['as nothing', ''],
    ['to the server itself', 'https://origin.site.test/articles/1'],
  ])('%s is not stored', async (_name, location) => {
    world.origin = () => new Response(null, { status: 301, headers: { location, 'cdn-cache-control': 'max-age=60' } })
    const gate = gateOf(implementation, { host: 'server' })
    await ask(gate, '/articles/1')
    await ask(gate, '/articles/1')
    expect(world.received.length).toBe(2)
  })

  it.each([
    ['to another page', '/articles/2'],
    ['with another query', '/articles/1?a=2'],
    ['to another scheme', 'http://www.site.test/articles/1'],
    ['to another site', 'https://elsewhere.test/articles/1'],
  ])('%s does not, and is stored', async (_name, location) => {
    world.origin = () => new Response(null, { status: 301, headers: { location, 'cache-control': 'max-age=60' } })
    const gate = gateOf(implementation, { host: 'server' })
    await ask(gate, '/articles/1')
    await ask(gate, '/articles/1')
    expect(world.received.length).toBe(1)
    expect(warned).toEqual([])
  })
})
