import { NOTHING } from '../../../src/ledger/rules/amount.ts'
import { runInDurableObject } from 'cloudflare:test'
import { describe, expect, it, vi } from 'vitest'
import { ok } from '../../../src/core/result.ts'
import { handle } from '../../../src/paywall.ts'
import type { AmendCommand, ChargeOutcome } from '../../../src/ledger/rules/commands.ts'
import type { Ledger, Origin } from '../../../src/ports.ts'
import { accountLedger, NO_LEDGER } from '../../support/ledger.ts'
import { withToken } from '../../support/world.ts'
import { ledgerOf, readingOf } from '../objects.ts'
import { useReader } from '../paywall/reader.ts'

const reader = useReader('charges.test.ts')

const ask = (path: string, init: RequestInit, origin: Origin) => reader.askAndSettle(path, init, origin)

async function withNewToken(fields: Record<string, string>): Promise<RequestInit> {
  const { headers } = withToken(await reader.world.token({ sub: reader.account }))
  return { headers: { ...headers, ...fields } }
}

/** How many calls the account has used. */
async function callsUsed(): Promise<bigint> {
  const { totals } = await readingOf(accountLedger(reader.account))
  return totals.counts.find(({ name }) => name === 'calls')?.units ?? 0n
}

describe('a WebSocket that is asked for with a Range', () => {
  const socket: Origin = () => ok({ response: new Response(null, { status: 101, webSocket: new WebSocketPair()[0] }) })

  it('is no further part of the one before, and is charged', async () => {
    const init = await withNewToken({ upgrade: 'websocket', range: 'bytes=0-' })
    const statuses = []
    for (let time = 0; time < 4; time++) statuses.push((await ask('/metered/live', init, socket)).status)
    expect(statuses).toEqual([101, 101, 101, 402])
    expect(await callsUsed()).toBe(3n)
  })

  it('is charged though a part of the same path was paid for', async () => {
    const part: Origin = () => ok({ response: new Response('the', { status: 206 }) })
    await ask('/metered/live', await withNewToken({ range: 'bytes=0-2' }), part)
    const init = await withNewToken({ upgrade: 'websocket', range: 'bytes=0-' })
    expect((await ask('/metered/live', init, socket)).status).toBe(101)
    expect(await callsUsed()).toBe(2n)
  })
})

describe('a page that its server gives to any method', () => {
  const page: Origin = () => ok({ response: new Response('the page', { headers: { 'content-length': '8' } }) })

  it('is not read by OPTIONS, which is not charged', async () => {
    const init = await withNewToken({})
    const response = await ask('/metered/1', { ...init, method: 'OPTIONS' }, page)
    expect([response.status, await response.text(), response.headers.get('content-length')]).toEqual([200, '', null])
    expect(await callsUsed()).toBe(0n)
    expect(await (await ask('/metered/1', init, page)).text()).toBe('the page')
    expect(await callsUsed()).toBe(1n)
  })

  it('is what OPTIONS reads where nothing is counted, as are errors', async () => {
    const init = { ...(await withNewToken({})), method: 'OPTIONS' }
    expect(await (await ask('/articles/1', init, page)).text()).toBe('the page')
    const error: Origin = () => ok({ response: new Response('no such method', { status: 405 }) })
    expect(await (await ask('/metered/1', init, error)).text()).toBe('no such method')
  })
})

describe('a part that the ledger granted too late', () => {
  it('is taken back from the charge that it has joined, or that would be kept for ever', async () => {
    const amended: AmendCommand[] = []
    let answer: (outcome: ChargeOutcome) => void = () => undefined
    const slow: Ledger = {
      ...NO_LEDGER,
      charge: () => new Promise((resolve) => (answer = (outcome) => resolve(ok(outcome)))),
      amend: (command) => {
        amended.push(command)
        return new Promise(() => undefined)
      },
    }
    await ask('/articles/warm', await withNewToken({}), () => ok({ response: new Response('warm') }))
    const init = await withNewToken({ range: 'bytes=0-2' })
    vi.useFakeTimers()
    const request = new Request('https://news.test/metered/1', init)
    const origin: Origin = () => ok({ response: new Response('paid') })
    const answered = handle(request, { ...reader.services, ledgers: () => slow }, origin, () => undefined)
    await vi.advanceTimersByTimeAsync(3000)
    expect((await answered).status).toBe(503)
    answer({
      kind: 'charged',
      charge: 'the first',
      request: 'this one',
      isRepeat: true,
      tries: 1,
      limits: [],
      reserved: NOTHING,
    })
    await vi.advanceTimersByTimeAsync(0)
    vi.useRealTimers()
    expect(amended).toEqual([{ charge: 'the first', request: 'this one', delivery: 'none' }])
  })
})

describe('an answer whose length makes no sense', () => {
  it('cannot be delivered, and costs nothing', async () => {
    const shown = vi.spyOn(console, 'error').mockImplementation(() => undefined)
    const origin: Origin = () => ok({ response: new Response('paid', { headers: { 'content-length': 'four' } }) })
    expect((await ask('/metered/1', await withNewToken({}), origin)).status).toBe(500)
    expect(await callsUsed()).toBe(0n)
    shown.mockRestore()
  })
})

describe('an object that is reset while a request is answered', () => {
  it('is told all the same that nothing was delivered, and gives back what was charged', async () => {
    const init = await withNewToken({})
    const failing: Origin = async () => {
      await runInDurableObject(ledgerOf(accountLedger(reader.account)), (_ledger, state) => state.abort('reset')).catch(
        () => null,
      )
      return ok({ response: new Response('sorry', { status: 500 }) })
    }
    expect((await ask('/metered/1', init, failing)).status).toBe(500)
    expect(await callsUsed()).toBe(0n)
  })
})

describe('a key that paid by receipt where the plan was used up', () => {
  it('is not charged to the plan as well when that has room again', async () => {
    const paid = await reader.world.receipt({
      jti: reader.account,
      amount: '0.25',
      currency: 'USD',
      resource: '/both/*',
    })
    const init = await withNewToken({ 'faregate-receipt': paid })
    const report: Origin = () => ok({ response: new Response('the report') })
    await ask('/both/1', init, report)
    const keyed = { headers: { ...(init.headers as object), 'idempotency-key': 'one' } }
    expect((await ask('/both/1', keyed, report)).status).toBe(200)
    const limits = [{ name: 'both', quota: 9, window: 60 }]
    const more = withToken(await reader.world.token({ sub: reader.account, limits })).headers
    const again = await ask('/both/1', { headers: { ...keyed.headers, ...more } }, report)
    expect([again.status, again.headers.get('idempotency-replayed')]).toEqual([200, 'true'])
    expect((await readingOf(accountLedger(reader.account))).totals.charges).toBe(1)
  })
})

describe('a further part', () => {
  it('of another version is charged anew, though all are on their way at once', async () => {
    let version = 0
    const news: Origin = () =>
      ok({ response: new Response('news', { status: 206, headers: { etag: `"${++version}"` } }) })
    const init = await withNewToken({ range: 'bytes=0-' })
    const answers: Response[] = []
    for (let time = 0; time < 6; time++) {
      const request = new Request('https://news.test/metered/flight', init)
      answers.push(await handle(request, reader.services, news, reader.background.waitUntil))
    }
    expect(answers.map(({ status }) => status)).toEqual([206, 206, 206, 402, 402, 402])
    for (const answer of answers) await answer.text()
    await reader.background.settled()
    expect(await callsUsed()).toBe(3n)
  })

  it('of the same version is the same charge, though all are on their way at once', async () => {
    const book: Origin = () => ok({ response: new Response('the book', { status: 206, headers: { etag: '"1"' } }) })
    const init = await withNewToken({ range: 'bytes=0-' })
    const ways = Array.from({ length: 9 }, async () => {
      const answer = await handle(
        new Request('https://news.test/metered/book', init),
        reader.services,
        book,
        reader.background.waitUntil,
      )
      await answer.text()
      return answer.status
    })
    expect(new Set(await Promise.all(ways))).toEqual(new Set([206]))
    await reader.background.settled()
    expect(await callsUsed()).toBe(1n)
  })

  it('of another version is charged anew', async () => {
    let version = 0
    const news: Origin = () =>
      ok({ response: new Response(`news ${++version}`, { status: 206, headers: { etag: `"${version}"` } }) })
    const init = await withNewToken({ range: 'bytes=0-' })
    const statuses = []
    for (let time = 0; time < 4; time++) statuses.push((await ask('/metered/news', init, news)).status)
    expect(statuses).toEqual([206, 206, 206, 402])
  })
})
