import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { exactRate } from '../../../src/access/ratelimit.ts'
import { chargeOf, PureLedger, EUR, limit, MINUTE, ONE, reasonOf, SECOND } from './pureledger.ts'
import { verbs } from '../../../src/ledger/rules/verbs.ts'

const rate = (requests: number, seconds: number) => exactRate(requests, seconds, '/api/*')

/** What so many requests come to, one after another at once. */
function ask(ledger: PureLedger, times: number, command: Parameters<PureLedger['charge']>[0]): string[] {
  return Array.from({ length: times }, () => reasonOf(ledger.charge(command)))
}

describe('a rate', () => {
  it('lets so many through in so many seconds, and says when there is room', () => {
    const ledger = new PureLedger()
    const rates = [rate(2, 60)]
    expect(ask(ledger, 3, { rates })).toEqual(['charged', 'charged', 'too-many-requests'])
    const refused = ledger.charge({ rates })
    expect(refused).toMatchObject({ rates: [{ remaining: 0n }] })
    const wait = refused.kind === 'refused' ? (refused.retryAfterSeconds ?? 0) : 0
    expect(wait).toBeGreaterThanOrEqual(60)
    expect(wait).toBeLessThanOrEqual(61)
    ledger.advance((wait - 1) * SECOND)
    expect(reasonOf(ledger.charge({ rates }))).toBe('too-many-requests')
    ledger.advance(SECOND)
    expect(ask(ledger, 3, { rates })).toEqual(['charged', 'charged', 'too-many-requests'])
  })

  it('beside others holds with them, and is counted by none that refuses', () => {
    const ledger = new PureLedger()
    const rates = [rate(1, 10), rate(3, 60)]
    for (let time = 0; time < 3; time++) {
      expect(ask(ledger, 4, { rates })[0]).toBe('charged')
      ledger.advance(11 * SECOND)
    }
    expect(ledger.charge({ rates })).toMatchObject({
      reason: 'too-many-requests',
      rates: [{ remaining: 1n }, { remaining: 0n }],
    })
  })

  it('alone makes no charge, no record and nothing to settle', () => {
    const ledger = new PureLedger()
    ledger.charge({ rates: [rate(2, 60)] })
    expect(ledger.records()).toEqual([])
    expect(ledger.read()).toMatchObject({ recent: [], totals: { charges: 0, counts: [] } })
  })

  it('is no unit of billing', () => {
    const ledger = new PureLedger()
    ledger.charge({ counts: ONE, limits: [limit(5n, 60)], rates: [rate(2, 60)] })
    expect(ledger.records()).toMatchObject([{ change: { counts: ONE } }])
  })

  it('stays counted where the charge is given back', () => {
    const ledger = new PureLedger()
    const command = { counts: ONE, limits: [limit(9n, 60)], rates: [rate(2, 60)] }
    for (let time = 0; time < 2; time++) ledger.amend(ledger.charge(command), 'none')
    expect(ledger.charge(command)).toMatchObject({ reason: 'too-many-requests', limits: [{ remaining: 9n }] })
  })

  it('counts every part of a page that is one charge', () => {
    const ledger = new PureLedger()
    const command = { counts: ONE, limits: [limit(9n, 60)], rates: [rate(3, 60)], continuation: 'page', isPart: true }
    const first = ledger.charge(command)
    expect(reasonOf(ledger.charge(command))).toBe('again:1')
    ledger.amend(first, 'complete', { representation: '"v1"' })
    expect(ask(ledger, 2, command)).toEqual(['again:1', 'too-many-requests'])
    expect(ledger.read(command.limits)).toMatchObject({ limits: [{ remaining: 8n }] })
  })

  it('counts a command that comes twice once', () => {
    const ledger = new PureLedger()
    const rates = [rate(1, 60)]
    const command = chargeOf('twice', ledger.now, { price: EUR(0n), rates })
    for (let time = 0; time < 2; time++) expect(ledger.apply(verbs.charge, command).kind).toBe('charged')
    expect(reasonOf(ledger.charge({ rates }))).toBe('too-many-requests')
  })

  const rates = [rate(1, 60)]
  it.each([
    ['a quota', { counts: ONE, limits: [limit(0n, 60)] }, 'usage-limit-reached'],
    ['credit', { price: EUR(1n) }, 'credit-insufficient'],
    ['a receipt', { receipt: { uses: 0 } }, 'payment-spent'],
    ['a receipt that ended', { receipt: { uses: 1 }, expires: 1 }, 'credential-expired'],
  ])('is not used by what %s refuses, and yields to that refusal', (_what, command, reason) => {
    const ledger = new PureLedger()
    expect(ask(ledger, 2, { ...command, rates })).toEqual([reason, reason])
    expect(ask(ledger, 2, { rates })).toEqual(['charged', 'too-many-requests'])
    expect(reasonOf(ledger.charge({ ...command, rates }))).toBe(reason)
  })

  it('that refuses leaves a quota, credit and a receipt as they are', () => {
    const ledger = new PureLedger()
    ledger.grant(5n)
    const limits = [limit(5n, 60)]
    const command = { counts: ONE, limits, price: EUR(1n), receipt: { uses: 3 }, rates }
    expect(ask(ledger, 3, command)).toEqual(['charged', 'too-many-requests', 'too-many-requests'])
    expect(ledger.charge(command)).toMatchObject({
      limits: [{ remaining: 4n }],
      credit: EUR(4n),
      receipt: { usesLeft: 2 },
    })
  })

  it('of a receipt with a pass holds while the pass lasts', () => {
    const ledger = new PureLedger()
    const command = { receipt: { passSeconds: 300 }, expires: ledger.now + 600 * SECOND, rates: [rate(2, 60)] }
    expect(ask(ledger, 3, command)).toEqual(['charged', 'charged', 'too-many-requests'])
    ledger.advance(2 * MINUTE)
    expect(ask(ledger, 3, command)).toEqual(['charged', 'charged', 'too-many-requests'])
    ledger.advance(4 * MINUTE)
    expect(reasonOf(ledger.charge(command))).toBe('payment-spent')
  })

  it('keeps its count where its length is changed', () => {
    const ledger = new PureLedger()
    ask(ledger, 5, { rates: [rate(5, 60)] })
    expect(reasonOf(ledger.charge({ rates: [rate(5, 30)] }))).toBe('too-many-requests')
  })

  it('is another for another route', () => {
    const ledger = new PureLedger()
    expect(ask(ledger, 2, { rates })).toEqual(['charged', 'too-many-requests'])
    expect(reasonOf(ledger.charge({ rates: [exactRate(1, 60, '/other')] }))).toBe('charged')
  })

  it('cannot be had, loosened or used up by a limit of whatever name', () => {
    for (const name of ['rate-60', 'rate /api/*', 'rate', '/api/*']) {
      const ledger = new PureLedger()
      const limits = [limit(1000n, 60, { name, kind: 'sliding' })]
      const counts = [{ name, units: 10n }]
      expect(ask(ledger, 2, { counts, limits, rates })).toEqual(['charged', 'too-many-requests'])
      expect(ledger.read(limits)).toMatchObject({ limits: [{ remaining: 990n }] })
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
        const ledger = new PureLedger()
        const granted: number[] = []
        for (const { waitMs, end, command } of steps) {
          ledger.advance(waitMs)
          const outcome = ledger.charge({ ...command, rates: [rate(requests, seconds)] })
          if (outcome.kind === 'refused') continue
          granted.push(ledger.now)
          if (end !== undefined) ledger.amend(outcome, end)
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
        const ledger = new PureLedger()
        const command = { rates: [rate(3, seconds)] }
        for (const wait of waits) {
          ledger.advance(wait)
          const outcome = ledger.charge(command)
          if (outcome.kind === 'charged') continue
          ledger.advance((outcome.retryAfterSeconds ?? 0) * SECOND)
          expect(reasonOf(ledger.charge(command))).toBe('charged')
        }
      }),
    )
  })
})

describe('a request with a key that was delivered', () => {
  it.each(['"v1"', undefined])(
    'takes its place under a rate each time it may be answered again: %s',
    (representation) => {
      const ledger = new PureLedger()
      const command = { idempotency: { key: 'k', digest: 'GET /api' }, counts: ONE, rates: [rate(3, 60)] }
      ledger.amend(ledger.charge(command), 'complete', representation === undefined ? {} : { representation })
      expect(ask(ledger, 3, command)).toEqual(['delivered', 'delivered', 'too-many-requests'])
      expect(ledger.charge(command)).not.toHaveProperty('delivered')
      expect(ledger.read()).toMatchObject({ totals: { charges: 1, counts: ONE } })
    },
  )
})
