import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { inTime } from './isolate.ts'
import { type Answering, meteredSite, wishing } from './meteredsite.ts'

beforeEach(() => {
  vi.useFakeTimers({ now: new Date('2026-11-28T12:00:00Z') })
  for (const level of ['log', 'warn'] as const) vi.spyOn(console, level).mockImplementation(() => undefined)
})
afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
})

const counted = (count: number): Record<string, string> => ({ 'x-stainless-retry-count': `${count}` })
/** A site whose model answers so, one answer after the other. */
async function siteOf(...answers: readonly Answering[]) {
  let next = 0
  const site = meteredSite(() => answers[next++] ?? { used: 1 })
  for (const account of ['ann', 'ben']) await site.grant(account, 10_000n)
  const ask = async (account: string, most: number, fields: Record<string, string>, left?: AbortSignal) => {
    const request = await wishing(account, most, fields)
    const answer = await site.ask(left === undefined ? request : new Request(request, { signal: left }))
    const text = await answer.text().catch(() => 'broken')
    return {
      status: answer.status,
      text,
      charge: answer.headers.get('faregate-charge'),
      wait: answer.headers.get('retry-after'),
    }
  }
  const credit = async (account = 'ann') => (await site.read(account)).credit[0]?.units
  const untilOpen = async (count: number): Promise<void> => {
    const open = async () => (await site.history('ann')).filter(({ state }) => state === 'open').length
    while ((await open()) !== count) await vi.advanceTimersByTimeAsync(10)
  }
  return { ...site, untilOpen, tell: (...given: Parameters<typeof ask>) => inTime(ask(...given)), ask, credit }
}

describe('an SDK that sends a request again without a key', () => {
  it('gets one charge for two failures and an answer', async () => {
    const site = await siteOf({ status: 503 }, { status: 503 }, { used: 30 })
    const answers = [0, 1, 2].map((count) => () => site.tell('ann', 100, counted(count)))
    const [one, two, three] = [await answers[0]?.(), await answers[1]?.(), await answers[2]?.()]
    expect([one?.status, two?.status, three?.status]).toEqual([503, 503, 200])
    expect(new Set([one?.charge, two?.charge, three?.charge]).size).toBe(1)
    expect(await site.credit()).toBe(9970n)
  })

  it('is answered 409 while its try before is in flight, and is not charged', async () => {
    const site = await siteOf({ used: 30, until: new Promise(() => undefined) })
    void site.ask('ann', 100, counted(0))
    await site.untilOpen(1)
    const again = await site.tell('ann', 100, counted(1))
    expect([again.status, again.wait]).toEqual([409, '1'])
    expect((await site.read('ann')).totals.charges).toBe(1)
  })

  it.each([
    ['another account', 'ben', 100],
    ['other content', 'ann', 99],
  ])('of %s continues nothing', async (_what, account, most) => {
    const site = await siteOf({ status: 503 }, { used: 30 })
    const first = await site.tell('ann', 100, counted(0))
    const other = await site.tell(account, most, counted(1))
    expect(other.status).toBe(200)
    expect(other.charge).not.toBe(first.charge)
  })

  it('has its requests that claim nothing charged one by one', async () => {
    const site = await siteOf({ used: 30 }, { used: 30 }, { used: 30 })
    const all = await inTime(Promise.all([0, 0, 0].map((count) => site.ask('ann', 100, counted(count)))))
    expect(new Set(all.map(({ charge }) => charge)).size).toBe(3)
    expect(await site.credit()).toBe(9910n)
  })

  it('pays three times if it leaves three times before the end', async () => {
    const site = await siteOf(...[0, 1, 2].map(() => ({ used: 90, until: new Promise(() => undefined) })))
    for (const count of [0, 1, 2]) {
      const left = new AbortController()
      void site.ask('ann', 100, counted(count), left.signal)
      await site.untilOpen(1)
      left.abort()
      await site.untilOpen(0)
    }
    expect(await site.credit()).toBe(10_000n - 270n)
    const charges = await site.history('ann')
    expect(charges.map(({ kept, delivery }) => [kept.price?.units, delivery])).toEqual(
      [0, 1, 2].map(() => [90n, 'broken']),
    )
  })

  it('is held to its key if it has one', async () => {
    const site = await siteOf({ used: 30 })
    const key = { 'idempotency-key': 'k1' }
    const first = await site.tell('ann', 100, { ...counted(0), ...key })
    const again = await site.tell('ann', 100, { ...counted(1), ...key })
    expect([first.status, again.status, again.text]).toEqual([200, 200, first.text])
    expect(await site.credit()).toBe(9970n)
  })
})
