import { calculateJwkThumbprint } from 'jose'
import type { IssuerOptions } from '../../src/config/options.ts'
import { ok } from '../../src/core/result.ts'
import { createGate } from '../../src/gate.ts'
import {
  account,
  bearer,
  credit,
  emergency,
  events,
  explain,
  hold,
  manageFeeds,
  manageKeys,
  ownKeys,
  purge,
  receipt,
} from '../../src/index.ts'
import type { LogRecord } from '../../src/logrecord.ts'
import type { BulletinStores } from '../../src/ports.ts'
import { memory } from '../../src/platform/memory/index.ts'
import { compiled, ZONE } from '../support/compiled.ts'
import { makeKeys, sign, type TestKey } from '../support/issuer.ts'
import { packed } from '../support/statuslist.ts'

export const ISSUER = 'https://billing.test'
export const HOUR = 3600
const LIST = `${ISSUER}/status/1`

const now = (): number => Math.floor(Date.now() / 1000)

/**
 * A site whose billing signs with two keys, one of which is stolen. The thief may sign operator tokens too. Isolates share a
 * store, and time is the test's.
 */
export async function createEmergency(change: Partial<IssuerOptions> = {}) {
  const [stolen, honest, operator] = await makeKeys('stolen', 'honest', 'operator')
  const lines: LogRecord[] = []
  const site = { isDown: false, listKey: stolen }
  const platform = memory(
    {},
    {},
    {
      log: (written) => lines.push(...written),
      fetch: async () => {
        const claims = { sub: LIST, iat: now() - 1, ttl: 60, status_list: await packed(1, [0]) }
        return new Response(await sign(site.listKey, claims, { typ: 'statuslist+jwt' }))
      },
    },
  )
  const bulletins: BulletinStores = (zone, place) => {
    if (site.isDown) throw new Error('the store is down')
    return platform.bulletins?.(zone, place) ?? never()
  }
  const zone = {
    ...ZONE,
    name: 'news',
    issuers: [{ issuer: ISSUER, keys: [stolen.jwk, honest.jwk], statusLists: { allow: [LIST] }, ...change }],
    operators: [{ issuer: ISSUER, keys: [stolen.jwk, operator.jwk] }],
    rails: [bearer(), receipt()],
    routes: [
      { path: '/paid', requires: 'premium', cache: 'off' as const },
      { path: '/sold', price: { amount: '0.50', currency: 'EUR' }, cache: 'off' as const },
    ],
  }
  const endpoints = [account(), explain(), events(), purge(), credit(), hold(), emergency()]
  return { stolen, honest, operator, site, lines, platform, isolate, tokens: tokensOf, thumbprint }

  /** A new isolate: it remembers nothing. */
  function isolate(options: Readonly<Record<string, unknown>> = {}, env: Readonly<Record<string, string>> = {}) {
    const ofKeys = env['GATE_SECRET'] === undefined ? {} : { secrets: { gate: 'GATE_SECRET' } }
    const listed = env['GATE_SECRET'] === undefined ? endpoints : [...endpoints, manageKeys(), ownKeys(), manageFeeds()]
    const config = compiled({ zones: [{ ...zone, ...options }], endpoints: listed, ...ofKeys }, env)
    const gate = createGate(ok(config), { ...platform, bulletins })
    const work: Promise<unknown>[] = []
    const upstream = { origin: async () => ok({ response: new Response('the page') }), purge: async () => true }
    const send = async (path: string, init: RequestInit) => {
      const waitUntil = (one: Promise<unknown>): void => void work.push(one)
      const response = await gate.answer(new Request(`https://a.test${path}`, init), upstream, waitUntil)
      const text = await response.text()
      while (work.length > 0) await Promise.all(work.splice(0))
      const body = text.startsWith('{') ? (JSON.parse(text) as Record<string, unknown>) : {}
      return { status: response.status, body, reason: body['reason'], headers: response.headers }
    }
    const withToken = (token: string, type?: string): Headers =>
      new Headers({ authorization: `Bearer ${token}`, ...(type && { 'content-type': type }) })
    const post = (path: string, token: string, body: unknown) =>
      send(path, { method: 'POST', headers: withToken(token, 'application/json'), body: JSON.stringify(body) })
    return {
      send,
      ask: (path: string, token: string) => send(path, { headers: withToken(token) }),
      /** Returns the statuses of several tokens on a paid page. */
      statuses: async (tokens: readonly string[]) => {
        const found: number[] = []
        for (const token of tokens) found.push((await send('/paid', { headers: withToken(token) })).status)
        return found
      },
      order: async (path: string, body: unknown, key = operator) =>
        post(`/__faregate/${path}`, await tokensOf(key).operator(path), body),
      event: (token: string) =>
        send('/__faregate/events', {
          method: 'POST',
          headers: { 'content-type': 'application/secevent+jwt' },
          body: token,
        }),
    }
  }
}

function never(): never {
  throw new Error('there is no store')
}

/** The RFC 7638 thumbprint of a key. */
export function thumbprint({ jwk }: TestKey): Promise<string> {
  return calculateJwkThumbprint(jwk)
}

/** Tokens of each kind that a key signs. */
function tokensOf(key: TestKey) {
  const common = () => ({ iss: ISSUER, aud: ZONE.audience, iat: now(), exp: now() + 6 * HOUR })
  return {
    entitlement: (claims: Record<string, unknown> = {}) =>
      sign(key, { ...common(), sub: 'ann', entitlements: ['premium'], ...claims }),
    receipt: (jti: string) => {
      const bought = { amount: '0.50', currency: 'EUR', resource: '/sold', methods: ['GET'] }
      return sign(key, { ...common(), jti, ...bought }, { typ: 'payment+jwt' })
    },
    operator: (scope: string) => sign(key, { ...common(), exp: now() + 600, scope }, { typ: 'operator+jwt' }),
    listed: () =>
      sign(key, {
        ...common(),
        sub: 'lis',
        entitlements: ['premium'],
        status: { status_list: { idx: 0, uri: LIST } },
      }),
    event: (jti: string, events: Record<string, unknown>, sub = 'ann') => {
      const { exp: _exp, ...rest } = common()
      const named = Object.entries(events).map(([name, payload]) => [`urn:faregate:event:${name}`, payload])
      return sign(key, { ...rest, jti, sub, toe: now(), events: Object.fromEntries(named) }, { typ: 'secevent+jwt' })
    },
  }
}
