import type { AddressInfo } from 'node:net'
import { createServer, get, type Server } from 'node:http'
import { getRequestListener } from '@hono/node-server'
import { Hono, type MiddlewareHandler } from 'hono'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Config } from '../../../src/config/options.ts'
import { startWorkerd, type Workerd } from '../../../tools/workerd.ts'
import { bundleOf } from '../bundles.ts'
import config, { VARS } from './config.ts'

const VISIT = {
  'user-agent': 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0',
  accept: 'text/html',
  'sec-fetch-mode': 'navigate',
  'sec-fetch-dest': 'document',
}
const FORGED = {
  'x-forwarded-for': '192.0.2.7',
  forwarded: 'for=192.0.2.7',
  'x-real-ip': '192.0.2.7',
  'true-client-ip': '192.0.2.7',
  'cf-connecting-ip': '192.0.2.7',
}

/** Asks without `fetch`, which has a `Sec-Fetch-Mode` of its own. */
function statusOf(url: string, headers: Record<string, string>): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const asked = get(url, { headers }, (response) => {
      response.resume().on('end', () => resolve(response.statusCode))
    })
    asked.on('error', reject)
  })
}

/** Opens pages in turn as a reader who keeps no cookie. */
async function visits(
  url: string,
  count: number,
  headers: Record<string, string>,
): Promise<readonly (number | undefined)[]> {
  const found: (number | undefined)[] = []
  for (let page = 0; page < count; page += 1)
    found.push(await statusOf(`${url}/articles/${crypto.randomUUID()}`, { ...VISIT, ...headers }))
  return found
}

describe('in Node, where the connection has another end', () => {
  let server: Server
  let gate: MiddlewareHandler
  let url: string
  // The types of the sources are those of Workers, which Node's differ from.
  let hono: {
    paywall(config: Config, platform?: unknown): MiddlewareHandler
    node(options: object): unknown
  }

  beforeAll(async () => {
    hono = await import(new URL('../../../src/platform/hono/index.ts', import.meta.url).href)
    Object.assign(process.env, VARS)
    const app = new Hono().use((c, next) => gate(c, next)).get('*', (c) => c.text('the page'))
    server = createServer((request, response) => void getRequestListener(app.fetch)(request, response))
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  })
  beforeEach(() => {
    vi.spyOn(console, 'log').mockImplementation(() => undefined)
    vi.spyOn(console, 'warn').mockImplementation(() => undefined)
    gate = hono.paywall(config)
  })
  afterEach(() => void vi.restoreAllMocks())
  afterAll(() => {
    server.closeAllConnections()
    server.close()
  })

  const trusting = (...trustedProxies: string[]): void =>
    void (gate = hono.paywall(config, hono.node({ trustedProxies })))
  const crawler = (fields: Record<string, string>, agent = 'Examplebot'): Promise<number | undefined> =>
    statusOf(`${url}/articles/1`, { 'user-agent': agent, ...fields })

  it('the client is that end, whatever the request says of itself', async () => {
    expect([await crawler({}, 'Localbot'), await crawler(FORGED, 'Localbot')]).toEqual([200, 200])
    expect([await crawler({}), await crawler(FORGED)]).toEqual([402, 402])
  })

  it('and a reader opens as many pages as its network may, whatever it says of itself', async () => {
    expect(await visits(url, 3, {})).toEqual([200, 200, 402])
    expect(await visits(url, 2, { ...FORGED, 'x-forwarded-for': '198.51.100.1' })).toEqual([402, 402])
  })

  it('says once that all may be one client, if a proxy seems to be there', async () => {
    const warn = vi.mocked(console.warn)
    warn.mockClear()
    const warned = (): number => warn.mock.calls.filter(([line]) => String(line).includes('trustedProxies')).length
    await crawler({})
    expect(warned()).toBe(0)
    await crawler(FORGED)
    await crawler(FORGED)
    expect(warned()).toBe(1)
  })

  it('a trusted proxy says who asked it, and what was written before counts for nothing', async () => {
    trusting('127.0.0.0/8')
    expect(await crawler({ 'x-forwarded-for': '192.0.2.7' })).toBe(200)
    expect(await crawler({ 'x-forwarded-for': '192.0.2.7' }, 'Localbot')).toBe(402)
    expect(await crawler({ 'x-forwarded-for': '192.0.2.7, 198.51.100.1' })).toBe(402)
    expect(await crawler({ forwarded: 'for=192.0.2.7', 'x-real-ip': '192.0.2.7' })).toBe(402)
  })

  it('several trusted proxies are walked through, one after the other', async () => {
    trusting('127.0.0.0/8', '10.0.0.0/8', 'fd00::/8')
    expect(await crawler({ 'x-forwarded-for': '198.51.100.1, 192.0.2.7, fd00::2, ::ffff:10.0.0.3' })).toBe(200)
    expect(await crawler({ 'x-forwarded-for': '192.0.2.7, 198.51.100.1, 10.0.0.3' })).toBe(402)
  })

  it.each(['unknown', '_hidden', '192.0.2', '192.0.2.7.', '0300.0.2.7', '3221225991', '<script>', ','])(
    'and an entry of %j on that way is nobody',
    async (entry) => {
      trusting('127.0.0.0/8', '10.0.0.0/8')
      for (const agent of ['Examplebot', 'Localbot'])
        expect(await crawler({ 'x-forwarded-for': `192.0.2.7, ${entry}, 10.0.0.3` }, agent)).toBe(402)
    },
  )

  it('each network behind a trusted proxy has its own free pages', async () => {
    trusting('127.0.0.0/8')
    expect(await visits(url, 3, { 'x-forwarded-for': '198.51.100.1' })).toEqual([200, 200, 402])
    expect(await visits(url, 3, { 'x-forwarded-for': '203.0.113.1, 198.51.100.9' })).toEqual([402, 402, 402])
    expect(await visits(url, 3, { 'x-forwarded-for': '203.0.113.1' })).toEqual([200, 200, 402])
  })

  it('a proxy that is not named is believed nothing', async () => {
    trusting('10.0.0.0/8')
    expect([await crawler(FORGED), await crawler(FORGED, 'Localbot')]).toEqual([402, 200])
  })

  it('options that are at fault say all of it', () => {
    const made = (): unknown =>
      hono.node({
        trustedProxies: ['10.0.0.0/8', '0.0.0.0/0', '::/0', '::ffff:0.0.0.0/96', 'mine'],
        field: 'x-real-ip',
      })
    expect(made).toThrow(
      /^trustedProxies\[1\].*\ntrustedProxies\[2\].*\ntrustedProxies\[3\].*\ntrustedProxies\[4\].*\nfield: /,
    )
    expect(() => hono.node({ trustedProxies: '10.0.0.0/8' })).toThrow('trustedProxies: expected a list')
  })
})

describe('in plain workerd', () => {
  let workerd: Workerd
  beforeAll(async () => {
    workerd = await startWorkerd({ module: bundleOf(import.meta.dirname), vars: VARS })
  })
  afterAll(() => workerd.stop())

  const statuses = async (platform: string, fields: Record<string, string>): Promise<readonly unknown[]> =>
    Promise.all(
      ['Examplebot', 'Localbot'].map((agent) =>
        statusOf(`${workerd.url}/articles/1?platform=${platform}`, { ...fields, 'user-agent': agent }),
      ),
    )

  it('the field that Cloudflare alone writes is what anybody writes, and the client is nobody', async () => {
    expect([await statuses('cloudflare', {}), await statuses('cloudflare', FORGED)]).toEqual([
      [402, 402],
      [402, 402],
    ])
    expect(await statusOf(`${workerd.url}/?platform=cloudflare`, FORGED)).toBe(200)
  })

  it('the client is the other end of the connection, whatever the request says of itself', async () => {
    expect([await statuses('direct', {}), await statuses('direct', FORGED)]).toEqual([
      [402, 200],
      [402, 200],
    ])
  })

  it('a trusted proxy says who asked it', async () => {
    expect(await statuses('node', FORGED)).toEqual([200, 402])
    expect(await statuses('node', { 'x-forwarded-for': '192.0.2.7, 198.51.100.1' })).toEqual([402, 402])
  })
})
