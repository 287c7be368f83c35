import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { inTime } from './isolate.ts'
import { meteredSite, pass, wishing } from './meteredsite.ts'

beforeEach(() => {
  vi.useFakeTimers({ now: new Date('2026-11-28T12:00:00Z') })
  for (const level of ['log', 'warn'] as const) vi.spyOn(console, level).mockImplementation(() => undefined)
})
afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
})

const NANOS = 1_000_000_000n
const MOST = 140_000_000

describe('requests that do not fit only because of what others have reserved', () => {
  it('wait, and pass as soon as enough has come back', async () => {
    const held = Promise.withResolvers<undefined>()
    let asked = 0
    const site = meteredSite(() => ({ used: 1000, ...(asked++ === 0 && { until: held.promise }) }))
    await site.grant('ann', 150_000_000n)
    const first = await inTime((async () => site.ask(await wishing('ann', MOST)))())
    const second = (async () => site.ask(await wishing('ann', MOST)))()
    await pass(600)
    expect(asked).toBe(1)
    held.resolve(undefined)
    await inTime(first.text())
    const passed = await inTime(second)
    expect([passed.status, await inTime(passed.text())]).toEqual([200, 'begun ended'])
    await inTime(Promise.all(site.background))
    expect((await site.read('ann')).credit).toEqual([{ units: 150_000_000n - 2000n, currency: 'USD' }])
  })

  it('are told after two seconds to come back, and never to pay', async () => {
    const held = Promise.withResolvers<undefined>()
    const site = meteredSite(() => ({ used: 1000, until: held.promise }))
    await site.grant('ann', 150_000_000n)
    await inTime((async () => site.ask(await wishing('ann', MOST)))())
    const began = Date.now()
    const refused = await inTime((async () => site.ask(await wishing('ann', MOST)))())
    expect(Date.now() - began).toBeGreaterThanOrEqual(2000)
    expect(refused.status).toBe(429)
    expect(Number(refused.headers.get('retry-after'))).toSatisfy((seconds: number) => seconds >= 1 && seconds <= 5)
    expect(await refused.json()).toMatchObject({
      reason: 'too-many-requests',
      check: 'reserved',
      left: { credit: { amount: '0.01' } },
      needed: { credit: { amount: '0.14' } },
    })
    const poor = await inTime((async () => site.ask(await wishing('ann', 150_000_001)))())
    expect([poor.status, await poor.json()]).toMatchObject([402, { reason: 'credit-insufficient' }])
    held.resolve(undefined)
  })

  it('are 993 of a thousand at once with credit for seven, and the ledger is asked a few times for each of those that wait', async () => {
    const decided = Promise.withResolvers<undefined>()
    const site = meteredSite(() => ({ used: MOST / 10, until: decided.promise }))
    await site.grant('ann', NANOS)
    const requests = await Promise.all(Array.from({ length: 1000 }, () => wishing('ann', MOST)))
    const answers = await inTime(Promise.all(requests.map((request) => site.ask(request))))
    const statuses = answers.map(({ status }) => status)
    expect([200, 429].map((status) => statuses.filter((one) => one === status).length)).toEqual([7, 993])
    expect((await site.read('ann')).credit).toEqual([{ units: NANOS - 7n * BigInt(MOST), currency: 'USD' }])
    decided.resolve(undefined)
    await inTime(Promise.all(answers.map((answer) => answer.text())))
    await inTime(Promise.all(site.background))
    const { credit, totals } = await site.read('ann')
    expect(credit).toEqual([{ units: NANOS - (7n * BigInt(MOST)) / 10n, currency: 'USD' }])
    expect(totals).toMatchObject({ charges: 7, unsettled: 0, money: [{ units: (7n * BigInt(MOST)) / 10n }] })
  })
})
