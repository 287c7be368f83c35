import { SignJWT } from 'jose'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { ZoneOptions } from '../../src/config/options.ts'
import { ok } from '../../src/core/result.ts'
import { createGate } from '../../src/gate.ts'
import { bearer } from '../../src/index.ts'
import type { ChargeCommand } from '../../src/ledger/rules/commands.ts'
import { memory } from '../../src/platform/memory/index.ts'
import type { Ledgers } from '../../src/ports.ts'
import { words } from '../meters/toy.ts'
import { compiled, ZONE } from '../support/compiled.ts'

const SECRET = '0123456789abcdef0123456789abcdef'
const ISSUER = 'https://billing.test'
const ONE = 'https://one.test'

beforeEach(() => void vi.spyOn(console, 'log').mockImplementation(() => undefined))
afterEach(() => void vi.restoreAllMocks())

async function sign(type: string, claims: Record<string, unknown>): Promise<string> {
  const now = Math.floor(Date.now() / 1000)
  return new SignJWT(claims)
    .setProtectedHeader({ alg: 'HS256', typ: type })
    .setIssuer(ISSUER)
    .setAudience(ZONE.audience)
    .setIssuedAt(now)
    .setExpirationTime(now + 600)
    .sign(new TextEncoder().encode(SECRET))
}

/** A gate with a metered route, and the charges that it has sent to its ledgers. */
function site() {
  const bindings = { TOKEN_SECRET: SECRET }
  const platform = memory(bindings)
  const sent: { readonly name: string; readonly id: string; readonly kind: string }[] = []
  const ledgers: Ledgers = (name, place) => {
    const ledger = platform.ledgers?.(name, place)
    if (ledger === undefined) throw new Error('the platform has no ledgers')
    const charge = async (command: ChargeCommand) => {
      const answer = await ledger.charge(command)
      sent.push({ name: name.split(' ')[0] ?? '', id: command.id, kind: answer.ok ? answer.value.kind : answer.error })
      return answer
    }
    return new Proxy(ledger, { get: (_, key) => (key === 'charge' ? charge : Reflect.get(ledger, key).bind(ledger)) })
  }
  const zone: ZoneOptions = {
    ...ZONE,
    issuers: [{ issuer: ISSUER, secret: 'TOKEN_SECRET' }],
    rails: [bearer()],
    origin: { servers: [{ url: ONE }] },
    routes: [{ path: '/words', requires: 'api', cache: 'off', meter: words({ models: { small: ONE } }) }],
  }
  const gate = createGate(ok(compiled({ zones: [zone] }, bindings)), { ...platform, ledgers })
  const work: Promise<unknown>[] = []
  const waitUntil = (one: Promise<unknown>): void => void work.push(one)
  const upstream = { origin: async () => ok({ response: new Response('one two three') }), purge: async () => true }
  const ask = async (path: string, init: RequestInit, headers: Record<string, string>) => {
    const response = await gate.answer(new Request(`https://a.test${path}`, { ...init, headers }), upstream, waitUntil)
    await response.text()
    while (work.length > 0) await Promise.all(work.splice(0))
    return response.status
  }
  return { ask, sent }
}

describe('a charge tried again in a ledger that refused it', () => {
  it('has an id of its own if its bound is lower: what is taken back by the first id is not what was served', async () => {
    const { ask, sent } = site()
    const limits = [{ name: 'words', quota: 10, unit: 'words', window: 3600 }]
    const token = await sign('entitlement+jwt', { sub: 'ann', entitlements: ['api'], limits })
    const body = JSON.stringify({ words: 40, models: ['small'] })
    expect(await ask('/words', { method: 'POST', body }, { authorization: `Bearer ${token}` })).toBe(200)
    expect(sent.map(({ kind }) => kind)).toEqual(['refused', 'charged'])
    expect(new Set(sent.map(({ id }) => id)).size).toBe(2)
  })
})
