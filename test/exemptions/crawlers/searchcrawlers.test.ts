import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { compile } from '../../../src/config/config.ts'
import { ok } from '../../../src/core/result.ts'
import { searchCrawlers, type SearchCrawlersOptions } from '../../../src/exemptions/crawlers/searchcrawlers.ts'
import { createApp } from '../../../src/gate.ts'
import { bearer } from '../../../src/index.ts'
import type { LogRecord } from '../../../src/logrecord.ts'
import { web } from '../../../src/platform/web/index.ts'
import { createServices } from '../../../src/services.ts'
import { ZONE } from '../../support/compiled.ts'

const GOOGLEBOT =
  'Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; Googlebot/2.1; +http://www.google.com/bot.html) Chrome/141.0 Safari/537.36'
const LIST = JSON.stringify({
  creationTime: '2026-11-01T00:00:00',
  prefixes: [{ ipv6Prefix: '2001:db8:4801:10::/64' }, { ipv4Prefix: '192.0.2.32/27' }],
})
const HOUR_MS = 3_600_000
const FORGED = { 'x-forwarded-for': '192.0.2.33', 'cf-connecting-ip': '192.0.2.33' }

let now: number
let address: string | undefined
let fetched: string[]
let published: () => Response | Promise<Response>
let lines: LogRecord[]
let received: Request[]
let waiting: Promise<unknown>[]
let ask: (fields?: Record<string, string>, more?: { method?: string; path?: string; cf?: object }) => Promise<Response>

function createGate(options: SearchCrawlersOptions): void {
  const platform = {
    ...web({ SECRET: 'x'.repeat(32) }),
    clock: () => now,
    clientAddress: () => address,
    fetch: async (input: RequestInfo | URL) => {
      fetched.push(input instanceof Request ? input.url : String(input))
      return published()
    },
  }
  const routes = [{ path: '/articles/*', requires: 'premium' }]
  const issuers = [{ issuer: 'https://i.test', secret: 'SECRET' }]
  const zone = { ...ZONE, issuers, routes, rails: [bearer()], exemptions: [searchCrawlers(options)] }
  const found = compile({ zones: [zone] }, platform.bindings, { needsOrigin: false, platform })
  if (!found.ok) throw new Error(JSON.stringify(found.error))
  const app = createApp({ ...createServices(found.value, platform), log: (line) => lines.push(line) }, [])
  ask = async (fields = {}, { method = 'GET', path = '/articles/1', cf } = {}) => {
    const request = new Request(`https://a.test${path}`, { method, headers: { 'user-agent': GOOGLEBOT, ...fields } })
    if (cf !== undefined) Object.defineProperty(request, 'cf', { value: cf })
    const origin = async (_admitted: unknown, outgoing: () => Request) => {
      received.push(outgoing())
      return ok({ response: new Response('the whole page', { headers: { 'content-type': 'text/html' } }) })
    }
    return app(request, { origin, purge: async () => false }, (work) => waiting.push(work))
  }
}

beforeEach(() => {
  now = Date.UTC(2026, 10, 10)
  address = '192.0.2.33'
  fetched = []
  lines = []
  received = []
  waiting = []
  published = () => new Response(LIST)
  vi.spyOn(console, 'warn').mockImplementation(() => undefined)
  createGate({ verify: ['googlebot'] })
})
afterEach(() => void vi.restoreAllMocks())

describe('a crawler whose name and address fit', () => {
  it('reads the whole page as an anonymous reader, and keeps no copy for show', async () => {
    const response = await ask()
    expect([response.status, await response.text()]).toEqual([200, 'the whole page'])
    expect(response.headers.get('x-robots-tag')).toBe('noarchive')
    expect(lines).toMatchObject([{ decision: 'serve', exempt: 'crawler', charged: undefined }])
    expect(fetched).toEqual(['https://developers.google.com/static/search/apis/ipranges/googlebot.json'])
  })

  it.each(['192.0.2.63', '2001:db8:4801:10::1', '::ffff:192.0.2.40'])('may come from %s', async (from) => {
    address = from
    expect((await ask()).status).toBe(200)
  })

  it('may ask for the fields alone', async () => {
    expect((await ask({}, { method: 'HEAD' })).status).toBe(200)
  })
})

describe('nothing is opened to', () => {
  const cases: [who: string, given: { from?: string | undefined; agent?: string; fields?: Record<string, string> }][] =
    [
      ['its name from another address', { from: '192.0.2.64' }],
      ['its name from another network of IPv6', { from: '2001:db8:4801:11::1' }],
      ['its name from an address that nobody knows', { from: undefined }],
      ['its name from no address', { from: 'unknown' }],
      ['its address without the name', { agent: 'Mozilla/5.0' }],
      ['its address with a name that only begins so', { agent: 'Googlebot2/1.0' }],
      ['another program of the same operator from there', { agent: 'GoogleOther' }],
      ['a field that names its address', { from: '203.0.113.9', fields: FORGED }],
      ['a very long name', { agent: `Googlebot ${'x'.repeat(1000)}` }],
    ]
  it.each(cases)('%s', async (_who, given) => {
    if ('from' in given) address = given.from
    const { agent, fields = {} } = given
    const response = await ask({ ...fields, ...(agent !== undefined && { 'user-agent': agent }) })
    expect([response.status, received]).toEqual([402, []])
  })

  it.each(['GPTBot/1.1', 'ClaudeBot/1.0', 'PerplexityBot/1.0', 'ChatGPT-User/1.0', 'Google-Extended'])(
    'programs of AI, even from there: %s',
    async (agent) => expect((await ask({ 'user-agent': agent })).status).toBe(402),
  )
})

describe('the list of addresses', () => {
  it('is fetched once, whoever asks', async () => {
    await Promise.all(Array.from({ length: 20 }, () => ask()))
    expect(fetched).toHaveLength(1)
  })

  it('is not fetched for who does not use the name', async () => {
    await ask({ 'user-agent': 'Mozilla/5.0' })
    expect(fetched).toEqual([])
  })

  it('is fetched anew behind a request once it is old', async () => {
    await ask()
    now += 19 * HOUR_MS
    published = () => new Response(JSON.stringify({ prefixes: [{ ipv4Prefix: '198.51.100.0/24' }] }))
    expect((await ask()).status).toBe(200)
    await Promise.all(waiting)
    expect([(await ask()).status, fetched.length]).toEqual([402, 2])
  })

  it('serves for a week longer if no other can be had, and not beyond', async () => {
    await ask()
    published = () => new Response(null, { status: 500 })
    now += 7 * 24 * HOUR_MS
    expect((await ask()).status).toBe(200)
    now += 25 * HOUR_MS
    expect((await ask()).status).toBe(503)
  })

  it.each([
    ['is no JSON', () => new Response('<html>')],
    ['has no prefixes', () => new Response('{"prefixes": []}')],
    ['has what is no range', () => new Response('{"prefixes": [{"ipv4Prefix": "everywhere"}]}')],
    ['has everything', () => new Response('{"prefixes": [{"ipv4Prefix": "0.0.0.0/0"}]}')],
    ['leads elsewhere', () => new Response(null, { status: 302, headers: { location: 'https://evil.test/' } })],
    ['is not there', () => new Response(null, { status: 404 })],
    ['is too long', () => new Response(`{"prefixes": [${'{"ipv4Prefix":"192.0.2.32/27"},'.repeat(60_000)}{}]}`)],
  ])('opens nothing if it %s, and the crawler is asked to come again', async (_what, answer) => {
    published = answer
    const response = await ask()
    expect([response.status, response.headers.get('retry-after'), received]).toEqual([503, '300', []])
  })

  it('is asked for no more often, however often somebody uses the name', async () => {
    published = () => Promise.reject(new TypeError('unreachable'))
    for (let count = 0; count < 50; count += 1) await ask()
    expect(fetched).toHaveLength(1)
  })
})

describe('Cloudflare’s word', () => {
  beforeEach(() => createGate({ verify: ['cloudflare'] }))

  it.each([
    [{ verifiedBotCategory: 'Search Engine Crawler' }, 200],
    [{ verifiedBotCategory: 'AI Crawler' }, 402],
    [{ verifiedBotCategory: 'AI Search' }, 402],
    [{ verifiedBotCategory: 'AI Assistant' }, 402],
    [{ verifiedBotCategory: 'Page Preview' }, 402],
    [{ botManagement: { verifiedBot: true } }, 402],
    [{}, 402],
    [undefined, 402],
  ])('%j opens with %d', async (cf, status) => {
    expect((await ask({}, cf === undefined ? {} : { cf })).status).toBe(status)
    expect(fetched).toEqual([])
  })
})

describe('the options', () => {
  const faultsOf = (options: unknown) =>
    searchCrawlers(options as SearchCrawlersOptions).faults({
      secrets: new Map(),
      servers: new Map(),
      rates: new Map(),
    } as never)

  it('may name a crawler of one’s own', async () => {
    createGate({ verify: [{ agent: 'Examplebot', ranges: ['198.51.100.0/24'] }] })
    address = '198.51.100.7'
    expect((await ask({ 'user-agent': 'Examplebot/1.0' })).status).toBe(200)
    expect((await ask()).status).toBe(402)
  })

  it.each([
    ['nothing', {}],
    ['no crawler', { verify: [] }],
    ['an unknown name', { verify: ['gptbot'] }],
    [
      'a list of what users trigger',
      { verify: [{ agent: 'Google', ranges: 'https://a.test/user-triggered-fetchers.json' }] },
    ],
    ...['chatgpt-user', 'perplexity-user', 'mistralai-user-ips', 'duckassistbot'].map(
      (list) =>
        [
          `the list of an assistant (${list})`,
          { verify: [{ agent: 'Examplebot', ranges: `https://a.test/${list}.json` }] },
        ] as const,
    ),
    ['a list without encryption', { verify: [{ agent: 'Examplebot', ranges: 'http://a.test/list.json' }] }],
    ['what is no range', { verify: [{ agent: 'Examplebot', ranges: ['192.0.2.0'] }] }],
    ['everything', { verify: [{ agent: 'Examplebot', ranges: ['0.0.0.0/0'] }] }],
    ['a name that fits everybody', { verify: [{ agent: '.', ranges: ['192.0.2.0/24'] }] }],
  ])('are at fault with %s', (_what, options) => {
    expect(faultsOf(options).length).toBeGreaterThan(0)
  })
})
