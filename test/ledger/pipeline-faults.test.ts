import { SignJWT } from 'jose'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { RouteOptions } from '../../src/config/routeoptions.ts'
import { ok } from '../../src/core/result.ts'
import { createGate, type Upstream } from '../../src/gate.ts'
import { bearer } from '../../src/index.ts'
import { memory } from '../../src/platform/memory/index.ts'
import type { Ledger, Ledgers } from '../../src/ports.ts'
import { compiled, ZONE } from '../support/compiled.ts'
import { ENDPOINTS } from '../support/endpoints.ts'
import { inTime } from './isolate.ts'

const SECRET = '0123456789abcdef0123456789abcdef'
const BINDINGS = { TOKEN_SECRET: SECRET }
const ISSUER = 'https://billing.test'
const OPERATORS = 'https://operators.test'
const GRANTED = 1000
const CLIENTS = 25

beforeEach(() => {
  vi.useFakeTimers({ now: new Date('2026-11-28T12:00:00Z') })
  for (const level of ['log', 'warn', 'error'] as const) vi.spyOn(console, level).mockImplementation(() => undefined)
})
afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
})

const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

async function sign(issuer: string, type: string, claims: Record<string, unknown>): Promise<string> {
  const now = Math.floor(Date.now() / 1000)
  return new SignJWT(claims)
    .setProtectedHeader({ alg: 'HS256', typ: type })
    .setIssuer(issuer)
    .setAudience(ZONE.audience)
    .setIssuedAt(now)
    .setExpirationTime(now + 3000)
    .sign(new TextEncoder().encode(SECRET))
}

/** Numbers from 0 to 1, the same for the same seed (mulberry32). */
function randomNumbers(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

const FAULTS = ['lost before', 'lost after', 'late', 'slow', 'too slow'] as const

/** Makes the first call of a third of all stubs go wrong. */
function unreliable(ledgers: Ledgers, next: () => number): Ledgers {
  return (name, place) => {
    const ledger = ledgers(name, place)
    let fault = next() < 0.35 ? FAULTS[Math.floor(next() * FAULTS.length)] : undefined
    const call = async (ask: () => Promise<unknown>): Promise<unknown> => {
      const now = fault
      fault = undefined
      await wait(now === 'too slow' ? 4000 : now === 'slow' ? 1500 : 1)
      if (now === 'lost after') await ask()
      if (now === 'late') void wait(next() * 3000).then(ask)
      if (now === undefined || now.endsWith('slow')) return ask()
      throw new Error('the connection was lost')
    }
    const methods = ledger as unknown as Record<string | symbol, (...given: unknown[]) => Promise<unknown>>
    return new Proxy<Ledger>(ledger, {
      get:
        (_, key) =>
        (...given: unknown[]) =>
          call(async () => methods[key]?.apply(ledger, given)),
    })
  }
}

/** A site that sells a page for 0.50 EUR, over ledgers that are called as `next` decides. */
function site(terms: Partial<RouteOptions>, next: () => number) {
  const background: Promise<unknown>[] = []
  const platform = memory(BINDINGS)
  const { ledgers } = platform
  if (ledgers === undefined) throw new Error('the platform has no ledgers')
  const zone = {
    ...ZONE,
    issuers: [{ issuer: ISSUER, secret: 'TOKEN_SECRET' }],
    operators: [{ issuer: OPERATORS, secret: 'TOKEN_SECRET' }],
    rails: [bearer()],
    routes: [{ path: '/sold/*', price: { amount: '0.50', currency: 'EUR' }, cache: 'off' as const, ...terms }],
  }
  const options = ok(compiled({ zones: [zone], endpoints: ENDPOINTS }, BINDINGS))
  let answers = 0
  const upstream: Upstream = {
    origin: async () => {
      await wait(next() * 60)
      if (next() < 0.1) return ok({ response: new Response('{}', { status: 500 }) })
      answers += 1
      return ok({ response: new Response(`answer ${answers}`) })
    },
    purge: async () => true,
  }
  const gate = createGate(options, { ...platform, ledgers: unreliable(ledgers, next), sharesPromises: true })
  const direct = createGate(options, platform)
  const keepAlive = (work: Promise<unknown>): void => void background.push(work)
  return {
    background,
    ask: (request: Request) => gate.answer(request, upstream, keepAlive),
    async order(path: string, body: object): Promise<Record<string, unknown>[]> {
      const authorization = `Bearer ${await sign(OPERATORS, 'operator+jwt', { scope: path })}`
      const headers = { authorization, 'content-type': 'application/json' }
      const init = { method: 'POST', body: JSON.stringify(body), headers }
      const answer = await direct.answer(new Request(`https://a.test/__faregate/${path}`, init), upstream, keepAlive)
      const lines = (await answer.text()).trim().split('\n')
      return lines.map((line): Record<string, unknown> => JSON.parse(line))
    },
  }
}

type Site = ReturnType<typeof site>

/** Asks for one page until it is answered, and under a key sometimes again. Returns the different answers that it got. */
async function buy({ ask }: Site, number: number, authorization: string, next: () => number): Promise<Set<string>> {
  await wait(next() * 3000)
  const isKeyed = next() < 0.7
  const headers = { authorization, ...(isKeyed && { 'idempotency-key': `key ${number}` }) }
  const answers = new Set<string>()
  for (let tries = 0; tries < 8; tries++) {
    const response = await ask(new Request(`https://a.test/sold/${number}`, { method: 'POST', headers }))
    const text = await response.text()
    if (response.status === 200) answers.add(text)
    if (answers.size > 0 && (!isKeyed || next() < 0.5)) break
    await wait(next() < 0.5 ? 100 : 6000)
  }
  return answers
}

describe.each<[string, Partial<RouteOptions>]>([
  ['sold alone', {}],
  [
    'sold under a rate and a quota',
    { rates: [{ requests: 1000, seconds: 3600 }], quotas: [{ name: 'requests', quota: 1000, window: 'P1D' }] },
  ],
])('what is %s over ledgers that fail', (_what, terms) => {
  it.each(Array.from({ length: 30 }, (__, seed) => seed))(
    'is paid once for each answer that came, and nothing stays open (%d)',
    async (seed) => {
      const next = randomNumbers(seed)
      const shop = site(terms, next)
      const grant = { account: 'ann', amount: `${GRANTED}`, currency: 'EUR', id: 'invoice' }
      await inTime(shop.order('credit', grant))
      const token = `Bearer ${await inTime(sign(ISSUER, 'entitlement+jwt', { sub: 'ann', entitlements: [] }))}`
      const clients = Array.from({ length: CLIENTS }, (__, number) => buy(shop, number, token, next))
      const bought = await inTime(Promise.all(clients))
      await vi.advanceTimersByTimeAsync(40_000)
      await inTime(Promise.all(shop.background))
      const lines = await inTime(shop.order('export', { account: 'ann' }))
      const served = bought.filter(({ size }) => size > 0)
      expect(served.length).toBeGreaterThan(CLIENTS / 2)
      expect(served.filter(({ size }) => size !== 1)).toEqual([])
      expect(lines[0]).toMatchObject({
        credit: [{ amount: `${GRANTED - served.length / 2}` }],
        totals: { unsettled: 0 },
      })
      expect(lines.filter(({ state }) => state === 'open')).toEqual([])
    },
  )
})
