import { SignJWT } from 'jose'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { bearer } from '../../src/index.ts'
import type { ZoneOptions } from '../../src/config/options.ts'
import { ok } from '../../src/core/result.ts'
import { createGate } from '../../src/gate.ts'
import type { Copy, Origin, Platform, PlatformFactory } from '../../src/ports.ts'
import { compiled, ZONE } from '../support/compiled.ts'
import { chargeOf, limit, ONE } from '../ledger/rules/pureledger.ts'
import { NO_PURGES } from '../../src/cache/rules/purge.ts'

const SECRET = 'a secret for the tests, of thirty-two bytes'
const ISSUER = 'https://i.test'

/** What is particular to a platform. */
interface Traits {
  /** What is bound beside the secret of the tests' issuer. */
  readonly bindings?: Readonly<Record<string, unknown>>
  readonly hasLedgers: boolean
  /** Fields by which the platform itself, and nobody else, says who sent a request; who that is; and what shows that it was there. */
  readonly sender?: { readonly fields: Record<string, string>; readonly address: string; readonly init: RequestInit }
}

/** What every platform is held to. */
export function platformContract(make: PlatformFactory, traits: Traits): void {
  const { bindings = {}, hasLedgers, sender } = traits
  const platform = make({ ...bindings, TOKEN_SECRET: SECRET })
  afterEach(() => void vi.restoreAllMocks())
  describe('a runtime', () => runtime(platform))
  describe('a client', () => client(platform, sender))
  describe('copies', () => copies(platform))
  describe('what is kept', () => kept(platform, hasLedgers))
  describe('a gate on it', () => gate(platform, hasLedgers))
}

function runtime(platform: Platform): void {
  it('tells the time, and chances from 0 to 1', () => {
    expect(platform.clock()).toBe(Date.now())
    const chances = Array.from({ length: 100 }, () => platform.random())
    expect(chances.every((chance) => chance >= 0 && chance < 1)).toBe(true)
    expect(new Set(chances).size).toBeGreaterThan(1)
  })

  it('gives what is bound, by name', () => {
    expect(platform.bindings['TOKEN_SECRET']).toBe(SECRET)
  })

  it('asks past every cache, and changes nothing else of what it is to ask', async () => {
    const asked = vi.spyOn(globalThis, 'fetch').mockImplementation(async () => new Response('answer'))
    const init = { method: 'POST', body: 'a body', headers: { 'x-a': '1' }, redirect: 'manual' as const }
    expect(await (await platform.fetch('https://o.test/', init)).text()).toBe('answer')
    const [url, sent] = asked.mock.calls[0] ?? []
    expect([url, sent]).toMatchObject(['https://o.test/', init])
    expect(JSON.stringify([sent?.cache, sent?.cf])).toMatch(/"no-store"|"cacheTtl":-1/)
  })

  it('passes on an answer that opens no socket', () => {
    const answer = new Response('text')
    expect(platform.boundSocket?.(answer, () => () => undefined) ?? answer).toBe(answer)
  })
}

function client(platform: Platform, sender: Traits['sender']): void {
  const FORGED = {
    forwarded: 'for=192.0.2.1',
    'x-forwarded-for': '192.0.2.1',
    'x-real-ip': '192.0.2.1',
    'true-client-ip': '192.0.2.1',
  }

  it('is not believed who it is', () => {
    expect(platform.clientAddress(new Request('https://a.test/', { headers: FORGED }))).toBeUndefined()
  })

  if (sender === undefined) return
  it('is known by what the platform says, whatever it says itself', () => {
    const headers = { ...FORGED, ...sender.fields }
    expect(platform.clientAddress(new Request('https://a.test/', { ...sender.init, headers }))).toBe(sender.address)
  })

  it('is nobody if the platform was not there, whoever wrote its fields', () => {
    expect(platform.clientAddress(new Request('https://a.test/', { headers: sender.fields }))).toBeUndefined()
  })
}

function copies(platform: Platform): void {
  const key = crypto.randomUUID()
  const store = platform.copies(1_000_000)
  const copy: Copy = {
    stored: {
      status: 200,
      statusText: '',
      fields: [['x-a', '1']],
      requestedAt: 1,
      respondedAt: 2,
      fresh: { lifetimeMs: 1, initialAgeMs: 0, staleWhileRevalidateMs: 0, staleIfErrorMs: 0 },
    } as unknown as Copy['stored'],
    content: new TextEncoder().encode('content'),
  }

  it('are had again as they were put, until they are deleted', async () => {
    expect(await store.get(key)).toBeUndefined()
    await store.put(key, copy)
    const found = await store.get(key)
    expect(found).toMatchObject({ stored: copy.stored, bytes: 7 })
    const content = found === undefined ? null : found.content
    expect(await new Response(content as BodyInit | null).text()).toBe('content')
    await store.delete(key)
    expect(await store.get(key)).toBeUndefined()
  })

  it('have facts beside them', async () => {
    expect(await store.getFacts(`${key} facts`)).toBeUndefined()
    await store.putFacts(`${key} facts`, { a: ['é'] })
    expect(await store.getFacts(`${key} facts`)).toEqual({ a: ['é'] })
  })
}

function kept(platform: Platform, hasLedgers: boolean): void {
  const { ledgers, bulletins } = platform

  it('is there or is not, ledgers and bulletins together', () => {
    expect([ledgers !== undefined, bulletins !== undefined]).toEqual([hasLedgers, hasLedgers])
  })

  if (!hasLedgers) return
  it('counts all that ask at once for one name, and no other', async () => {
    const name = `account ["contract","${crypto.randomUUID()}"]`
    const charge = async (ledger: string, id: string) =>
      ledgers?.(ledger, {}).charge(chargeOf(id, Date.now(), { counts: ONE, limits: [limit(10n, 'P1D')] }))
    const all = await Promise.all(Array.from({ length: 50 }, (_, index) => charge(name, `c${index}`)))
    const kinds = all.map((answer) => (answer?.ok === true ? answer.value.kind : 'failed'))
    expect(kinds.filter((kind) => kind === 'charged')).toHaveLength(10)
    expect(kinds.filter((kind) => kind === 'refused')).toHaveLength(40)
    expect(await charge(`${name} `, 'c')).toMatchObject({ value: { kind: 'charged' } })
  })

  it('has a bulletin for each zone', async () => {
    const [one, other] = [crypto.randomUUID(), crypto.randomUUID()]
    const post = { entries: [], purges: NO_PURGES, longestTokenSeconds: 60, epoch: 'e' }
    expect(await bulletins?.(one, {}).post(post)).toMatchObject({ ok: true })
    const versions = await Promise.all(
      [one, other].map(async (zone) => {
        const delta = await bulletins?.(zone, {}).delta({ epoch: '', version: 0 })
        return delta?.ok === true ? delta.value.head.epoch : undefined
      }),
    )
    expect(versions).toEqual(['e', ''])
  })
}

function gate(platform: Platform, hasLedgers: boolean): void {
  const quotas = [{ name: 'requests', quota: 2, window: 'P1D' as const }]
  const zone: ZoneOptions = {
    ...ZONE,
    name: `contract-${crypto.randomUUID()}`,
    issuers: [{ issuer: ISSUER, secret: 'TOKEN_SECRET' }],
    rails: [bearer()],
    routes: [
      { path: '/paid', requires: 'premium' },
      { path: '/metered', requires: 'premium', quotas, cache: 'off' },
    ],
  }
  const asked: string[] = []
  const origin: Origin = async (_admitted, outgoing) => {
    const request = outgoing()
    asked.push(new URL(request.url).pathname)
    return ok({ response: new Response('the page') })
  }
  const work: Promise<unknown>[] = []
  const waitUntil = (one: Promise<unknown>): void => void work.push(one)

  async function ask(path: string, token?: string): Promise<Response> {
    vi.spyOn(console, 'log').mockImplementation(() => undefined)
    vi.spyOn(console, 'warn').mockImplementation(() => undefined)
    const { answer } = createGate(ok(compiled({ zones: [zone] }, platform.bindings, false)), platform)
    const headers: Record<string, string> = token === undefined ? {} : { authorization: `Bearer ${token}` }
    const upstream = { origin, purge: async () => true }
    const response = await answer(new Request(`https://a.test${path}`, { headers }), upstream, waitUntil)
    await response.clone().text()
    await Promise.all(work.splice(0))
    return response
  }

  function token(): Promise<string> {
    const now = Math.floor(Date.now() / 1000)
    return new SignJWT({ sub: 'ann', entitlements: ['premium'] })
      .setProtectedHeader({ alg: 'HS256', typ: 'entitlement+jwt' })
      .setIssuer(ISSUER)
      .setAudience(zone.audience)
      .setIssuedAt(now)
      .setExpirationTime(now + 600)
      .sign(new TextEncoder().encode(SECRET))
  }

  it('refuses who has not paid before the origin is asked, and serves who has', async () => {
    asked.length = 0
    const [unpaid, paid] = [await ask('/paid'), await ask('/paid', await token())]
    expect([unpaid.status, paid.status, await paid.text(), asked]).toEqual([402, 200, 'the page', ['/paid']])
  })

  it('serves what is metered as often as the plan says, or if nothing can count it, not at all', async () => {
    const signed = await token()
    const statuses = []
    for (let time = 0; time < 3; time++) statuses.push((await ask('/metered', signed)).status)
    expect(statuses).toEqual(hasLedgers ? [200, 200, 402] : [503, 503, 503])
  })
}
