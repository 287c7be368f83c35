import * as fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, inject, it, vi } from 'vitest'
import { ok } from '../../../src/core/result.ts'
import { eraseLedger, withHash } from '../../../src/ledger/host/erasing.ts'
import { orders } from '../../../src/ledger/rules/orders.ts'
import { nextTick, verbs } from '../../../src/ledger/rules/verbs.ts'
import { type Effect, EMPTY_HEAD } from '../../../src/ledger/rules/book.ts'
import type { Totals } from '../../../src/ledger/rules/commands.ts'
import type { EndSettlementCommand, Settle } from '../../../src/ledger/rules/payment.ts'
import type { LedgerRecord } from '../../../src/ledger/rules/record.ts'
import { watchLimits } from '../../../src/ledger/rules/thresholds.ts'
import { DAY, PureLedger, EUR, HOUR, MINUTE, SECOND } from '../rules/pureledger.ts'
import {
  amendOf,
  amends,
  charges,
  commandOf,
  idOf,
  ids,
  LIMITS,
  notes,
  paymentOf,
  payments,
  RATES,
  settlements,
  takings,
  TOKEN_SECONDS,
} from './arbitraries.ts'
import { type HostedLedger, LATER, type LedgerDriver, valueOf } from './driver.ts'

const unknown = ({ charge, request }: Extract<Effect, { kind: 'settle' }>): EndSettlementCommand => ({
  charge,
  request,
  settlement: { kind: 'unknown' },
})

const WATCH = watchLimits([50, 75, 90, 100])

/** The pure ledger and the hosted one, which must not be told apart. */
class Pair {
  readonly pure = new PureLedger(WATCH)
  readonly ledger: HostedLedger
  readonly driver: LedgerDriver
  readonly name: string
  /** Every record that there ever was, flushed ones included. */
  readonly records: LedgerRecord[] = []
  /** What was granted, less what was taken back of it. */
  granted = 0n
  taken = 0n
  orders = 0

  constructor(driver: LedgerDriver, name: string, ledger: HostedLedger) {
    this.driver = driver
    this.name = name
    this.ledger = ledger
    this.pure.now = LATER
    vi.setSystemTime(LATER)
  }

  /** Rings the alarm. A receipt that is over takes all with it, and here that is an account's credit too. */
  ring(): void {
    const effects: Effect[] = []
    for (let hasMore = true; hasMore; ) {
      const ticked = verbs.tick(this.pure.book, undefined, this.pure.now)
      this.pure.write(ticked.changes)
      effects.push(...(ticked.effects ?? []))
      ;({ hasMore } = ticked.outcome)
    }
    for (const effect of effects) if (effect.kind === 'settle') this.pure.apply(verbs.endSettlement, unknown(effect))
    if (this.pure.book.head === EMPTY_HEAD) this.forget()
  }

  /** Everything until now is gone. */
  forget(): void {
    this.records.length = 0
    this.granted = this.left()
    this.taken = -this.granted
  }

  left(): bigint {
    return this.pure.read().credit.reduce((sum, { units }) => sum + units, 0n)
  }

  async compare(): Promise<void> {
    const command = { limits: [...LIMITS, ...RATES], receipt: { uses: 5 } }
    expect(valueOf(await this.ledger.read(command))).toEqual(this.pure.apply(verbs.read, command))
    for (const token of [undefined, 't1', 't2']) {
      expect(valueOf(await this.ledger.statements(token))).toEqual(this.pure.apply(verbs.said, token))
    }
    expect(valueOf(await this.ledger.takeOutbox(1000))).toEqual(this.pure.records(1000))
    const { state } = valueOf(await this.ledger.history({ most: 1 }))
    expect(state).toEqual(this.pure.apply(verbs.history, { most: 1 }).state)
  }
}

/** The pure ledger, to be erased as a host erases. Billing never answers. */
const erasable = (pure: PureLedger): Parameters<typeof eraseLedger>[0] => ({
  apply: async (verb, command) => ok(pure.apply(verb, command)),
  flush: async () => undefined,
  hasOutbox: true,
})

type Step = { readonly name: string; readonly run: (pair: Pair) => Promise<void> }

const step = <T>(name: string, values: fc.Arbitrary<T>, run: (pair: Pair, value: T) => Promise<void>) =>
  values.map((value): Step & { toString(): string } => ({
    name,
    run: (pair) => run(pair, value),
    toString: () => `${name} ${fc.stringify(value)}`,
  }))

const steps = fc.oneof(
  {
    weight: 8,
    arbitrary: step('charge', charges, async ({ pure, ledger }, asked) => {
      const command = commandOf(asked)
      expect(valueOf(await ledger.charge(command))).toEqual(pure.apply(verbs.charge, command))
    }),
  },
  {
    weight: 3,
    arbitrary: step('charge together', fc.array(charges, { minLength: 2, maxLength: 8 }), async (pair, asked) => {
      const commands = asked.map(commandOf)
      const answers = await Promise.all(commands.map((command) => pair.ledger.charge(command)))
      const outcomes = commands.map((command) => pair.pure.apply(verbs.charge, command))
      expect(answers.map((answer) => valueOf(answer))).toEqual(outcomes)
    }),
  },
  {
    weight: 8,
    arbitrary: step('amend', amends, async ({ pure, ledger }, asked) => {
      const command = amendOf(asked)
      expect(valueOf(await ledger.amend(command))).toEqual(pure.apply(verbs.amend, command))
    }),
  },
  {
    weight: 3,
    arbitrary: step('pay', payments, async ({ pure, ledger }, asked) => {
      const command = paymentOf(asked)
      expect(valueOf(await ledger.charge(command))).toEqual(pure.apply(verbs.charge, command))
    }),
  },
  {
    weight: 4,
    arbitrary: step('settle', settlements, async ({ pure, ledger }, { charge, request, settlement, minutesAgo }) => {
      const named = { charge: idOf(charge, minutesAgo), request: idOf(request ?? charge, minutesAgo) }
      if (settlement === undefined)
        expect(valueOf(await ledger.beginSettlement(named))).toEqual(pure.apply(verbs.beginSettlement, named))
      else {
        const command = { ...named, settlement }
        expect(valueOf(await ledger.endSettlement(command))).toEqual(pure.apply(verbs.endSettlement, command))
      }
    }),
  },
  {
    weight: 2,
    arbitrary: step('describe', fc.tuple(ids, fc.constantFrom('"v1"', '"v2"')), async ({ pure, ledger }, asked) => {
      const command = { charge: idOf(asked[0]), representation: asked[1] }
      expect(valueOf(await ledger.describe(command))).toEqual(pure.apply(verbs.describe, command))
    }),
  },
  {
    weight: 2,
    arbitrary: step('grant', fc.tuple(fc.nat(5), fc.bigInt(0n, 50n)), async (pair, [id, units]) => {
      const command = { id: `g${id}`, ...EUR(units), ledger: pair.name }
      const before = pair.left()
      const outcome = pair.pure.apply(verbs.grant, withHash(command))
      expect(valueOf(await pair.ledger.grant(command))).toEqual(outcome)
      if (outcome.kind !== 'granted' || outcome.isRepeat) return
      const granted = pair.left() - before
      pair.granted += granted
      pair.taken += units - granted
    }),
  },
  {
    weight: 3,
    arbitrary: step('take', takings, async (pair, asked) => {
      const command = { ...asked, ledger: pair.name }
      const outcome = pair.pure.apply(orders.takeCredit, command)
      expect(valueOf(await pair.ledger.order('takeCredit', command))).toEqual(outcome)
      if (outcome.kind !== 'taken' || outcome.isRepeat) return
      pair.granted -= outcome.taken.units
      pair.taken += outcome.taken.units
    }),
  },
  {
    weight: 3,
    arbitrary: step('reverse', fc.tuple(ids, fc.constantFrom(0, 0, 1, 6, 60)), async (pair, [id, minutesAgo]) => {
      const command = { charge: idOf(id, minutesAgo) }
      expect(valueOf(await pair.ledger.order('reverseCharge', command))).toEqual(
        pair.pure.apply(orders.reverseCharge, command),
      )
    }),
  },
  {
    weight: 2,
    arbitrary: step('note', notes, async ({ pure, ledger }, entries) => {
      const command = { entries, longestTokenSeconds: TOKEN_SECONDS }
      expect(valueOf(await ledger.recordStatement(command))).toEqual(pure.apply(verbs.note, command))
    }),
  },
  {
    weight: 3,
    arbitrary: step('pass', fc.constantFrom(SECOND, 20 * SECOND, MINUTE, 6 * MINUTE, HOUR, DAY), async (pair, ms) => {
      const { pure } = pair
      pure.now += ms
      vi.setSystemTime(pure.now)
      const isDue = (nextTick(pure.book) ?? Infinity) <= pure.now
      const hasRung = await pair.driver.ring(pair.name)
      if (isDue) expect(hasRung).toBe(true)
      // An alarm that rings early does nothing.
      if (hasRung) pair.ring()
    }),
  },
  {
    weight: 1,
    arbitrary: step('flush', fc.nat(10), async (pair, most) => {
      const taken = pair.pure.records(most)
      const command = { positions: taken.map(({ position }) => position) }
      pair.records.push(...taken)
      pair.pure.apply(verbs.flushed, command)
      await pair.ledger.flushed(command.positions)
    }),
  },
  {
    weight: 1,
    arbitrary: step('erase', fc.tuple(fc.boolean(), fc.boolean()), async (pair, [mayForfeit, isEnded]) => {
      const { pure, ledger, name } = pair
      const revokedAt = Math.floor(pure.now / SECOND)
      const id = `order ${++pair.orders}`
      const command = { id, ledger: name, revokedAt, longestTokenSeconds: TOKEN_SECONDS, mayForfeit }
      const erased = valueOf(await eraseLedger(erasable(pure), command))
      expect(valueOf(await ledger.erase(command))).toEqual(erased)
      if (erased.kind === 'erased' && erased.id === id) pair.forget()
      if (erased.kind !== 'erased' || !isEnded) return
      pure.apply(verbs.endErase, erased.id)
      await ledger.endErase(erased.id)
    }),
  },
  { weight: 2, arbitrary: step('evict', fc.constant('now'), ({ driver, name }) => driver.evict(name)) },
)

/** What holds of every ledger, whatever happened to it. */
function checkSums(pair: Pair): void {
  const { pure, records, granted, taken } = pair
  const { totals } = pure.read()
  const all = [...records, ...pure.records(10_000)]
  const sumOf = (pick: (record: LedgerRecord) => bigint): bigint => all.reduce((sum, record) => sum + pick(record), 0n)
  const inTotals = (list: Totals['counts'], name: string) => list.find((entry) => entry.name === name)?.units ?? 0n
  expect(sumOf(({ change }) => change.price?.units ?? 0n)).toBe(inTotals(totals.money, 'EUR'))
  for (const name of ['requests', 'tokens']) {
    expect(sumOf(({ change }) => inTotals(change.counts, name))).toBe(inTotals(totals.counts, name))
  }
  expect(new Set(all.map(({ id }) => id)).size).toBe(all.length)
  expect(pair.left()).toBe(granted - inTotals(totals.money, 'EUR'))
  expect(pair.left() >= -taken).toBe(true)
  for (const grant of pure.apply(verbs.history, { most: 1 }).state?.grants ?? [])
    expect((grant.taken ?? 0n) + (grant.undone ?? 0n) <= grant.units).toBe(true)
}

const settle: Settle = async () => ({ kind: 'unknown' })

/** A sequence takes some 20 ms, and 300 on a disk that others use. */
const RUN_MS = 1000

/** The ledgers of a platform answer as the pure ledger does. `MODEL_RUNS` asks them more sequences (vitest.config.ts). */
export function modelContract(driver: LedgerDriver, usualRuns = 60): void {
  const numRuns = inject('modelRuns') || usualRuns
  const timeoutMs = Math.max(120_000, numRuns * RUN_MS)
  describe('a hosted ledger and the pure one', () => {
    beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'], now: LATER }))
    afterEach(() => void vi.useRealTimers())

    it(
      'answer alike, whatever is asked of them, evictions and alarms included',
      async () => {
        let number = 0
        await fc.assert(
          fc.asyncProperty(fc.array(steps, { minLength: 20, maxLength: 60, size: 'max' }), async (steps) => {
            number += 1
            const name = `model ${number}`
            const pair = new Pair(driver, name, await driver.open(name, { settlerOf: () => settle, limits: WATCH }))
            await pair.ledger.grant({ id: 'g', ...EUR(100n) })
            pair.pure.grant(100n, 'g')
            pair.granted = 100n
            for (const { run } of steps) {
              await run(pair)
              await pair.compare()
            }
            checkSums(pair)
          }),
          { numRuns },
        )
      },
      timeoutMs,
    )
  })
}
