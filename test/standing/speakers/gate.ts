import { createGate } from '../../../src/gate.ts'
import { ok } from '../../../src/core/result.ts'
import { auth0, entra } from '../../../src/config/providers.ts'
import type { IssuerOptions, ZoneOptions } from '../../../src/config/options.ts'
import { credit } from '../../../src/endpoints/credit.ts'
import { explain } from '../../../src/endpoints/explain.ts'
import { events } from '../../../src/endpoints/events.ts'
import { hold } from '../../../src/endpoints/hold.ts'
import { account } from '../../../src/account/account.ts'
import { memory, type MemoryPlatform } from '../../../src/platform/memory/index.ts'
import { compiled, ZONE } from '../../support/compiled.ts'
import { makeKey, sign, type TestKey } from '../../support/issuer.ts'
import { lateFetch } from '../../support/fetch.ts'

/**
 * A site whose readers sign in at identity providers, and whose billing speaks for their accounts. Several isolates stand
 * on the same ledgers, and the clock is driven.
 */

export const BILLING = 'https://billing.test'
export const TENANT = '3f2a77de-7e10-44d1-8fc6-9cf2ba1f2d5c'
export const AUTH0 = 'https://tenant.eu.auth0.com/'
export const ENTRA = `https://login.microsoftonline.com/${TENANT}/v2.0`
export const READER = 'auth0|6526a1e5c2b7'
export const BOUND_MS = 5000
export const DAY_MS = 86_400_000
const AUDIENCE = 'https://a.test'

/** The answer: its status, its reason if it is a refusal, and its detail. */
export interface Answered {
  readonly status: number
  readonly reason: unknown
  readonly detail: unknown
  readonly body: unknown
}

export type Isolate = (path: string, init?: RequestInit) => Promise<Answered>

type Members = Record<string, unknown>

export interface SpeakersWorld {
  /** Milliseconds since 1970. */
  now: number
  /** A new isolate, which remembers nothing. */
  readonly isolate: () => Isolate
  /** The number of statements asked of ledgers. */
  readonly asked: () => number
  /** Signs in: a token of the identity provider, issued now, good for a day. */
  readonly signIn: (over?: Members) => Promise<RequestInit>
  readonly event: (subject: Members, said: Members, over?: Members) => Promise<RequestInit>
  readonly order: (scope: string, body: unknown) => Promise<RequestInit>
  /** Lets time pass, and has every alarm ring that is due. */
  readonly pass: (ms: number) => Promise<void>
}

interface Given {
  /** Laid over the options of billing. */
  readonly billing?: Partial<IssuerOptions>
  readonly zone?: Partial<ZoneOptions>
  readonly env?: Readonly<Record<string, string>>
}

export async function createSpeakersWorld({ billing = {}, zone = {}, env = {} }: Given = {}): Promise<SpeakersWorld> {
  const [ours, theirs] = await Promise.all([makeKey('ES256', 'billing'), makeKey('RS256', 'theirs')])
  const options = {
    zones: [{ ...ZONE, issuers: issuersOf(ours, theirs, billing), ...zoneOptions(ours), ...zone }],
    endpoints: [account(), credit(), events(), explain(), hold()],
  }
  const config = compiled(options, env, false)
  let asked = 0
  const platform = countingStatements(
    memory(env, {}, { clock: () => world.now, fetch: lateFetch, log: () => undefined }),
    () => (asked += 1),
  )
  const world: SpeakersWorld = {
    now: 1_800_000_000_000,
    isolate: () => isolateOf(platform, config),
    asked: () => asked,
    signIn: (over = {}) => bearing(theirs, { ...loginAt(world.now), ...over }, { typ: 'JWT' }),
    event: (subject, said, over = {}) => postedEvent(ours, world.now, subject, said, over),
    order: (scope, body) => ordered(ours, world.now, scope, body),
    async pass(ms) {
      world.now += ms
      await platform.ring()
    },
  }
  return world
}

function issuersOf(ours: TestKey, theirs: TestKey, over: Partial<IssuerOptions>): IssuerOptions[] {
  return [
    { issuer: BILLING, keys: [ours.jwk], speaksFor: [AUTH0, ENTRA], ...over },
    auth0({ domain: 'tenant.eu.auth0.com', audience: AUDIENCE, keys: [theirs.jwk] }),
    ...entra({ tenants: [TENANT], audience: AUDIENCE, keys: [theirs.jwk] }),
  ]
}

function zoneOptions(ours: TestKey): Partial<ZoneOptions> {
  return {
    operators: [{ issuer: 'https://ops.test', keys: [ours.jwk] }],
    routes: [
      { path: '/paid/*', requires: 'premium' },
      {
        path: '/counted/*',
        requires: 'premium',
        quotas: [{ name: 'reads', quota: 1000, window: 'P1D' }],
        cache: 'off',
      },
    ],
  }
}

function countingStatements(platform: MemoryPlatform, count: () => void): MemoryPlatform {
  const { ledgers } = platform
  if (ledgers === undefined) throw new Error('no ledgers')
  return {
    ...platform,
    ledgers: (name, place) => {
      const ledger = ledgers(name, place)
      const counted = (token: string | undefined): ReturnType<typeof ledger.statements> => {
        count()
        return ledger.statements(token)
      }
      return new Proxy(ledger, {
        get: (of, member) => {
          if (member === 'statements') return counted
          const value: unknown = Reflect.get(of, member, of)
          return typeof value === 'function' ? value.bind(of) : value
        },
      })
    },
  }
}

function isolateOf(platform: MemoryPlatform, config: ReturnType<typeof compiled>): Isolate {
  const gate = createGate(ok(config), platform)
  const behind = { origin: () => ok({ response: new Response('the paid page') }), purge: async () => true }
  return async (path, init = {}) => {
    const begun: Promise<unknown>[] = []
    const request = new Request(`https://a.test${path}`, init)
    const response = await gate.answer(request, behind, (work) => void begun.push(work))
    const text = await response.text()
    while (begun.length > 0) await Promise.all(begun.splice(0))
    const body = text.startsWith('{') ? (JSON.parse(text) as Members) : {}
    return { status: response.status, reason: body['reason'], detail: body['detail'] ?? body['description'], body }
  }
}

function loginAt(now: number): Members {
  const iat = Math.floor(now / 1000)
  return { iss: AUTH0, sub: READER, aud: [AUDIENCE], azp: 'app', permissions: ['premium'], iat, exp: iat + 86_400 }
}

async function bearing(key: TestKey, claims: Members, header: Members): Promise<RequestInit> {
  return { headers: { authorization: `Bearer ${await sign(key, claims, header)}` } }
}

async function postedEvent(
  key: TestKey,
  now: number,
  subject: Members,
  said: Members,
  over: Members,
): Promise<RequestInit> {
  const iat = Math.floor(now / 1000)
  const named = Object.entries(said).map(([name, payload]) => [`urn:faregate:event:${name}`, payload])
  const claims = { iss: BILLING, aud: AUDIENCE, iat, toe: now / 1000, jti: crypto.randomUUID(), ...subject }
  const all = { ...claims, events: Object.fromEntries(named) as unknown, ...over }
  const body = await sign(key, all, { typ: 'secevent+jwt' })
  return { method: 'POST', headers: { 'content-type': 'application/secevent+jwt' }, body }
}

async function ordered(key: TestKey, now: number, scope: string, body: unknown): Promise<RequestInit> {
  const iat = Math.floor(now / 1000)
  const claims = { iss: 'https://ops.test', aud: AUDIENCE, sub: 'ops', iat, exp: iat + 300, scope }
  const token = await sign(key, claims, { typ: 'operator+jwt' })
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
  return { method: 'POST', headers, body: JSON.stringify(body) }
}
