import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { buildTable, type Route } from '../../src/access/route.ts'
import { err, ok } from '../../src/core/result.ts'
import { createApp } from '../../src/gate.ts'
import { bearer, explain, receipt } from '../../src/index.ts'
import type { Origin } from '../../src/ports.ts'
import { createServices } from '../../src/services.ts'
import type { Site } from '../../src/site.ts'
import { compiled, siteAt, ZONE } from '../support/compiled.ts'
import { secretKey, sign } from '../support/issuer.ts'
import type { RefusalFormat } from '../../src/refusals/format.ts'
import { END, teaser } from '../refusals/teaser.ts'
import { web } from '../../src/platform/web/index.ts'
import type { LogRecord } from '../../src/logrecord.ts'

const SECRET = '0123456789abcdef0123456789abcdef'
const ISSUER = 'https://i.test'
const PRICE = { amount: '0.25', currency: 'USD' }
const ROUTES = [
  { path: '/articles/*', requires: 'premium' },
  { path: '/uncached/*', requires: 'premium', cache: 'off' as const },
  { path: '/mine/*', requires: 'premium', cache: { key: 'account' as const } },
  { path: '/plans/*', requires: 'premium', cache: { key: 'plan' as const } },
  { path: '/priced/*', price: PRICE },
  { path: '/staff/*', requires: 'staff', offer: false as const },
  { path: '/watched/*', requires: 'premium', observe: { until: '2100-01-01T00:00:00Z' } },
]

/** A configuration cannot ask for previews yet: the compiled terms do. */
function withPreviews(site: Site): Site {
  const previewing = (route: Route): Route =>
    route.terms.kind === 'paid' ? { ...route, terms: { ...route.terms, preview: true } } : route
  const { entries, unmatched } = site.zone.routes
  const routes = buildTable(
    entries.map(({ route }) => previewing(route)),
    unmatched,
  )
  return { ...site, zone: { ...site.zone, routes } }
}

let received: Request[]
let lines: LogRecord[]
let origin: (request: Request) => ReturnType<Origin>
let format: RefusalFormat

beforeEach(() => {
  received = []
  lines = []
  format = teaser(false)
  vi.spyOn(console, 'warn').mockImplementation(() => undefined) // that no ledger is there
  origin = () => ok({ response: page('the paid part') })
})
afterEach(() => void vi.restoreAllMocks())

const SPOKEN = {
  etag: '"1"',
  'last-modified': 'Mon, 01 Jun 2026 00:00:00 GMT',
  age: '7',
  'cache-status': 'origin; hit',
  'content-type': 'text/html; charset=utf-8',
  'set-cookie': 'a=b',
  'x-word-count': '1200',
}

function page(paid: string, fields: Record<string, string> = {}, status = 200): Response {
  const body = `<p>the free part</p>${END}<p>${paid}</p>`
  return new Response(body, { status, headers: { ...SPOKEN, 'content-length': String(body.length), ...fields } })
}

interface Asking {
  readonly method?: string
  readonly fields?: Record<string, string>
  readonly body?: string
}

async function ask(path: string, { method = 'GET', fields = {}, body }: Asking = {}): Promise<Response> {
  const issuers = [{ issuer: ISSUER, secret: 'SECRET' }]
  const zone = { ...ZONE, issuers, routes: ROUTES, rails: [bearer(), receipt()], refusals: [format] }
  const found = compiled({ zones: [zone] }, { SECRET })
  const site = withPreviews(siteAt(found, 'a.test'))
  const services = createServices({ ...found, sites: new Map([['a.test', site]]) }, web({}))
  const app = createApp({ ...services, log: (line) => lines.push(line) }, [explain()])
  const behind = {
    purge: async () => false,
    origin: (async (_admitted, outgoing) => {
      const request = outgoing()
      received.push(request)
      return origin(request)
    }) satisfies Origin,
  }
  const headers = { accept: 'text/teaser', ...fields }
  return app(new Request(`https://a.test${path}`, { method, headers, ...(body && { body }) }), behind, () => undefined)
}

async function token(claims: Record<string, unknown> = {}): Promise<Record<string, string>> {
  const now = Math.floor(Date.now() / 1000)
  const good = { iss: ISSUER, aud: ZONE.audience, sub: 'ann', iat: now, exp: now + 600, entitlements: ['premium'] }
  const signed = await sign(await secretKey(SECRET), { ...good, ...claims })
  return { authorization: `Bearer ${signed}` }
}

const headOf = ({ status, headers }: Response) => [status, [...headers].filter(([name]) => name !== 'date')]
const told = async (response: Response): Promise<string> =>
  (await response.text()).replace(/urn:uuid:[\w-]+/, 'instance')
const TEASER = '<p>the free part</p><p>Payment required</p><p>instance</p>'

describe.each([
  ['whole', false],
  ['as a stream', true],
])('a preview that its format writes %s', (_how, streamed) => {
  beforeEach(() => {
    format = teaser(streamed)
  })

  it('is a refusal with the free part of the page, and the paid part nowhere', async () => {
    const response = await ask('/articles/1')
    expect(response.status).toBe(402)
    expect(response.headers.get('content-type')).toBe(SPOKEN['content-type'])
    expect(response.headers.get('cache-control')).toBe('no-store')
    expect(response.headers.get('www-authenticate')).toContain('Bearer')
    expect(await told(response)).toBe(TEASER)
    expect(lines).toMatchObject([{ status: 402, decision: 'refuse', reason: 'payment-required', charged: undefined }])
  })

  it.each(['GET', 'HEAD'])(
    'has one head whatever the paid part is, asked for by %s in whatever way',
    async (method) => {
      const ways: Record<string, string>[] = [
        {},
        { 'if-none-match': '"1"' },
        { 'if-modified-since': SPOKEN['last-modified'] },
        { range: 'bytes=0-3', 'if-range': '"1"' },
        { 'cache-control': 'only-if-cached' },
      ]
      const heads = []
      for (const fields of ways) {
        for (const paid of ['one', 'another, and a much longer one']) {
          origin = () =>
            ok({ response: page(paid, { etag: `"${paid}"`, age: String(paid.length), 'x-word-count': paid }) })
          const response = await ask('/articles/1', { method, fields })
          heads.push(headOf(response))
          expect(await told(response)).toBe(method === 'HEAD' ? '' : TEASER)
        }
      }
      for (const head of heads) expect(head).toEqual(heads[0])
      const { 'content-type': _type, ...untold } = SPOKEN
      for (const name of Object.keys(untold)) expect(JSON.stringify(heads[0])).not.toContain(`"${name}"`)
    },
  )
})

describe('the page of a preview', () => {
  it('is asked for as an anonymous reader would, whole and by GET', async () => {
    const credentials = {
      ...(await token({ exp: 1, iat: 0 })),
      cookie: '__Host-faregate=x; a=b',
      'faregate-receipt': 'x',
    }
    const fields = { ...credentials, range: 'bytes=0-3', 'if-none-match': '"1"', 'accept-encoding': 'gzip' }
    const response = await ask('/articles/1', { method: 'HEAD', fields })
    expect(response.status).toBe(402)
    expect(received.map(({ method }) => method)).toEqual(['GET'])
    const names = [...(received[0]?.headers.keys() ?? [])]
    for (const name of ['authorization', 'cookie', 'faregate-receipt', 'faregate-subject', 'range', 'if-none-match'])
      expect(names).not.toContain(name)
    expect(received[0]?.headers.get('accept-encoding')).toBe('identity')
  })

  it('comes with whatever of a payment is wanting', async () => {
    const response = await ask('/articles/1', { fields: await token({ entitlements: [] }) })
    expect(await told(response)).toContain('the free part')
    expect(lines).toMatchObject([{ reason: 'entitlement-insufficient' }])
  })
})

describe('without a preview', () => {
  const plain = async (path: string, asking: Asking = {}): Promise<void> => {
    const response = await ask(path, asking)
    expect(await response.text()).not.toContain('the free part')
    expect(response.status).toBeGreaterThanOrEqual(402)
  }

  it.each(['/uncached/1', '/mine/1', '/plans/1'])('is what has no copy for everyone: %s', async (path) => {
    await plain(path)
    expect(received).toEqual([])
  })

  it.each([
    ['an account on hold', '/articles/1', async () => ({ fields: await token({ standing: 'on-hold' }) })],
    ['what is not for sale', '/staff/1', async () => ({ fields: await token() })],
    ['what is no request for a page', '/articles/1', async () => ({ method: 'POST', body: 'x' })],
    ['a price that its reader is asked to confirm', '/priced/1', async () => ({ fields: await cookie() })],
    ['a format without one', '/articles/1', async () => ({ fields: { accept: 'application/json' } })],
  ] as const)('is %s, and no origin is asked', async (_what, path, asking) => {
    await plain(path, await asking())
    expect(received).toEqual([])
  })

  it.each([
    ['that is not there', () => ok({ response: page('x', {}, 404) })],
    ['that leads elsewhere', () => ok({ response: page('x', { location: '/x' }, 302) })],
    ['that is compressed', () => ok({ response: page('x', { 'content-encoding': 'br' }) })],
    ['that no origin gives', () => err('origin-timeout' as const)],
    ['without a mark', () => ok({ response: new Response('all of it is paid', { headers: SPOKEN }) })],
  ])('is a page %s: the refusal is as for any other', async (_what, answer) => {
    origin = answer
    const response = await ask('/articles/1')
    expect(headOf(response)).toEqual(headOf(await ask('/uncached/1')).with(0, 402))
    expect(await response.text()).toBe('Payment required')
    expect(received).toHaveLength(1)
  })
})

it('Who has paid is served all of the page, and who is only watched too', async () => {
  expect(await (await ask('/articles/1', { fields: await token() })).text()).toContain('the paid part')
  expect(await (await ask('/watched/1')).text()).toContain('the paid part')
})

it('A preview is explained as what it is', async () => {
  const response = await ask('/__faregate/explain?target=/articles/1')
  expect(await response.json()).toMatchObject({
    decision: { action: 'preview', reason: 'payment-required', status: 402 },
  })
})

it('A bug in a format is answered 500, and shows nothing', async () => {
  format = {
    ...teaser(false),
    preview: ({ detail }) => Promise.reject(new TypeError(detail)),
  }
  const noted = vi.spyOn(console, 'error').mockImplementation(() => undefined)
  const response = await ask('/articles/1')
  expect([response.status, await response.text()]).toEqual([500, 'Internal error'])
  expect(noted).toHaveBeenCalledTimes(1)
})

async function cookie(): Promise<Record<string, string>> {
  const { authorization = '' } = await token({ entitlements: [] })
  return { cookie: `__Host-faregate=${authorization.slice('Bearer '.length)}`, 'sec-fetch-site': 'none' }
}
