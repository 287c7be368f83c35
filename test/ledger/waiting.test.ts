import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { refusal } from '../../src/core/problem.ts'
import { err, ok, type Result } from '../../src/core/result.ts'
import type { Declined, ReservedRequest } from '../../src/ledger/chargeledger.ts'
import { NOTHING_RESERVED } from '../../src/ledger/reservation.ts'
import type { ChargeRefused } from '../../src/ledger/rules/commands.ts'
import { UnchargedTries } from '../../src/ledger/uncharged.ts'
import { askWhileHeld, Waiters } from '../../src/ledger/waiting.ts'

type Asked = Result<ReservedRequest, Declined>

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const declined = (more: Partial<ChargeRefused>): Asked =>
  err({
    refusal: refusal('too-many-requests', 'Later.'),
    outcome: { kind: 'refused', reason: 'too-many-requests', limits: [], ...more },
  })
const HELD = declined({ check: 'reserved' })
const PASSED: Asked = ok({ admitted: {} as ReservedRequest['admitted'], reservation: NOTHING_RESERVED })

/** Waits for what is held, and tells how often it was asked again, and when that ended. */
function waiting(first: Asked, ask: (asks: number) => Asked = () => HELD, waiters = new Waiters()) {
  const left = new AbortController()
  const began = Date.now()
  let asks = 0
  const asked = askWhileHeld(first, async () => ask(++asks), { waiters, account: 'ann', left: left.signal })
  return { left, told: asked.then((last) => ({ last, asks, ms: Date.now() - began })) }
}

describe('a request that waits for what others have reserved', () => {
  it('asks six times in two seconds, less and less often', async () => {
    const { told } = waiting(HELD)
    await vi.advanceTimersByTimeAsync(5000)
    expect(await told).toEqual({ last: HELD, asks: 6, ms: 2000 })
  })

  it.each([
    ['passes', PASSED],
    ['lacks something in earnest', declined({ reason: 'credit-insufficient' })],
  ])('stops once it %s', async (_what, answer) => {
    const { told } = waiting(HELD, (asks) => (asks === 2 ? answer : HELD))
    await vi.advanceTimersByTimeAsync(5000)
    expect(await told).toEqual({ last: answer, asks: 2, ms: 150 })
  })

  it('stops once its client has left', async () => {
    const { told, left } = waiting(HELD)
    await vi.advanceTimersByTimeAsync(60)
    left.abort()
    await vi.advanceTimersByTimeAsync(5000)
    expect(await told).toEqual({ last: HELD, asks: 1, ms: 60 })
  })

  it('waits for its own try before, too, and for nothing else', async () => {
    const conflict = declined({ reason: 'idempotency-conflict', conflict: 'sent-again' })
    const all = [conflict, PASSED, declined({}), declined({ conflict: 'in-flight' })].map(
      (first) => waiting(first).told,
    )
    await vi.advanceTimersByTimeAsync(5000)
    expect((await Promise.all(all)).map(({ asks }) => asks)).toEqual([6, 0, 0, 0])
  })

  it('is answered at once if sixteen of its account wait', async () => {
    const waiters = new Waiters()
    const all = Array.from({ length: 1000 }, () => waiting(HELD, undefined, waiters).told)
    await vi.advanceTimersByTimeAsync(5000)
    const asks = (await Promise.all(all)).map((one) => one.asks)
    expect([6, 0].map((count) => asks.filter((one) => one === count).length)).toEqual([16, 984])
    const { told } = waiting(HELD, undefined, waiters)
    await vi.advanceTimersByTimeAsync(5000)
    expect((await told).asks).toBe(6)
  })
})

describe('tries that were refused without a charge', () => {
  it('are each taken once, within two minutes', () => {
    const tries = new UnchargedTries()
    tries.note('a', 0)
    tries.note('a', 1000)
    expect([tries.take('b', 1000), tries.take('a', 2000), tries.take('a', 3000), tries.take('a', 4000)]).toEqual([
      false,
      true,
      true,
      false,
    ])
    tries.note('a', 0)
    expect(tries.take('a', 120_000)).toBe(false)
  })

  it('are a thousand at most', () => {
    const tries = new UnchargedTries()
    for (let index = 0; index <= 1000; index++) tries.note(`request ${index}`, 0)
    expect([tries.take('request 0', 1), tries.take('request 1', 1)]).toEqual([false, true])
  })
})
