import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { err, ok } from '../../src/core/result.ts'
import { refusal } from '../../src/core/problem.ts'
import type { Exempted, ExemptionPlugin, ExemptionRequest, RefusedDecision } from '../../src/exemptions/exemption.ts'
import { createApp } from '../../src/gate.ts'
import { bearer, mcp } from '../../src/index.ts'
import type { LogRecord } from '../../src/logrecord.ts'
import type { Origin } from '../../src/ports.ts'
import type { Rail } from '../../src/rails/rail.ts'
import { createServices } from '../../src/services.ts'
import { web } from '../../src/platform/web/index.ts'
import { compiled, ZONE } from '../support/compiled.ts'
import { secretKey, sign } from '../support/issuer.ts'

const SECRET = '0123456789abcdef0123456789abcdef'
const ISSUER = 'https://i.test'
const ROUTES = [
  { path: '/articles/*', requires: 'premium' },
  { path: '/own/*', requires: 'premium', cache: 'off' as const },
  { path: '/staff/*', requires: 'staff', offer: false as const },
  { path: '/closed/*', closed: true as const },
  { path: '/mcp', requires: 'premium', protocol: mcp({ tools: {} }) },
  { path: '/watched/*', requires: 'premium', observe: { until: '2100-01-01T00:00:00Z' } },
]
const SERVED: Exempted = { kind: 'serve', proof: undefined, cost: undefined }

let received: Request[]
let lines: LogRecord[]
let judged: (readonly [string, RefusedDecision, ExemptionRequest])[]
let answer: () => Response
let isUnreachable: boolean

beforeEach(() => {
  received = []
  lines = []
  judged = []
  isUnreachable = false
  answer = () => new Response('the paid page', { headers: { 'content-type': 'text/html' } })
  vi.spyOn(console, 'warn').mockImplementation(() => undefined) // that no ledger is there
})
afterEach(() => void vi.restoreAllMocks())

function exemption(name: string, judge: () => Exempted | undefined | Promise<Exempted | undefined>): ExemptionPlugin {
  return {
    name,
    faults: () => [],
    create: () => ({
      name,
      judge(refused, asked) {
        judged.push([name, refused, asked])
        return judge()
      },
    }),
  }
}

interface Asked {
  readonly method?: string
  readonly fields?: Record<string, string>
  readonly rail?: Rail
}

async function ask(
  path: string,
  exemptions: ExemptionPlugin[],
  { method = 'GET', fields = {}, rail = bearer() }: Asked = {},
): Promise<Response> {
  const issuers = [{ issuer: ISSUER, secret: 'SECRET' }]
  const zones = [{ ...ZONE, issuers, routes: ROUTES, rails: [rail], exemptions }]
  const found = compiled({ secrets: { gate: 'SECRET' }, zones }, { SECRET })
  const services = createServices(found, { ...web({}), clientAddress: () => '192.0.2.1' })
  const app = createApp({ ...services, log: (line) => lines.push(line) }, [])
  const behind = {
    purge: async () => false,
    origin: (async (_admitted, outgoing) => {
      received.push(outgoing())
      if (isUnreachable) return err('origin-unreachable')
      return ok({ response: answer() })
    }) satisfies Origin,
  }
  return app(new Request(`https://a.test${path}`, { method, headers: fields }), behind, () => undefined)
}

async function token(claims: Record<string, unknown> = {}): Promise<Record<string, string>> {
  const now = Math.floor(Date.now() / 1000)
  const good = { iss: ISSUER, aud: ZONE.audience, sub: 'ann', iat: now, exp: now + 600, entitlements: ['premium'] }
  return { authorization: `Bearer ${await sign(await secretKey(SECRET), { ...good, ...claims })}` }
}

describe('an exemption', () => {
  it('opens a page to which nobody paid, as to an anonymous reader, and the log names it', async () => {
    const response = await ask('/articles/1', [exemption('open', () => SERVED)])
    expect([response.status, await response.text()]).toEqual([200, 'the paid page'])
    expect(response.headers.get('cache-control')).toContain('private')
    expect(lines).toMatchObject([{ status: 200, decision: 'serve', exempt: 'open', charged: undefined }])
  })

  it.each(['/articles/1', '/own/1'])('tells the origin of nobody, whoever is signed in: %s', async (path) => {
    const response = await ask(path, [exemption('open', () => SERVED)], { fields: await token({ entitlements: [] }) })
    expect(response.status).toBe(200)
    expect([...(received[0]?.headers.keys() ?? [])].filter((name) => /authorization|^faregate/.test(name))).toEqual([])
  })

  it('adds its fields to what is served, and makes that private', async () => {
    answer = () => new Response('page', { headers: { 'cache-control': 'public, max-age=60' } })
    const withField: Exempted = { ...SERVED, fieldsFor: async ({ status }) => [['Set-Cookie', `seen=${status}`]] }
    const response = await ask('/articles/1', [exemption('open', () => withField)])
    expect(response.headers.get('set-cookie')).toBe('seen=200')
    expect(response.headers.get('cache-control')).toMatch(/private/)
    expect(response.headers.get('cache-control')).not.toMatch(/public/)
  })

  it('adds its fields to those of a session that was renewed', async () => {
    const rail: Rail = {
      ...bearer(),
      async present(carried) {
        const presented = await bearer().present(carried)
        return presented?.role === 'entitlement' ? { ...presented, fields: [['Set-Cookie', 'session=2']] } : presented
      },
    }
    const withField: Exempted = { ...SERVED, fieldsFor: () => [['Set-Cookie', 'seen=1']] }
    const fields = await token({ entitlements: [] })
    const response = await ask('/articles/1', [exemption('open', () => withField)], { fields, rail })
    expect(response.headers.getSetCookie()).toEqual(['seen=1', 'session=2'])
  })

  it('is told if nothing was served after all', async () => {
    const release = vi.fn()
    const exemptions = [exemption('open', () => ({ ...SERVED, release }))]
    await ask('/articles/1', exemptions)
    expect(release).not.toHaveBeenCalled()
    isUnreachable = true
    expect((await ask('/articles/1', exemptions)).status).toBe(502)
    expect(release).toHaveBeenCalledTimes(1)
  })

  it('opened a socket, and the stream of a protocol, as if they were pages', async () => {
    const open = [exemption('open', () => SERVED)]
    const socket = await ask('/articles/1', open, { fields: { upgrade: 'websocket', connection: 'upgrade' } })
    const stream = await ask('/mcp', open, { fields: { accept: 'text/event-stream' } })
    expect([socket.status, stream.status, judged, received]).toEqual([402, 402, [], []])
  })

  it('may refuse in words of its own', async () => {
    const why = refusal('payment-required', 'The free pages of this month are read.')
    const response = await ask('/articles/1', [exemption('meter', () => ({ kind: 'refuse', refusal: why }))])
    expect([response.status, await response.json()]).toMatchObject([402, { detail: why.detail }])
  })

  it('is asked in turn, and the first that opens decides', async () => {
    const why = refusal('payment-required', 'Used up.')
    await ask('/articles/1', [
      exemption('first', () => undefined),
      exemption('second', () => ({ kind: 'refuse', refusal: why })),
      exemption('third', async () => SERVED),
      exemption('fourth', () => SERVED),
    ])
    expect(judged.map(([name]) => name)).toEqual(['first', 'second', 'third'])
    expect(lines).toMatchObject([{ decision: 'serve', exempt: 'third' }])
  })

  it('learns the address of the client from the platform alone', async () => {
    await ask('/articles/1', [exemption('open', () => SERVED)], { fields: { 'x-forwarded-for': '203.0.113.9' } })
    expect(judged.map(([, , { clientAddress }]) => clientAddress())).toEqual(['192.0.2.1'])
  })
})

it.each([
  ['who has paid', '/articles/1', async () => ({ fields: await token() }), 200],
  ['an account on hold', '/articles/1', async () => ({ fields: await token({ standing: 'on-hold' }) }), 402],
  ['what is not for sale', '/staff/1', async () => ({ fields: await token() }), 403],
  ['what is closed', '/closed/1', async () => ({}), 403],
  ['what writes', '/articles/1', async () => ({ method: 'POST' }), 402],
  ['a route that is only watched', '/watched/1', async () => ({}), 200],
] as const)('No exemption is asked about %s', async (_what, path, asking, status) => {
  const response = await ask(path, [exemption('open', () => SERVED)], await asking())
  expect([response.status, judged]).toEqual([status, []])
})

it('A bug in an exemption serves nothing', async () => {
  vi.spyOn(console, 'error').mockImplementation(() => undefined)
  const broken = exemption('broken', () => Promise.reject(new TypeError('a bug')))
  expect((await ask('/articles/1', [broken])).status).toBe(500)
  expect(received).toEqual([])
})
