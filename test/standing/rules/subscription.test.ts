import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Standing, STANDINGS } from '../../../src/access/entitlement.ts'
import { asItStands } from '../../../src/standing/rules/asitstands.ts'
import { endOf, type Entry, entryOf, join, pruned, standingSaid } from '../../../src/standing/rules/standing.ts'
import { verbs } from '../../../src/ledger/rules/verbs.ts'
import {
  bestOf,
  joinSubscriptions,
  MOST_SUBSCRIPTIONS,
  type SubscriptionStanding,
} from '../../../src/standing/rules/subscription.ts'
import { DAY, PureLedger } from '../../ledger/rules/pureledger.ts'

const say = (id: string, at: number, standing: Standing, hasEnded = false): SubscriptionStanding => ({
  id,
  at,
  standing,
  hasEnded,
})
const joined = (said: readonly SubscriptionStanding[]): readonly SubscriptionStanding[] =>
  said.reduce<readonly SubscriptionStanding[]>((all, each) => joinSubscriptions(all, [each]) ?? [], [])

describe('the subscriptions of an account', () => {
  const table: [string, SubscriptionStanding[], ReturnType<typeof bestOf>][] = [
    ['none', [], undefined],
    ['one', [say('a', 1, 'past-due')], { at: 1, standing: 'past-due' }],
    ['one that goes on', [say('a', 1, 'active'), say('b', 2, 'inactive', true)], { at: 1, standing: 'active' }],
    ['two that go on', [say('a', 1, 'active'), say('b', 2, 'active')], { at: 2, standing: 'active' }],
    ['one unpaid', [say('a', 1, 'past-due'), say('b', 2, 'inactive', true)], { at: 2, standing: 'past-due' }],
    ['none left', [say('a', 3, 'inactive', true), say('b', 2, 'inactive', true)], { at: 3, standing: 'inactive' }],
    ['the latest of one', [say('a', 1, 'past-due'), say('a', 2, 'active')], { at: 2, standing: 'active' }],
    ['two words of one second', [say('a', 1, 'past-due'), say('a', 1, 'active')], { at: 1, standing: 'past-due' }],
    ['one paid late', [say('a', 1, 'inactive', true), say('a', 9, 'active')], { at: 1, standing: 'inactive' }],
    [
      'one ended twice',
      [say('a', 1, 'inactive', true), say('a', 2, 'inactive', true)],
      { at: 2, standing: 'inactive' },
    ],
  ]
  it.each(table)('are judged by the best: %s', (_name, said, best) => {
    expect(bestOf(joined(said))).toEqual(best)
    expect(bestOf(joined(said.toReversed()))).toEqual(best)
  })

  const one = fc.record({
    id: fc.constantFrom('a', 'b', '__proto__'),
    at: fc.integer({ min: 0, max: 4 }),
    standing: fc.constantFrom(...STANDINGS),
    hasEnded: fc.boolean(),
  })

  it('end the same in whatever order, in whatever groups and however often they are told of', () => {
    const mixed = fc
      .array(one, { maxLength: 12 })
      .chain((said) => fc.tuple(fc.constant(said), fc.shuffledSubarray([...said, ...said], { minLength: said.length })))
    fc.assert(
      fc.property(mixed, fc.array(one), ([said, again], others) => {
        expect(joined([...again, ...said])).toEqual(joined(said))
        const groups = joinSubscriptions(joined(said), joinSubscriptions(joined(others), joined(again)))
        expect(groups ?? []).toEqual(joined([...said, ...others]))
      }),
      { numRuns: 1000 },
    )
  })

  it('are at most so many, and those that are active go last', () => {
    const few = joined([
      say('open', 1, 'active'),
      ...Array.from({ length: 200 }, (_, at) => say(`over-${at}`, at + 2, 'inactive', true)),
    ])
    expect(few).toHaveLength(MOST_SUBSCRIPTIONS)
    expect(bestOf(few)).toEqual({ at: 1, standing: 'active' })
    expect(few.some(({ id }) => id === 'over-199')).toBe(true)
    expect(few.some(({ id }) => id === 'over-0')).toBe(false)
  })
})

describe('an entry with subscriptions', () => {
  const entry = (...said: readonly SubscriptionStanding[]): Entry =>
    said.map((each) => entryOf({ kind: 'subscription', ...each })).reduce(join, {})
  const TOKEN = { kind: 'entitlement', issuedAt: 100, standing: 'active', entitlements: ['a'] } as const

  it('stands as was said last, of the account or of them, and in one second as is stricter', () => {
    const open = entry(say('a', 5, 'active'))
    expect(standingSaid(join(open, entryOf({ kind: 'standing', at: 6, standing: 'inactive' })))?.standing).toBe(
      'inactive',
    )
    expect(standingSaid(join(open, entryOf({ kind: 'standing', at: 5, standing: 'past-due' })))?.standing).toBe(
      'past-due',
    )
    expect(standingSaid(join(open, entryOf({ kind: 'standing', at: 4, standing: 'inactive' })))?.standing).toBe(
      'active',
    )
  })

  it('overrules tokens that were signed before, and none that was signed later', () => {
    const ended = entry(say('a', 100, 'active'), say('b', 100, 'inactive', true), say('a', 101, 'inactive', true))
    expect(asItStands(TOKEN, ended, undefined, 200)).toMatchObject({ value: { standing: 'inactive' } })
    expect(asItStands({ ...TOKEN, issuedAt: 102 }, ended, undefined, 200)).toMatchObject({
      value: { standing: 'active' },
    })
    // That another one ended later does not say once more that this one is active.
    const open = entry(say('a', 90, 'active'), say('b', 110, 'inactive', true))
    const told = asItStands({ ...TOKEN, standing: 'past-due' }, open, undefined, 200)
    expect(told).toMatchObject({ value: { standing: 'past-due' } })
  })

  it('is what its ledger tells when one of them ends a year after the other was heard of', () => {
    const ledger = new PureLedger()
    const longestTokenSeconds = 86_400
    const note = (id: string, standing: Standing, hasEnded: boolean) => {
      const said = entry(say(id, ledger.now / 1000, standing, hasEnded))
      return ledger.apply(verbs.note, { entries: [{ entry: said }], longestTokenSeconds }).entries[0]?.entry ?? {}
    }
    note('a', 'active', false)
    note('b', 'active', false)
    ledger.advance(365 * DAY)
    expect(standingSaid(note('a', 'inactive', true))?.standing).toBe('active')
    expect(standingSaid(note('b', 'inactive', true))).toEqual({ at: ledger.now / 1000, standing: 'inactive' })
    ledger.advance(365 * DAY)
    // An invoice that was left open is paid.
    expect(standingSaid(note('a', 'active', false))?.standing).toBe('inactive')
  })

  it('is kept by its ledger for good, and elsewhere whole or not at all', () => {
    const both = entry(say('a', 10, 'active'), say('b', 90, 'inactive', true))
    expect(endOf(both, 10)).toBeUndefined()
    expect(pruned(both, 10, 100)).toEqual(both)
    expect(pruned(both, 10, 101)).toBeUndefined()
  })
})
