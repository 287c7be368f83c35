import * as fc from 'fast-check'
import { beforeEach, describe, expect, it } from 'vitest'
import type { AmendCommand, ChargeCommand } from '../../../src/ledger/rules/commands.ts'
import { charged } from './payer.ts'
import { EUR, MINUTE, PureLedger, reasonOf, SECOND } from './pureledger.ts'

const FACTS = { route: '/chat', meter: 'openai' }

let ledger: PureLedger

beforeEach(() => {
  ledger = new PureLedger()
  ledger.grant(1000n)
})

/** Sends a request; `count` is what its client says of the tries before. */
function send(count: number, digest = 'one', more: Partial<ChargeCommand> = {}) {
  return ledger.charge({ price: EUR(100n), facts: FACTS, clientRetry: { digest, isRetry: count > 0 }, ...more })
}

const end = (made: ReturnType<typeof send>, delivery: AmendCommand['delivery'], price?: bigint) =>
  ledger.amend(made, delivery, price === undefined ? {} : { price })
const spent = () => 1000n - (ledger.read().credit[0]?.units ?? 0n)

describe('a request that its client sends again by itself', () => {
  it('is the same charge after it failed, and free while nothing was generated', () => {
    const first = charged(send(0))
    end(first, 'none')
    const second = charged(send(1))
    end(second, 'none')
    const third = charged(send(2))
    expect([second, third].map(({ first: id, isRepeat, tries }) => [id, isRepeat, tries])).toEqual([
      [first.charge, true, 2],
      [first.charge, true, 3],
    ])
    end(third, 'complete', 30n)
    expect(spent()).toBe(30n)
    expect(ledger.records().map(({ repeats }) => repeats)).toEqual([
      undefined,
      undefined,
      first.charge,
      first.charge,
      first.charge,
      first.charge,
    ])
  })

  it('reserves all again and adds what each try generated', () => {
    for (const count of [0, 1, 2]) {
      const made = charged(send(count))
      expect(made.reserved.price?.units).toBe(100n)
      end(made, 'broken', 90n)
    }
    expect(spent()).toBe(270n)
  })

  it('pays for what was generated and never sent, also under a key', () => {
    const idempotency = { key: 'k', digest: 'd' }
    for (const count of [0, 1, 2]) {
      const made = charged(send(count, 'one', { idempotency }))
      ledger.amend(made, 'broken', { price: 90n, isUnsent: true })
    }
    expect(spent()).toBe(270n)
  })

  it('is told to wait a second while the try before is in flight', () => {
    const first = send(0)
    expect(send(1)).toMatchObject({ conflict: 'sent-again', retryAfterSeconds: 1 })
    expect(spent()).toBe(100n)
    end(first, 'broken', 10n)
    expect(reasonOf(send(1))).toBe('again:2')
  })

  it.each([
    ['complete', 0, 'complete', 0],
    ['broken longer than ten minutes ago', 10 * MINUTE, 'broken', 0],
    ['tried three times', 0, 'broken', 2],
  ] as const)('is a charge of its own if the one before was %s', (_what, later, delivery, retries) => {
    for (let count = 0; count <= retries; count++) end(send(count), delivery, 10n)
    ledger.advance(later)
    const made = charged(send(retries + 1))
    expect([made.first, made.isRepeat]).toEqual([undefined, false])
  })

  it('continues one that was forgotten, for ten minutes, and pays for it anew', () => {
    charged(send(0, 'one', { settleByMs: ledger.now + SECOND }))
    ledger.advance(MINUTE)
    const made = charged(send(1))
    expect([made.tries, made.reserved.price?.units, spent()]).toEqual([2, 100n, 200n])
    end(made, 'complete', 10n)
    ledger.advance(11 * MINUTE)
    expect(reasonOf(send(1))).toBe('charged')
  })

  it.each([
    ['says that it is the first', () => send(0)],
    ['has other content', () => send(1, 'another')],
    ['has no meter that knows of such clients', () => ledger.charge({ price: EUR(100n) })],
  ])('is joined to nothing if it %s', (_what, ask) => {
    end(send(0), 'none')
    expect(reasonOf(ask())).toBe('charged')
  })

  it('is not taken for one of several equal requests in flight, and continues the one that failed', () => {
    const [one, two, three] = [send(0), send(0), charged(send(0))]
    expect(reasonOf(send(1))).toBe('charged')
    end(three, 'none')
    const again = charged(send(1))
    expect(again.first).toBe(three.charge)
    expect([one.kind, two.kind]).toEqual(['charged', 'charged'])
  })

  it('of another account finds nothing', () => {
    end(send(0), 'none')
    const other = new PureLedger()
    other.grant(1000n)
    expect(reasonOf(other.charge({ price: EUR(1n), clientRetry: { digest: 'one', isRetry: true } }))).toBe('charged')
  })

  it('costs exactly what all tries generated, whatever its client claims', () => {
    const step = fc.record({
      count: fc.integer({ min: 0, max: 4 }),
      digest: fc.constantFrom('one', 'two'),
      generated: fc.bigInt(0n, 120n),
      how: fc.constantFrom<AmendCommand['delivery']>('complete', 'broken', 'none'),
      isUnsent: fc.boolean(),
      waits: fc.constantFrom(0, SECOND, 11 * MINUTE),
    })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 25 }), (steps) => {
        ledger = new PureLedger()
        ledger.grant(100_000n)
        let generated = 0n
        for (const { count, digest, generated: price, how, isUnsent, waits } of steps) {
          const made = charged(send(count, digest))
          ledger.amend(made, how, { price, ...(isUnsent && { isUnsent }) })
          if (how !== 'none') generated += price < 100n ? price : 100n
          ledger.advance(waits)
        }
        expect(100_000n - (ledger.read().credit[0]?.units ?? 0n)).toBe(generated)
        const kept = ledger.records().reduce((sum, { change }) => sum + (change.price?.units ?? 0n), 0n)
        expect(kept).toBe(generated)
      }),
    )
  })
})
