import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { exactRate } from '../../../src/access/ratelimit.ts'
import { chargeOf, Desk, EUR, limit, MINUTE, ONE, reasonOf, SECOND } from './desk.ts'
import { verbs } from '../../../src/ledger/rules/verbs.ts'

const rate = (requests: number, seconds: number) => exactRate(requests, seconds, '/api/*')

/** What so many requests come to, one after another at once. */
function ask(desk: Desk, times: number, command: Parameters<Desk['charge']>[0]): string[] {
  return Array.from({ length: times }, () => reasonOf(desk.charge(command)))
}

describe('a rate', () => {
  it('lets so many through in so many seconds, and says when there is room', () => {
    const desk = new Desk()
    const rates = [rate(2, 60)]
    expect(ask(desk, 3, { rates })).toEqual(['charged', 'charged', 'too-many-requests'])
    const refused = desk.charge({ rates })
    expect(refused).toMatchObject({ rates: [{ remaining: 0n }] })
    const wait = refused.kind === 'refused' ? (refused.retryAfterSeconds ?? 0) : 0
    expect(wait).toBeGreaterThanOrEqual(60)
    expect(wait).toBeLessThanOrEqual(61)
    desk.pass((wait - 1) * SECOND)
    expect(reasonOf(desk.charge({ rates }))).toBe('too-many-requests')
    desk.pass(SECOND)
    expect(ask(desk, 3, { rates })).toEqual(['charged', 'charged', 'too-many-requests'])
  })

  it('beside others holds with them, and is counted by none that refuses', () => {
    const desk = new Desk()
    const rates = [rate(1, 10), rate(3, 60)]
    for (let time = 0; time < 3; time++) {
      expect(ask(desk, 4, { rates })[0]).toBe('charged')
      desk.pass(11 * SECOND)
    }
    expect(desk.charge({ rates })).toMatchObject({
      reason: 'too-many-requests',
      rates: [{ remaining: 1n }, { remaining: 0n }],
    })
  })

  it('alone makes no charge, no record and nothing to settle', () => {
    const desk = new Desk()
    desk.charge({ rates: [rate(2, 60)] })
    expect(desk.records()).toEqual([])
    expect(desk.read()).toMatchObject({ recent: [], totals: { charges: 0, counts: [] } })
  })

  it('is no unit of billing', () => {
    const desk = new Desk()
    desk.charge({ counts: ONE, limits: [limit(5n, 60)], rates: [rate(2, 60)] })
    expect(desk.records()).toMatchObject([{ change: { counts: ONE } }])
  })

  it('stays counted where the charge is given back', () => {
    const desk = new Desk()
    const command = { counts: ONE, limits: [limit(9n, 60)], rates: [rate(2, 60)] }
    for (let time = 0; time < 2; time++) desk.amend(desk.charge(command), 'none')
    expect(desk.charge(command)).toMatchObject({ reason: 'too-many-requests', limits: [{ remaining: 9n }] })
  })

  it('counts every part of a page that is one charge', () => {
    const desk = new Desk()
    const command = { counts: ONE, limits: [limit(9n, 60)], rates: [rate(3, 60)], continuation: 'page', isPart: true }
    const first = desk.charge(command)
    expect(reasonOf(desk.charge(command))).toBe('again:1')
    desk.amend(first, 'complete', { representation: '"v1"' })
    expect(ask(desk, 2, command)).toEqual(['again:1', 'too-many-requests'])
    expect(desk.read(command.limits)).toMatchObject({ limits: [{ remaining: 8n }] })
  })

  it('counts a command that comes twice once', () => {
    const desk = new Desk()
    const rates = [rate(1, 60)]
    const command = chargeOf('twice', desk.now, { price: EUR(0n), rates })
    for (let time = 0; time < 2; time++) expect(desk.apply(verbs.charge, command).kind).toBe('charged')
    expect(reasonOf(desk.charge({ rates }))).toBe('too-many-requests')
  })

  const rates = [rate(1, 60)]
  it.each([
    ['a quota', { counts: ONE, limits: [limit(0n, 60)] }, 'usage-limit-reached'],
    ['credit', { price: EUR(1n) }, 'credit-insufficient'],
    ['a receipt', { receipt: { uses: 0 } }, 'payment-spent'],
    ['a receipt that ended', { receipt: { uses: 1 }, expires: 1 }, 'credential-expired'],
  ])('is not used by what %s refuses, and yields to that refusal', (_what, command, reason) => {
    const desk = new Desk()
    expect(ask(desk, 2, { ...command, rates })).toEqual([reason, reason])
    expect(ask(desk, 2, { rates })).toEqual(['charged', 'too-many-requests'])
    expect(reasonOf(desk.charge({ ...command, rates }))).toBe(reason)
  })

  it('that refuses leaves a quota, credit and a receipt as they are', () => {
    const desk = new Desk()
    desk.grant(5n)
    const limits = [limit(5n, 60)]
    const command = { counts: ONE, limits, price: EUR(1n), receipt: { uses: 3 }, rates }
    expect(ask(desk, 3, command)).toEqual(['charged', 'too-many-requests', 'too-many-requests'])
    expect(desk.charge(command)).toMatchObject({
      limits: [{ remaining: 4n }],
      credit: EUR(4n),
      receipt: { usesLeft: 2 },
    })
  })

  it('of a receipt with a pass holds while the pass lasts', () => {
    const desk = new Desk()
    const command = { receipt: { passSeconds: 300 }, expires: desk.now + 600 * SECOND, rates: [rate(2, 60)] }
    expect(ask(desk, 3, command)).toEqual(['charged', 'charged', 'too-many-requests'])
    desk.pass(2 * MINUTE)
    expect(ask(desk, 3, command)).toEqual(['charged', 'charged', 'too-many-requests'])
    desk.pass(4 * MINUTE)
    expect(reasonOf(desk.charge(command))).toBe('payment-spent')
  })

  it('keeps its count where its length is changed', () => {
    const desk = new Desk()
    ask(desk, 5, { rates: [rate(5, 60)] })
    expect(reasonOf(desk.charge({ rates: [rate(5, 30)] }))).toBe('too-many-requests')
  })

  it('is another for another route', () => {
    const desk = new Desk()
    expect(ask(desk, 2, { rates })).toEqual(['charged', 'too-many-requests'])
    expect(reasonOf(desk.charge({ rates: [exactRate(1, 60, '/other')] }))).toBe('charged')
  })

  it('cannot be had, loosened or used up by a limit of whatever name', () => {
    for (const name of ['rate-60', 'rate /api/*', 'rate', '/api/*']) {
      const desk = new Desk()
      const limits = [limit(1000n, 60, { name, kind: 'sliding' })]
      const counts = [{ name, units: 10n }]
      expect(ask(desk, 2, { counts, limits, rates })).toEqual(['charged', 'too-many-requests'])
      expect(desk.read(limits)).toMatchObject({ limits: [{ remaining: 990n }] })
    }
  })

  it('whatever is asked and settled, lets no more through in any window', () => {
    const step = fc.record({
      waitMs: fc.oneof(fc.nat(200), fc.nat(12_000)),
      end: fc.constantFrom('none' as const, 'complete' as const, undefined),
      command: fc.constantFrom(
        {},
        { counts: ONE, limits: [limit(1000n, 60)] },
        { counts: ONE, limits: [limit(40n, 3600)] },
        { counts: ONE, limits: [limit(1000n, 60)], continuation: 'page', isPart: true },
      ),
    })
    const rule = fc.record({ requests: fc.integer({ min: 1, max: 9 }), seconds: fc.integer({ min: 1, max: 30 }) })
    fc.assert(
      fc.property(rule, fc.array(step, { maxLength: 120 }), ({ requests, seconds }, steps) => {
        const desk = new Desk()
        const granted: number[] = []
        for (const { waitMs, end, command } of steps) {
          desk.pass(waitMs)
          const outcome = desk.charge({ ...command, rates: [rate(requests, seconds)] })
          if (outcome.kind === 'refused') continue
          granted.push(desk.now)
          if (end !== undefined) desk.amend(outcome, end)
        }
        for (const from of granted) {
          const within = granted.filter((time) => time >= from && time < from + seconds * SECOND)
          expect(within.length).toBeLessThanOrEqual(requests)
        }
      }),
      { numRuns: 300 },
    )
  })

  it('whoever waits as long as it says is let through', () => {
    const moments = fc.array(fc.nat(3000), { minLength: 1, maxLength: 60 })
    fc.assert(
      fc.property(moments, fc.integer({ min: 1, max: 30 }), (waits, seconds) => {
        const desk = new Desk()
        const command = { rates: [rate(3, seconds)] }
        for (const wait of waits) {
          desk.pass(wait)
          const outcome = desk.charge(command)
          if (outcome.kind === 'charged') continue
          desk.pass((outcome.retryAfterSeconds ?? 0) * SECOND)
          expect(reasonOf(desk.charge(command))).toBe('charged')
        }
      }),
    )
  })
})

describe('a request with a key that was delivered', () => {
  it('takes its place under a rate each time it may be answered from the store', () => {
    const desk = new Desk()
    const command = { idempotency: { key: 'k', digest: 'GET /api' }, counts: ONE, rates: [rate(3, 60)] }
    desk.amend(desk.charge(command), 'complete', { representation: '"v1"' })
    expect(ask(desk, 3, command)).toEqual(['delivered', 'delivered', 'too-many-requests'])
    expect(desk.charge(command)).not.toHaveProperty('representation')
    expect(desk.read()).toMatchObject({ totals: { charges: 1, counts: ONE } })
  })
})
