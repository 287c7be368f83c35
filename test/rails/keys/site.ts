import { SignJWT } from 'jose'
import { compile } from '../../../src/config/config.ts'
import type { EndpointFactory } from '../../../src/endpoints/endpoint.ts'
import { createGate } from '../../../src/gate.ts'
import {
  account,
  bearer,
  erase,
  events,
  explain,
  hold,
  keys,
  manageKeys,
  ownKeys,
  type KeysOptions,
} from '../../../src/index.ts'
import type { LedgerOutside } from '../../../src/ledger/host/outside.ts'
import type { LogRecord } from '../../../src/logrecord.ts'
import { memory } from '../../../src/platform/memory/index.ts'
import { ok } from '../../../src/core/result.ts'
import type { Ledger, Platform } from '../../../src/ports.ts'
import { ZONE } from '../../support/compiled.ts'

const SECRET = '0123456789abcdef0123456789abcdef'
export const ISSUER = 'https://billing.test'
export const OTHER_ISSUER = 'https://other.test'
const OPERATORS = 'https://operators.test'
const ENDPOINTS: EndpointFactory[] = [account(), explain(), events(), hold(), erase(), manageKeys(), ownKeys()]
const BINDINGS = { TOKEN_SECRET: SECRET, ACCOUNT_KEY: SECRET, GATE_1: 'one'.repeat(16), GATE_2: 'two'.repeat(16) }
export const GENERATIONS = [
  { generation: 2, secret: 'GATE_2' },
  { generation: 1, secret: 'GATE_1' },
]

type Fields = Readonly<Record<string, string>>

interface Given {
  readonly gate?: unknown
  readonly keys?: KeysOptions
  readonly id?: string
  readonly issuers?: readonly string[]
  readonly endpoints?: readonly EndpointFactory[]
}

export interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  readonly json: Readonly<Record<string, unknown>>
}

/** The ledgers and bulletins of a deployment, and the calls that all its isolates make to ledgers. */
export function createSite(outside: Partial<LedgerOutside> = {}) {
  const lines: LogRecord[] = []
  const platform = memory(BINDINGS, outside, { log: (written) => lines.push(...written) })
  const ledgers = { calls: 0, isUp: true }
  const counted: Platform = {
    ...platform,
    ledgers: (name, place) => watched(platform.ledgers?.(name, place), ledgers),
  }
  return { lines, ledgers, platform, isolate }

  /** A new isolate: it remembers nothing. */
  function isolate(given: Given = {}) {
    const zone = {
      ...ZONE,
      id: given.id ?? 'a',
      issuers: (given.issuers ?? [ISSUER]).map((issuer) => ({ issuer, secret: 'TOKEN_SECRET' })),
      operators: [{ issuer: OPERATORS, secret: 'TOKEN_SECRET' }],
      rails: [bearer({ from: [{ cookie: 'session' }, { scheme: 'Token' }] }), keys(given.keys ?? { self: true })],
      routes: [
        { path: '/paid', requires: 'premium', cache: 'off' as const },
        { path: '/api', requires: 'api', cache: 'off' as const },
        {
          path: '/metered',
          requires: 'premium',
          cache: 'off' as const,
          quotas: [{ name: 'calls', unit: 'requests', quota: 1000, window: 'P1D' as const }],
        },
      ],
      unmatched: { free: true as const, cache: 'off' as const },
    }
    const options = {
      zones: [zone],
      endpoints: given.endpoints ?? ENDPOINTS,
      secrets: { gate: given.gate ?? 'GATE_1' },
      log: { accountKey: 'ACCOUNT_KEY' },
    }
    const compiled = compile(options as never, BINDINGS, { needsOrigin: false })
    if (!compiled.ok) throw new Error(JSON.stringify(compiled.error))
    const gate = createGate(compiled, counted)
    const work: Promise<unknown>[] = []
    const received: Request[] = []
    const upstream = {
      origin: async (_admitted: unknown, outgoing: () => Request) => {
        received.push(outgoing())
        return ok({ response: new Response('the page') })
      },
      purge: async () => true,
    }
    const ask = async (path: string, fields: Fields = {}, init: RequestInit = {}): Promise<Answer> => {
      const request = new Request(`https://a.test${path}`, { ...init, headers: fields })
      const response = await gate.answer(request, upstream, (one) => void work.push(one))
      const text = await response.text()
      while (work.length > 0) await Promise.all(work.splice(0))
      const isJson = response.headers.get('content-type')?.includes('json') === true
      return { status: response.status, headers: response.headers, text, json: isJson ? JSON.parse(text) : {} }
    }
    const post = (path: string, fields: Fields, body: object): Promise<Answer> =>
      ask(path, { 'content-type': 'application/json', ...fields }, { method: 'POST', body: JSON.stringify(body) })
    return {
      gate,
      received,
      ask,
      withKey: (key: string, path = '/paid', fields: Fields = {}) =>
        ask(path, { authorization: `Bearer ${key}`, ...fields }),
      /** As an operator. */
      order: async (body: object, scope = 'keys', path = 'keys') =>
        post(`/__faregate/${path}`, { authorization: `Bearer ${await operatorToken(scope)}` }, body),
      /** As the owner. */
      own: async (body: object, claims: object = {}, fields: Fields = {}) =>
        post('/__faregate/account/keys', { authorization: `Bearer ${await accountToken(claims)}`, ...fields }, body),
      post,
    }
  }
}

export type Isolate = ReturnType<ReturnType<typeof createSite>['isolate']>

function watched(ledger: Ledger | undefined, state: { calls: number; isUp: boolean }): Ledger {
  if (ledger === undefined) throw new Error('no ledger')
  return new Proxy(ledger, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name)
      if (typeof member !== 'function') return member
      return (...args: unknown[]) => {
        state.calls += 1
        return state.isUp ? member.apply(target, args) : Promise.resolve({ ok: false, error: 'ledger-unavailable' })
      }
    },
  })
}

async function sign(issuer: string, type: string, claims: object, seconds: number): Promise<string> {
  const now = Math.floor(Date.now() / 1000)
  return new SignJWT({ ...claims })
    .setProtectedHeader({ alg: 'HS256', typ: type })
    .setIssuer(issuer)
    .setAudience(ZONE.audience)
    .setIssuedAt(now)
    .setExpirationTime(now + seconds)
    .sign(new TextEncoder().encode(SECRET))
}

export const accountToken = (claims: object = {}): Promise<string> =>
  sign(ISSUER, 'entitlement+jwt', { sub: 'ann', entitlements: ['premium'], ...claims }, 3600)
const operatorToken = (scope: string): Promise<string> => sign(OPERATORS, 'operator+jwt', { sub: 'olga', scope }, 600)

/** Makes a key of ann's, and returns its text and its id. */
export async function makeKeyAt({ order }: Isolate, terms: object = {}): Promise<{ key: string; id: string }> {
  const made = await order({ action: 'create', account: 'ann', name: 'CI', entitlements: ['premium'], ...terms })
  if (made.status !== 200) throw new Error(made.text)
  const { secret, key } = made.json as { secret: string; key: { id: string } }
  return { key: secret, id: key.id }
}
