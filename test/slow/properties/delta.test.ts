import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { accountKey, NO_BULLETIN, type Posted } from '../../../src/standing/rules/bulletin.ts'
import { STANDINGS } from '../../../src/access/entitlement.ts'
import { emptyBulletin } from '../../../src/standing/rules/delta.ts'
import { asItStands } from '../../../src/standing/rules/asitstands.ts'
import { type Entry, entryOf, isHeld, join, type Statement } from '../../../src/standing/rules/standing.ts'
import { MemoryBulletin, DAY, ISSUER, NOW, postFor } from '../../standing/rules/memorybulletin.ts'
import { entitlementOf } from '../../support/proofs.ts'

const TOKEN = entitlementOf(0, { entitlements: ['a', 'b'] })

/** All that was ever said, and readers who have heard some of it. */
class World {
  readonly bulletin = new MemoryBulletin({ entries: 6, bytes: 2400 })
  readonly said = new Map<string, Entry>()
  readonly readers = [emptyBulletin(), emptyBulletin(), emptyBulletin()]
  /** Posted later than the ledger was told. */
  delayed: Posted[] = []
  now = NOW

  constructor() {
    // So that it is time to forget soon.
    this.bulletin.head = { ...NO_BULLETIN, epoch: 'e', version: 250 }
  }

  say(who: string, statement: Statement, isDelayed: boolean): void {
    const entry = join(this.said.get(who) ?? {}, entryOf(statement))
    this.said.set(who, entry)
    if (isDelayed) this.delayed.push(postFor(who, entry))
    else this.bulletin.post([postFor(who, entry)], this.now)
  }

  /** Posts what is late. The other way round it is as if an earlier event had been posted after a later one. */
  postDelayed(isReversed: boolean): void {
    const posts = isReversed ? this.delayed.toReversed() : this.delayed
    for (const each of posts) this.bulletin.post([each], this.now)
    this.delayed = []
  }

  check(): void {
    for (const reader of this.readers) {
      this.bulletin.read(reader, this.now)
      expect(reader.entries.size).toBeLessThanOrEqual(2 * 6)
      const { leftOutAt } = reader.head
      const asked = NAMES.flatMap((who) => [0, 1, 30, 80, DAY].map((age) => ({ who, age })))
      const judged = asked.map(({ who, age }) => {
        const token = { ...TOKEN, account: who, issuedAt: this.now - age }
        const named = reader.entries.get(accountKey(ISSUER, who)) ?? {}
        // Of a hold, too: that it was lifted may have been left out.
        const isAsked = leftOutAt !== undefined && (leftOutAt >= token.issuedAt || isHeld(named, this.now))
        const entry = isAsked ? join(named, this.said.get(who) ?? {}) : named
        return [
          asItStands(token, entry, undefined, this.now),
          asItStands(token, this.said.get(who), undefined, this.now),
        ]
      })
      expect(judged.map(([here]) => here)).toEqual(judged.map(([, everywhere]) => everywhere))
    }
  }
}

const NAMES = Array.from({ length: 12 }, (_, n) => `account-${n}`)
const name = fc.constantFrom(...NAMES)
const ago = fc.integer({ min: 0, max: 40 })
const words = fc.oneof(
  fc.record({ kind: fc.constant('standing' as const), standing: fc.constantFrom(...STANDINGS) }),
  fc.record({ kind: fc.constant('entitlements' as const), names: fc.subarray(['a', 'b', 'c']) }),
  fc.record({ kind: fc.constant('tokens-revoked' as const) }),
  fc.record({ kind: fc.constant('sign-in-asked' as const) }),
  fc.record({ kind: fc.constant('hold' as const), isLifted: fc.boolean() }),
  fc.record(
    {
      kind: fc.constant('named-hold' as const),
      name: fc.constantFrom('x', 'y'),
      until: fc.nat(200).map((seconds) => NOW + seconds),
    },
    { requiredKeys: ['kind', 'name'] },
  ),
)

describe('a reader', () => {
  const steps = fc.oneof(
    {
      weight: 10,
      arbitrary: fc.record({ who: name, said: words, ago, isDelayed: fc.boolean() }).map((given) => (world: World) => {
        world.say(given.who, { ...given.said, at: world.now - given.ago }, given.isDelayed)
      }),
    },
    {
      weight: 3,
      arbitrary: fc.nat(2).map((index) => (world: World) => {
        const reader = world.readers[index]
        if (reader !== undefined) world.bulletin.read(reader, world.now)
      }),
    },
    { weight: 3, arbitrary: fc.nat(60).map((seconds) => (world: World) => void (world.now += seconds)) },
    {
      weight: 1,
      arbitrary: fc.constantFrom(DAY, 8 * DAY).map((seconds) => (world: World) => {
        world.postDelayed(false)
        world.now += seconds
      }),
    },
    { weight: 2, arbitrary: fc.boolean().map((isReversed) => (world: World) => world.postDelayed(isReversed)) },
  )

  it('judges each account as one who forgets nothing, whenever it reads and whatever is left out', () => {
    fc.assert(
      fc.property(fc.array(steps, { minLength: 5, maxLength: 120, size: 'max' }), (all) => {
        const world = new World()
        for (const step of all) step(world)
        world.postDelayed(true)
        world.check()
      }),
      { numRuns: 500 },
    )
  })
})
