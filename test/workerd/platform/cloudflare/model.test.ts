import { evictDurableObject, runDurableObjectAlarm } from 'cloudflare:test'
import * as fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { nextTick, verbs } from '../../../../src/ledger/rules/verbs.ts'
import { EMPTY_HEAD } from '../../../../src/ledger/rules/book.ts'
import type {
  AmendCommand,
  ChargeCommand,
  Delivery,
  SignedProof,
  Totals,
} from '../../../../src/ledger/rules/commands.ts'
import type { LedgerRecord } from '../../../../src/ledger/rules/record.ts'
import { exactRate } from '../../../../src/access/ratelimit.ts'
import { STANDINGS } from '../../../../src/access/entitlement.ts'
import { entryOf, type Statement } from '../../../../src/standing/rules/standing.ts'
import { chargeOf, DAY, Desk, EUR, HOUR, limit, MINUTE, SECOND } from '../../../ledger/rules/desk.ts'
import { ledgerOf } from '../../../support/ledger.ts'
import { LATER, type Stub, valueOf } from './ledgers.ts'

beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'], now: LATER }))
afterEach(() => void vi.useRealTimers())

const LIMITS = [
  limit(40n, 60),
  limit(60n, 300, { kind: 'sliding' }),
  limit(200n, 'P1D'),
  limit(500n, 'P1M', { anchor: 31 * 86_400 - 1 }),
  limit(90n, 3600, { name: 'tokens', kind: 'sliding' }),
]
const RATES = [exactRate(6, 30, '/a'), exactRate(10, 300, '/a'), exactRate(4, 60, '/b')]

/** Objects without a prototype cannot be sent to an object. */
const PLAIN = { noNullPrototype: true }

/** The pure ledger and the object, which must not be told apart. */
class Pair {
  readonly desk = new Desk()
  readonly ledger: Stub
  /** Every record that there ever was, flushed ones included. */
  readonly records: LedgerRecord[] = []
  granted = 0n

  constructor(name: string) {
    this.ledger = ledgerOf(name)
    this.desk.now = LATER
    vi.setSystemTime(LATER)
  }

  /** Rings the alarm. A receipt that is over takes all with it, and here that is an account's credit too. */
  ring(): void {
    while (this.desk.tick().hasMore);
    if (this.desk.book.head !== EMPTY_HEAD) return
    this.records.length = 0
    this.granted = 0n
  }

  async compare(): Promise<void> {
    const command = { limits: [...LIMITS, ...RATES], receipt: { uses: 5 } }
    expect(valueOf(await this.ledger.read(command))).toEqual(this.desk.apply(verbs.read, command))
    for (const token of [undefined, 't1', 't2']) {
      expect(valueOf(await this.ledger.statements(token))).toEqual(this.desk.apply(verbs.said, token))
    }
    expect(valueOf(await this.ledger.takeOutbox(1000))).toEqual(this.desk.records(1000))
  }
}

type Step = { readonly name: string; readonly run: (pair: Pair) => Promise<void> }

const step = <T>(name: string, values: fc.Arbitrary<T>, run: (pair: Pair, value: T) => Promise<void>) =>
  values.map((value): Step & { toString(): string } => ({
    name,
    run: (pair) => run(pair, value),
    toString: () => `${name} ${fc.stringify(value)}`,
  }))

const ids = fc.nat(25).map((n) => `r${n}`)

/** A day later the ledger has forgotten who had an id, and it is another's: no request ever has that of an earlier one. */
function today(id: string, daysAgo = 0): string {
  return `${id} of day ${Math.floor((Date.now() - LATER) / DAY) - daysAgo}`
}

const counts = fc.subarray([
  { name: 'requests', units: 1n },
  { name: 'tokens', units: 30n },
  { name: 'requests', units: 7n },
])

/** So few seconds that much is said in one; and so long ago that some of it is forgotten while the test runs. */
const at = fc.integer({ min: -60, max: 5 }).map((seconds) => LATER / 1000 + seconds)
const TOKEN_SECONDS = 2 * 3600
const tokens = fc.constantFrom(undefined, 't1', 't2')
const names = fc.subarray(['a', 'b'])
const statements: fc.Arbitrary<Statement> = fc.oneof(
  fc.record({ at, kind: fc.constant('standing' as const), standing: fc.constantFrom(...STANDINGS) }, PLAIN),
  fc.record({ at, kind: fc.constant('entitlements' as const), names }, PLAIN),
  fc.record({ at, kind: fc.constant('hold' as const), isLifted: fc.boolean() }, PLAIN),
)
const notes = fc.array(
  fc.oneof(
    { weight: 4, arbitrary: statements.map((statement) => ({ entry: entryOf(statement) })) },
    { weight: 1, arbitrary: at.map((when) => ({ entry: { revokedAt: when - 50 } })) },
    {
      weight: 1,
      arbitrary: fc.record(
        { token: fc.constantFrom('t1', 't2'), entry: fc.constant({ revokedAt: LATER / 1000 }) },
        PLAIN,
      ),
    },
  ),
  { minLength: 1, maxLength: 3 },
)

const proofs: fc.Arbitrary<SignedProof> = fc
  .record({
    issuedAt: at,
    jti: tokens,
    standing: fc.constantFrom('active', 'active', 'past-due'),
    names,
    opens: fc.subarray(['a', 'b']),
    isReceipt: fc.boolean(),
  })
  .map(({ issuedAt, jti, standing, names: entitlements, opens, isReceipt }) => {
    const named = { issuedAt, ...(jti && { token: jti }) }
    if (isReceipt) return { kind: 'receipt', ...named }
    return { kind: 'entitlement', ...named, standing, entitlements, ...(opens.length > 0 && { opens }) }
  })

const charges = fc.record(
  {
    id: ids,
    counts,
    limits: fc.subarray(LIMITS),
    rates: fc.option(fc.subarray(RATES), { nil: undefined }),
    price: fc.option(fc.bigInt(0n, 30n).map(EUR), { nil: undefined }),
    receipt: fc.constantFrom(undefined, undefined, { uses: 5 }, { passSeconds: 90 }),
    idempotency: fc.option(
      fc.record({ key: fc.constantFrom('k1', 'k2'), digest: fc.constantFrom('d1', 'd1', 'd1', 'd2') }, PLAIN),
      { nil: undefined, freq: 3 },
    ),
    continuation: fc.constantFrom(undefined, 'a', 'b'),
    isPart: fc.constantFrom(true, true, false),
    representation: fc.constantFrom(undefined, undefined, '"v1"', '"v2"'),
    proof: fc.option(proofs, { nil: undefined }),
    settleAfterMs: fc.integer({ min: 1, max: 3 * MINUTE }),
  },
  PLAIN,
)

type Asked = typeof charges extends fc.Arbitrary<infer T> ? T : never

/** Without the members that are undefined, which the type does not have. */
function commandOf({ id, settleAfterMs, ...asked }: Asked): ChargeCommand {
  const given = Object.fromEntries(Object.entries(asked).filter(([, value]) => value !== undefined))
  const more = asked.receipt === undefined ? {} : { expires: LATER + 3 * HOUR }
  return chargeOf(today(id), Date.now(), { ...given, ...more, settleByMs: Date.now() + settleAfterMs })
}

const amends = fc.record(
  {
    charge: ids,
    request: fc.option(ids, { nil: undefined, freq: 4 }),
    daysAgo: fc.constantFrom(0, 0, 0, 1),
    delivery: fc.constantFrom<Delivery>('complete', 'broken', 'none'),
    counts: fc.option(
      fc.bigInt(0n, 40n).map((units) => [{ name: 'tokens', units }]),
      { nil: undefined },
    ),
    price: fc.option(fc.bigInt(0n, 40n), { nil: undefined }),
    isUnsent: fc.boolean(),
    representation: fc.constantFrom(undefined, '"v1"', 'n:1'),
  },
  PLAIN,
)

type Amending = typeof amends extends fc.Arbitrary<infer T> ? T : never

function amendOf({ daysAgo, delivery, counts, price, isUnsent, representation, ...asked }: Amending): AmendCommand {
  const charge = today(asked.charge, daysAgo)
  const request = today(asked.request ?? asked.charge, daysAgo)
  const more = { ...(isUnsent && { isUnsent }), ...(counts && { counts }), ...(representation && { representation }) }
  return { charge, request, delivery, ...more, ...(price !== undefined && { price }) }
}

const steps = fc.oneof(
  {
    weight: 8,
    arbitrary: step('charge', charges, async ({ desk, ledger }, asked) => {
      const command = commandOf(asked)
      expect(valueOf(await ledger.charge(command))).toEqual(desk.apply(verbs.charge, command))
    }),
  },
  {
    weight: 3,
    arbitrary: step('charge together', fc.array(charges, { minLength: 2, maxLength: 8 }), async (pair, asked) => {
      const commands = asked.map(commandOf)
      const answers = await Promise.all(commands.map((command) => pair.ledger.charge(command)))
      const outcomes = commands.map((command) => pair.desk.apply(verbs.charge, command))
      expect(answers.map((answer) => valueOf(answer))).toEqual(outcomes)
    }),
  },
  {
    weight: 8,
    arbitrary: step('amend', amends, async ({ desk, ledger }, asked) => {
      const command = amendOf(asked)
      expect(valueOf(await ledger.amend(command))).toEqual(desk.apply(verbs.amend, command))
    }),
  },
  {
    weight: 2,
    arbitrary: step('describe', fc.tuple(ids, fc.constantFrom('"v1"', '"v2"')), async ({ desk, ledger }, asked) => {
      const command = { charge: today(asked[0], 0), representation: asked[1] }
      expect(valueOf(await ledger.describe(command))).toEqual(desk.apply(verbs.describe, command))
    }),
  },
  {
    weight: 2,
    arbitrary: step('grant', fc.tuple(fc.nat(5), fc.bigInt(0n, 50n)), async (pair, [id, units]) => {
      const command = { id: `g${id}`, ...EUR(units) }
      const outcome = pair.desk.apply(verbs.grant, command)
      expect(valueOf(await pair.ledger.grant(command))).toEqual(outcome)
      if (outcome.kind === 'granted' && !outcome.isRepeat) pair.granted += units
    }),
  },
  {
    weight: 2,
    arbitrary: step('note', notes, async ({ desk, ledger }, entries) => {
      const command = { entries, longestTokenSeconds: TOKEN_SECONDS }
      expect(valueOf(await ledger.recordStatement(command))).toEqual(desk.apply(verbs.note, command))
    }),
  },
  {
    weight: 3,
    arbitrary: step('pass', fc.constantFrom(SECOND, 20 * SECOND, MINUTE, 6 * MINUTE, HOUR, DAY), async (pair, ms) => {
      const { desk, ledger } = pair
      desk.now += ms
      vi.setSystemTime(desk.now)
      const isDue = (nextTick(desk.book) ?? Infinity) <= desk.now
      const hasRung = await runDurableObjectAlarm(ledger)
      if (isDue) expect(hasRung).toBe(true)
      // An alarm that rings early does nothing.
      if (hasRung) pair.ring()
    }),
  },
  {
    weight: 1,
    arbitrary: step('flush', fc.nat(10), async (pair, most) => {
      const taken = pair.desk.records(most)
      const command = { positions: taken.map(({ position }) => position) }
      pair.records.push(...taken)
      pair.desk.apply(verbs.flushed, command)
      await pair.ledger.flushed(command.positions)
    }),
  },
  { weight: 2, arbitrary: step('evict', fc.constant('now'), ({ ledger }) => evictDurableObject(ledger)) },
)

/** What holds of every ledger, whatever happened to it. */
function checkSums({ desk, records, granted }: Pair): void {
  const { credit, totals } = desk.read()
  const all = [...records, ...desk.records(10_000)]
  const sumOf = (pick: (record: LedgerRecord) => bigint): bigint => all.reduce((sum, record) => sum + pick(record), 0n)
  const inTotals = (list: Totals['counts'], name: string) => list.find((entry) => entry.name === name)?.units ?? 0n
  expect(sumOf(({ change }) => change.price?.units ?? 0n)).toBe(inTotals(totals.money, 'EUR'))
  for (const name of ['requests', 'tokens']) {
    expect(sumOf(({ change }) => inTotals(change.counts, name))).toBe(inTotals(totals.counts, name))
  }
  expect(new Set(all.map(({ id }) => id)).size).toBe(all.length)
  const left = credit.reduce((sum, { units }) => sum + units, 0n)
  expect(left).toBe(granted - inTotals(totals.money, 'EUR'))
  expect(left >= 0n).toBe(true)
}

describe('the object and the pure ledger', () => {
  it('answer alike, whatever is asked of them, evictions and alarms included', async () => {
    let name = 0
    await fc.assert(
      fc.asyncProperty(fc.array(steps, { minLength: 20, maxLength: 60, size: 'max' }), async (steps) => {
        name += 1
        const pair = new Pair(`model ${name}`)
        await pair.ledger.grant({ id: 'g', ...EUR(100n) })
        pair.desk.grant(100n, 'g')
        pair.granted = 100n
        for (const { run } of steps) {
          await run(pair)
          await pair.compare()
        }
        checkSums(pair)
      }),
      { numRuns: 60 },
    )
  }, 120_000)
})
