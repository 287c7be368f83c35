import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createEmbeddedCache } from '../../../src/cache/stage.ts'
import { createMemoryStore } from '../../../src/cache/memorystore.ts'
import { err, ok } from '../../../src/core/result.ts'
import { createApp } from '../../../src/gate.ts'
import { bearer, explain, html, purge, receipt } from '../../../src/index.ts'
import type { LogRecord } from '../../../src/logrecord.ts'
import type { Origin } from '../../../src/ports.ts'
import { createServices } from '../../../src/services.ts'
import { web } from '../../../src/platform/web/index.ts'
import { compiled, ZONE } from '../../support/compiled.ts'
import { secretKey, sign } from '../../support/issuer.ts'

const SECRET = '0123456789abcdef0123456789abcdef'
const ISSUER = 'https://i.test'
const PREVIEW = { marker: 'members-only' }
const ROUTES = [
  { path: '/articles/*', requires: 'premium' },
  { path: '/uncached/*', requires: 'premium', cache: 'off' as const },
  { path: '/mine/*', requires: 'premium', cache: { key: 'account' as const } },
  { path: '/silent/*', requires: 'premium', preview: false },
  { path: '/copies/*', requires: 'premium', preview: { ...PREVIEW, from: 'copy' as const } },
  { path: '/priced/*', price: { amount: '0.25', currency: 'USD' } },
  { path: '/staff/*', requires: 'staff', offer: false as const },
  { path: '/watched/*', requires: 'premium', observe: { until: '2100-01-01T00:00:00Z' } },
]

let now: number
let received: Request[]
let lines: LogRecord[]
let origin: (request: Request) => ReturnType<Origin>
let app: (path: string, asking?: Asking) => Promise<Response>
let waiting: Promise<unknown>[]

const SPOKEN = {
  etag: '"1"',
  'last-modified': 'Mon, 01 Jun 2026 00:00:00 GMT',
  age: '7',
  'cache-control': 'max-age=60',
  'content-type': 'text/html; charset=utf-8',
  'x-word-count': '1200',
}

function page(paid: string, fields: Record<string, string> = {}, status = 200): Response {
  const body = `<html lang="en"><title>The bridge</title><meta name="description" content="How it was built.">
<article><p>The free part.</p><!--members-only--><p>${paid}</p></article>`
  return new Response(body, { status, headers: { ...SPOKEN, 'content-length': String(body.length), ...fields } })
}

interface Asking {
  readonly method?: string
  readonly fields?: Record<string, string>
  readonly body?: string
}

/** A gate in workerd, whose cache is the embedded one. */
function createGate(perSecond = 5): void {
  const issuers = [{ issuer: ISSUER, secret: 'SECRET' }]
  const options = {
    zones: [
      {
        ...ZONE,
        issuers,
        operators: issuers,
        routes: ROUTES,
        rails: [bearer(), receipt()],
        refusals: [html()],
        preview: PREVIEW,
        previewsPerSecond: perSecond,
      },
    ],
  }
  const found = compiled(options, { SECRET })
  const platform = { ...web({}), clock: () => now, htmlRewriter: HTMLRewriter }
  const services = createServices(found, platform)
  const cache = createEmbeddedCache(createMemoryStore(16 * 1024 * 1024), () => now)
  const answer = createApp({ ...services, log: (line) => lines.push(line) }, [explain(), purge()])
  const fetching: Origin = async (_admitted, outgoing) => {
    const request = outgoing()
    received.push(request)
    return origin(request)
  }
  const waitUntil = (work: Promise<unknown>): void => void waiting.push(work)
  const behind = { purge: cache.purge, origin: cache.stage(fetching, waitUntil) }
  app = async (path, { method = 'GET', fields = {}, body } = {}) => {
    const headers = { accept: 'text/html', ...fields }
    return answer(new Request(`https://a.test${path}`, { method, headers, ...(body && { body }) }), behind, waitUntil)
  }
}

beforeEach(() => {
  now = Date.now()
  received = []
  lines = []
  waiting = []
  vi.spyOn(console, 'warn').mockImplementation(() => undefined) // that no ledger is there
  origin = () => ok({ response: page('CANARY') })
  createGate()
})
afterEach(() => void vi.restoreAllMocks())

async function token(
  claims: Record<string, unknown> = {},
  header: Record<string, unknown> = {},
): Promise<Record<string, string>> {
  const iat = Math.floor(now / 1000)
  const good = { iss: ISSUER, aud: ZONE.audience, sub: 'ann', iat, exp: iat + 600, entitlements: ['premium'] }
  return { authorization: `Bearer ${await sign(await secretKey(SECRET), { ...good, ...claims }, header)}` }
}

const headOf = ({ status, headers }: Response) => [
  status,
  [...headers].filter(([name]) => name !== 'date' && name !== 'server-timing'),
]
const told = async (response: Response): Promise<string> =>
  (await response.text()).replaceAll(/urn:uuid:[\w-]+/g, 'instance')

describe('a refusal of a page', () => {
  it('shows what is public of it, and the paid part nowhere', async () => {
    const response = await app('/articles/1')
    const text = await response.text()
    expect(response.status).toBe(402)
    expect(response.headers.get('cache-control')).toBe('no-store')
    expect(text).toContain('The bridge')
    expect(text).toContain('The free part.')
    expect(text + JSON.stringify([...response.headers])).not.toContain('CANARY')
    expect(lines).toMatchObject([{ status: 402, decision: 'refuse', reason: 'payment-required', charged: undefined }])
  })

  it('tells programs the same', async () => {
    const response = await app('/articles/1', { fields: { accept: 'application/json' } })
    expect(await response.json()).toMatchObject({
      reason: 'payment-required',
      article: {
        title: 'The bridge',
        description: 'How it was built.',
        language: 'en',
        paragraphs: ['The free part.'],
      },
    })
  })

  it.each(['GET', 'HEAD'])(
    'has one head and body whatever the paid part is, asked for by %s in whatever way',
    async (method) => {
      const ways: Record<string, string>[] = [
        {},
        { 'if-none-match': '"1"' },
        { 'if-modified-since': SPOKEN['last-modified'] },
        { range: 'bytes=0-3', 'if-range': '"1"' },
        { 'cache-control': 'only-if-cached' },
      ]
      const answers = []
      for (const paid of ['one', 'another, and a much longer one']) {
        createGate()
        origin = () =>
          ok({ response: page(paid, { etag: `"${paid}"`, age: String(paid.length), 'x-word-count': paid }) })
        for (const fields of ways) {
          const response = await app('/articles/1', { method, fields })
          answers.push([headOf(response), await told(response)])
        }
      }
      for (const answer of answers) expect(answer).toEqual(answers[0])
      const { 'content-type': _type, 'cache-control': _cache, ...untold } = SPOKEN
      for (const name of Object.keys(untold)) expect(JSON.stringify(answers[0]?.[0])).not.toContain(`"${name}"`)
    },
  )

  it('comes with whatever of a payment is wanting', async () => {
    expect(await told(await app('/articles/1', { fields: await token({ entitlements: [] }) }))).toContain(
      'The free part.',
    )
    expect(lines).toMatchObject([{ reason: 'entitlement-insufficient' }])
  })
})

describe('the page itself', () => {
  it('is asked for as the gate, whole, by GET and with no field of the visitor', async () => {
    const credentials = { ...(await token({ exp: 1, iat: 0 })), cookie: '__Host-faregate=x; a=b', 'x-visitor': 'ann' }
    const others = { range: 'bytes=0-3', 'if-none-match': '"1"', 'accept-language': 'xx', 'user-agent': 'Ann/1' }
    const response = await app('/articles/1?utm=1', {
      method: 'HEAD',
      fields: { ...credentials, ...others, referer: 'https://b.test/' },
    })
    expect(response.status).toBe(402)
    expect(received.map(({ method }) => method)).toEqual(['GET'])
    const fields = JSON.stringify([...(received[0]?.headers ?? [])])
    for (const text of ['ann', 'Ann', 'xx', 'a=b', 'bytes', 'b.test', 'Bearer']) expect(fields).not.toContain(text)
    expect(received[0]?.headers.get('accept-encoding')).toBe('identity')
  })

  it('is asked for once, however many are refused', async () => {
    await Promise.all(Array.from({ length: 20 }, () => app('/articles/1')))
    await app('/articles/1')
    expect(received).toHaveLength(1)
  })

  it('is not asked for if a paying reader has fetched it', async () => {
    await (await app('/articles/1', { fields: await token() })).text()
    await Promise.all(waiting)
    expect(await told(await app('/articles/1'))).toContain('The free part.')
    expect(received).toHaveLength(1)
  })

  it('serves whoever pays next, and is the same copy', async () => {
    await app('/articles/1')
    expect(await (await app('/articles/1', { fields: await token() })).text()).toContain('CANARY')
    expect(received).toHaveLength(1)
  })

  it('is asked for anew once it is no longer fresh', async () => {
    await app('/articles/1')
    now += 54_000 // 7 s old when it came
    await app('/articles/1')
    expect(received).toHaveLength(2)
  })

  it('is asked for by few unpaid requests in a second', async () => {
    for (let id = 0; id < 20; id += 1) await app(`/articles/${id}`)
    expect(received).toHaveLength(5)
    now += 1000
    for (let id = 100; id < 120; id += 1) await app(`/articles/${id}`)
    expect(received).toHaveLength(10)
  })

  it('is never asked for where only copies may tell', async () => {
    expect(await told(await app('/copies/1'))).not.toContain('The free part.')
    expect(received).toEqual([])
    await (await app('/copies/1', { fields: await token() })).text()
    await Promise.all(waiting)
    expect(await told(await app('/copies/1'))).toContain('The free part.')
    expect(received).toHaveLength(1)
  })
})

describe('a page that the origin does not have', () => {
  it.each([404, 410])('(%d) is not on sale', async (status) => {
    origin = () => ok({ response: new Response('CANARY', { status }) })
    const response = await app('/articles/999', { fields: { accept: 'application/json' } })
    expect(response.status).toBe(404)
    const problem = await response.json()
    expect(problem).toMatchObject({ reason: 'not-found', status: 404, remedies: [] })
    expect(problem).not.toHaveProperty('offer')
    await app('/articles/999')
    expect(received).toHaveLength(1)
  })

  it('may be there a minute later', async () => {
    origin = () => ok({ response: new Response(null, { status: 404 }) })
    await app('/articles/999')
    origin = () => ok({ response: page('CANARY') })
    now += 59_000
    expect((await app('/articles/999')).status).toBe(404)
    now += 1000
    expect((await app('/articles/999')).status).toBe(402)
  })
})

describe('a purge', () => {
  const order = async (body: object): Promise<void> => {
    const claims = { sub: 'operator', scope: 'purge', aud: ZONE.audience, entitlements: undefined }
    const fields = { ...(await token(claims, { typ: 'operator+jwt' })), 'content-type': 'application/json' }
    const response = await app('/__faregate/purge', { method: 'POST', fields, body: JSON.stringify(body) })
    expect([response.status, response.status === 200 ? '' : await response.text()]).toEqual([200, ''])
    await Promise.all(waiting)
  }

  it('of its path fetches what is public anew at once', async () => {
    await app('/articles/1')
    now += 10
    await order({ pathPrefixes: ['/articles/1'] })
    expect(received).toHaveLength(2)
    now += 10
    await app('/articles/1')
    expect(received).toHaveLength(2)
  })

  it('of everything ends it', async () => {
    await app('/articles/1')
    now += 10
    await order({ everything: true })
    await app('/articles/1')
    expect(received).toHaveLength(2)
  })
})

it('A change through the gate ends what was known of the page', async () => {
  await app('/articles/1')
  origin = () => ok({ response: new Response(null, { status: 204 }) })
  await app('/articles/1', { method: 'PUT', fields: await token(), body: 'new' })
  origin = () => ok({ response: page('CANARY') })
  now += 10
  await app('/articles/1')
  expect(received.map(({ method }) => method)).toEqual(['GET', 'PUT', 'GET'])
})

describe('nothing is shown', () => {
  const plain = async (path: string, asking: Asking = {}): Promise<void> => {
    const response = await app(path, asking)
    expect(await response.text()).not.toContain('The free part.')
    expect(response.status).toBeGreaterThanOrEqual(402)
  }

  it.each(['/uncached/1', '/mine/1', '/silent/1'])(
    'of a page without a copy for everyone, or without leave: %s',
    async (path) => {
      await plain(path)
      expect(received).toEqual([])
    },
  )

  it.each([
    ['an account on hold', '/articles/1', async () => ({ fields: await token({ standing: 'on-hold' }) })],
    ['what is not for sale', '/staff/1', async () => ({ fields: await token() })],
    ['what is no request for a page', '/articles/1', async () => ({ method: 'POST', body: 'x' })],
  ] as const)('to %s, and no origin is asked', async (_what, path, asking) => {
    await plain(path, await asking())
    expect(received).toEqual([])
  })

  it.each([
    ['that leads elsewhere', () => ok({ response: page('x', { location: '/x' }, 302) })],
    ['that is compressed', () => ok({ response: page('x', { 'content-encoding': 'br' }) })],
    ['that fails', () => ok({ response: page('x', {}, 500) })],
    ['that no origin gives', () => err('origin-timeout' as const)],
    ['that is no page', () => ok({ response: page('x', { 'content-type': 'application/json' }) })],
    ['of a broken body', () => ok({ response: brokenPage() })],
  ])('of a page %s: the refusal is as any other', async (_what, answer) => {
    origin = answer
    const response = await app('/articles/1')
    expect(headOf(response)).toEqual(headOf(await app('/silent/1')))
    expect(await told(response)).not.toContain('The free part.')
  })
})

function brokenPage(): Response {
  const body = new ReadableStream<Uint8Array>({ pull: (controller) => controller.error(new Error('broke off')) })
  return new Response(body, { headers: { ...SPOKEN, 'cache-control': 'no-store' } })
}

it('Who has paid is served all of the page, and who is only watched too', async () => {
  expect(await (await app('/articles/1', { fields: await token() })).text()).toContain('CANARY')
  expect(await (await app('/watched/1')).text()).toContain('CANARY')
})

it('A preview is explained as what it is', async () => {
  const response = await app('/__faregate/explain?target=/articles/1', { fields: { accept: 'application/json' } })
  expect(await response.json()).toMatchObject({
    decision: { action: 'preview', reason: 'payment-required', status: 402 },
  })
})
