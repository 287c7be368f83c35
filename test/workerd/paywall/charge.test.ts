import { paymentIn } from '../../../src/access/proof.ts'
import { presenting } from '../../support/proofs.ts'
import { describe, expect, it, vi } from 'vitest'
import { refusal } from '../../../src/core/problem.ts'
import { err, ok } from '../../../src/core/result.ts'
import type { ResolveStanding } from '../../../src/standing/resolve.ts'
import { handle } from '../../../src/paywall.ts'
import type { BoundSocket, Ledger, Origin } from '../../../src/ports.ts'
import { worldOrigin } from '../../support/services.ts'
import { accountLedger, NO_LEDGER } from '../../support/ledger.ts'
import { withToken } from '../../support/world.ts'
import { ledgerOf, readingOf } from '../objects.ts'
import { useReader } from './reader.ts'

const reader = useReader('charge.test.ts')
const { ask, askAndSettle } = reader

const token = (claims: Record<string, unknown> = {}): Promise<string> =>
  reader.world.token({ sub: reader.account, ...claims })

const read = () => readingOf(accountLedger(reader.account))

function receipt(claims: Record<string, unknown> = {}): Promise<string> {
  const paid = { jti: `${reader.account} receipt`, amount: '0.25', currency: 'USD', resource: '/reports/*' }
  return reader.world.receipt({ ...paid, ...claims })
}

describe('a quota', () => {
  it('is counted, told with each answer, and ends in a refusal with its reset', async () => {
    const bearer = withToken(await token())
    for (const left of [2, 1, 0]) {
      const response = await ask('/metered/1', bearer)
      expect(response.status).toBe(200)
      expect(await response.text()).toBe('the paid page')
      expect(response.headers.get('ratelimit-policy')).toBe('"calls";q=3;w=3600')
      expect(response.headers.get('ratelimit')).toMatch(new RegExp(`^"calls";r=${left}(;t=\\d+)?$`))
    }
    const refused = await ask('/metered/1', bearer)
    expect(refused.status).toBe(402)
    expect(await refused.json()).toMatchObject({ reason: 'usage-limit-reached', check: 'charge' })
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0)
    expect(refused.headers.get('ratelimit')).toContain('"calls";r=0')
    expect(reader.world.received).toHaveLength(3)
  })

  it.each([
    ['a failure of the origin', () => new Response('sorry', { status: 500 }), 500],
    ['a page that the reader has', () => new Response(null, { status: 304 }), 304],
    ['a redirect', () => new Response(null, { status: 302, headers: { location: '/x' } }), 302],
    ['no page', () => new Response('none', { status: 404 }), 404],
  ])('is not touched by %s', async (_what, origin, status) => {
    reader.world.origin = origin
    const bearer = withToken(await token())
    for (let time = 0; time < 5; time++) {
      expect((await askAndSettle('/metered/1', bearer)).status).toBe(status)
    }
  })

  it('is not touched by HEAD, nor by a bug', async () => {
    const bearer = withToken(await token())
    for (let time = 0; time < 4; time++) {
      expect((await askAndSettle('/metered/1', { ...bearer, method: 'HEAD' })).status).toBe(200)
    }
    reader.world.origin = () => {
      throw new Error('a bug')
    }
    const shown = vi.spyOn(console, 'error').mockImplementation(() => undefined)
    for (let time = 0; time < 4; time++) expect((await askAndSettle('/metered/1', bearer)).status).toBe(500)
    shown.mockRestore()
  })

  it('of a token holds on every paid route, and unmetered requests leave no charge', async () => {
    const limits = [{ name: 'reads', quota: 1, window: 'P1D' }]
    const bearer = withToken(await token({ limits }))
    expect((await askAndSettle('/articles/quota', bearer)).status).toBe(200)
    expect((await askAndSettle('/articles/quota', bearer)).status).toBe(402)
    expect((await askAndSettle('/articles/quota', withToken(await token()))).status).toBe(200)
    const { recent, unsettled } = await read()
    expect([recent.length, unsettled.length]).toEqual([1, 0])
  })

  it('is exact for requests that come at once', async () => {
    const bearer = withToken(await token())
    const answers = await Promise.all(Array.from({ length: 20 }, () => ask('/metered/1', bearer)))
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(3)
    expect(reader.world.received).toHaveLength(3)
  })
})

describe('a receipt', () => {
  it('opens what it was paid for once, in either field', async () => {
    const paid = await receipt()
    const first = await ask('/reports/1', { headers: { 'faregate-receipt': paid } })
    expect(first.status).toBe(200)
    expect(reader.world.received[0]?.headers.has('faregate-receipt')).toBe(false)
    const second = await ask('/reports/1', withToken(paid))
    expect(second.status).toBe(402)
    expect(await second.json()).toMatchObject({ reason: 'payment-spent' })
  })

  it('with three uses opens it three times, however many ask at once', async () => {
    const paid = withToken(await receipt({ uses: 3, amount: '0.75' }))
    const answers = await Promise.all(Array.from({ length: 30 }, () => ask('/reports/1', paid)))
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(3)
  })

  it('is not spent on a page that failed', async () => {
    const paid = withToken(await receipt())
    reader.world.origin = () => new Response('sorry', { status: 500 })
    expect((await askAndSettle('/reports/failing', paid)).status).toBe(500)
    reader.world.origin = () => new Response('the report')
    const served = await askAndSettle('/reports/failing', paid)
    expect([served.status, await served.text()]).toEqual([200, 'the report'])
    expect((await askAndSettle('/reports/failing', paid)).status).toBe(402)
  })
})

describe('prepaid credit', () => {
  it('pays the price of a request until it is too low', async () => {
    const bearer = withToken(await token())
    const none = await ask('/reports/1', bearer)
    expect(none.status).toBe(402)
    expect(await none.json()).toMatchObject({ reason: 'credit-insufficient' })
    await ledgerOf(accountLedger(reader.account)).grant({ id: 'grant-1', units: 600_000_000n, currency: 'USD' })
    expect((await askAndSettle('/reports/1', bearer)).status).toBe(200)
    expect((await askAndSettle('/reports/1', bearer)).status).toBe(200)
    const left = await ask('/reports/1', bearer)
    expect(await left.json()).toMatchObject({
      status: 402,
      left: { credit: { amount: '0.1', currency: 'USD' } },
      needed: { credit: { amount: '0.25', currency: 'USD' } },
    })
    const another = withToken(await token({ sub: crypto.randomUUID() }))
    expect(await (await ask('/reports/1', another)).json()).toMatchObject({ left: { credit: { amount: '0' } } })
    expect((await read()).credit).toEqual([{ units: 100_000_000n, currency: 'USD' }])
  })

  it('pays for each unit that a request counts', async () => {
    const bearer = withToken(await token())
    await ledgerOf(accountLedger(reader.account)).grant({ id: 'grant-1', units: 700_000_000n, currency: 'USD' })
    expect((await askAndSettle('/pages/1', bearer)).status).toBe(200)
    expect((await askAndSettle('/pages/2', bearer)).status).toBe(200)
    expect((await askAndSettle('/pages/3', bearer)).status).toBe(402)
    expect((await read()).credit).toEqual([{ units: 100_000_000n, currency: 'USD' }])
  })
})

describe('a receipt beside a plan', () => {
  it('pays once the plan is used up, and not before', async () => {
    const paid = await receipt({ resource: '/both/*' })
    const init = { headers: { ...withToken(await token()).headers, 'faregate-receipt': paid } }
    expect((await askAndSettle('/both/1', init)).status).toBe(200)
    expect((await askAndSettle('/both/1', init)).status).toBe(200)
    const spent = await ask('/both/1', init)
    expect([spent.status, await spent.json()]).toMatchObject([402, { reason: 'payment-spent' }])
    const alone = await ask('/both/1', withToken(await token()))
    expect([alone.status, await alone.json()]).toMatchObject([402, { reason: 'usage-limit-reached' }])
    expect((await read()).totals.charges).toBe(1)
  })

  it('pays nothing where it was revoked while the content of the request was read', async () => {
    const headers = { ...withToken(await token()).headers, 'idempotency-key': 'one' }
    await askAndSettle('/both/1', { headers })
    const paid = await receipt({ resource: '/both/*', methods: ['POST'] })
    const { readable, writable } = new TransformStream<Uint8Array>()
    let isRevoked = false
    const resolveStanding: ResolveStanding = (presented) =>
      isRevoked && paymentIn(presented) !== undefined
        ? presenting({ receipt: err(refusal('subscription-inactive', 'It was revoked.')) })
        : presented
    const init = { method: 'POST', headers: { ...headers, 'faregate-receipt': paid, 'idempotency-key': 'two' } }
    const request = new Request('https://news.test/both/1', { ...init, body: readable })
    const answer = handle(
      request,
      { ...reader.services, resolveStanding },
      worldOrigin(reader.world),
      reader.background.waitUntil,
    )
    const writer = writable.getWriter()
    await writer.write(new TextEncoder().encode('all of it'))
    isRevoked = true
    await writer.close()
    expect(await (await answer).json()).toMatchObject({ reason: 'usage-limit-reached' })
    expect(reader.world.received).toHaveLength(1)
  })

  it('opens it for its holder and not for the account', async () => {
    const init = {
      headers: { ...withToken(await token()).headers, 'faregate-receipt': await receipt({ resource: '/both/*' }) },
    }
    await askAndSettle('/both/1', init)
    await askAndSettle('/both/1', init)
    const told = reader.world.received.map(({ headers }) => headers.get('faregate-subject'))
    expect(told).toEqual([`"${reader.account}"`, null])
  })
})

describe('what a pass opens', () => {
  it('is closed when the pass ends, though the receipt is good for longer', async () => {
    const end = vi.fn()
    const boundTo: BoundSocket = (response, supervise) => {
      supervise(end)
      return response
    }
    const paid = await receipt({ pass: 60, uses: undefined })
    const origin: Origin = () =>
      ok({ response: new Response(null, { status: 101, webSocket: new WebSocketPair()[0] }) })
    const request = new Request('https://news.test/reports/live', {
      headers: { ...withToken(paid).headers, upgrade: 'websocket' },
    })
    vi.useFakeTimers({ toFake: ['Date', 'setTimeout', 'clearTimeout'], now: Date.now() })
    const resolveStanding: ResolveStanding = (presented) => presented
    await handle(
      request,
      { ...reader.services, boundSocket: boundTo, resolveStanding },
      origin,
      reader.background.waitUntil,
    )
    await vi.advanceTimersByTimeAsync(59_999)
    expect(end).not.toHaveBeenCalled()
    await vi.advanceTimersByTimeAsync(1)
    expect(end).toHaveBeenCalledOnce()
    vi.useRealTimers()
    await reader.background.settled()
  })
})

describe('a ledger that', () => {
  const gone = (): Promise<never> => Promise.reject(new Error('gone'))
  const failing = async () => err('ledger-unavailable' as const)
  const silent = new Promise<never>(() => undefined)

  it.each([
    ['cannot be reached', { ...NO_LEDGER, charge: gone, amend: gone }],
    ['fails', { ...NO_LEDGER, charge: failing, amend: failing }],
  ])('%s lets nothing through', async (_what, ledger) => {
    const broken = { ...reader.services, ledgers: () => ledger }
    const request = new Request('https://news.test/metered/1', withToken(await token()))
    const response = await handle(
      request,
      broken,
      () => ok({ response: new Response('paid') }),
      reader.background.waitUntil,
    )
    expect(response.status).toBe(503)
    expect(response.headers.get('retry-after')).not.toBeNull()
    expect(await response.json()).toMatchObject({ reason: 'ledger-unavailable' })
    await reader.background.settled()
  })

  it('says nothing is not waited for, and what it does later is taken back', async () => {
    const amended: unknown[] = []
    let answer: (outcome: never) => void = () => undefined
    const ledger: Ledger = {
      ...NO_LEDGER,
      charge: () => new Promise((resolve) => (answer = resolve)),
      amend: (command) => {
        amended.push(command)
        return silent
      },
    }
    const bearer = withToken(await token())
    await askAndSettle('/articles/warm', bearer)
    vi.useFakeTimers()
    const request = new Request('https://news.test/metered/1', bearer)
    const origin: Origin = () => ok({ response: new Response('paid') })
    const answered = handle(request, { ...reader.services, ledgers: () => ledger }, origin, () => undefined)
    await vi.advanceTimersByTimeAsync(3000)
    expect((await answered).status).toBe(503)
    answer(ok({ kind: 'charged' }) as never)
    await vi.advanceTimersByTimeAsync(0)
    expect(amended).toEqual([expect.objectContaining({ delivery: 'none' })])
    vi.useRealTimers()
  })
})
