import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { accountKey, NO_BULLETIN, type Posted } from '../../../src/standing/rules/bulletin.ts'
import { STANDINGS } from '../../../src/access/entitlement.ts'
import { applyDelta, applyPosted, deltaSince, emptyBulletin, readDelta } from '../../../src/standing/rules/delta.ts'
import { NO_PURGES } from '../../../src/cache/rules/purge.ts'
import { asItStands, type Entry, entryOf, isHeld, join, type Statement } from '../../../src/standing/rules/standing.ts'
import { accounts, MemoryBulletin, DAY, inactive, ISSUER, known, NOW, postFor } from './memorybulletin.ts'
import { entitlementOf } from '../../support/proofs.ts'

describe('a delta', () => {
  it('is what was posted since', () => {
    const bulletin = new MemoryBulletin()
    bulletin.post([postFor('a', inactive(NOW)), postFor('b', { heldAt: NOW })])
    const learned = known(bulletin)
    bulletin.post([postFor('b', { liftedAt: NOW + 1 })])
    const delta = deltaSince(bulletin, learned.head)
    expect(delta.entries).toEqual([{ key: accountKey(ISSUER, 'b'), entry: { heldAt: NOW, liftedAt: NOW + 1 } }])
    expect(delta).toMatchObject({ isAll: false, head: { epoch: 'e', version: 2 } })
    applyDelta(learned, delta, DAY, NOW * 1000)
    expect(deltaSince(bulletin, learned.head)).toEqual({ head: bulletin.head, isAll: false, entries: [] })
    expect(accounts(learned)).toEqual(['a', 'b'])
  })

  it.each([
    ['of another epoch', { epoch: 'other', version: 1 }],
    ['of later than what there is', { epoch: 'e', version: 3 }],
  ])('is everything for a state %s', (_what, since) => {
    const bulletin = new MemoryBulletin()
    bulletin.post([postFor('a', inactive(NOW))])
    bulletin.post([postFor('b', inactive(NOW))])
    const delta = deltaSince(bulletin, since)
    expect(delta).toMatchObject({ isAll: true, head: { version: 2 } })
    const learned = emptyBulletin()
    learned.entries.set('what was of the other', {})
    applyDelta(learned, delta, DAY, NOW * 1000)
    expect(accounts(learned)).toEqual(['a', 'b'])
  })

  it('of nothing is empty, and forgotten is what was lost with its storage', () => {
    const learned = known(new MemoryBulletin())
    expect(learned).toEqual(emptyBulletin())
    const bulletin = new MemoryBulletin()
    bulletin.post([postFor('a', inactive(NOW))])
    bulletin.read(learned)
    new MemoryBulletin().read(learned)
    expect(learned).toEqual(emptyBulletin())
  })

  it('tells again of everything if a hold that was lifted was left out since', () => {
    const bulletin = new MemoryBulletin({ entries: 10 })
    bulletin.post([postFor('held', { heldAt: NOW - 9 })])
    const learned = known(bulletin)
    bulletin.post([postFor('held', { heldAt: NOW - 9, liftedAt: NOW - 8 })])
    for (let n = 0; n < 10; n++) bulletin.post([postFor(`a${n}`, inactive(NOW))])
    expect(bulletin.rows.has(accountKey(ISSUER, 'held'))).toBe(false)
    bulletin.read(learned)
    expect(learned.entries.get(accountKey(ISSUER, 'held'))).toBeUndefined()
  })

  it('joins what was learnt here before, and does not put back what is older', () => {
    const bulletin = new MemoryBulletin()
    bulletin.post([postFor('a', inactive(NOW - 1))])
    const learned = emptyBulletin()
    const late = deltaSince(bulletin, learned.head)
    applyPosted(learned, [postFor('b', { heldAt: NOW }), postFor('a', { heldAt: NOW })], {
      ...NO_PURGES,
      everythingAt: 5,
    })
    expect(learned.head.purges.everythingAt).toBe(5)
    applyDelta(learned, { ...late, isAll: false }, DAY, NOW * 1000)
    expect(learned.entries.get(accountKey(ISSUER, 'a'))).toEqual({ ...inactive(NOW - 1), heldAt: NOW })
    expect(accounts(learned)).toEqual(['b', 'a'])
  })
})

describe('what is no delta', () => {
  const head = { epoch: 'e', version: 3, leftOutAt: undefined, purges: NO_PURGES }
  const good = { head, isAll: false, entries: [{ key: 'a', entry: { ...inactive(1), heldAt: 2 } }] }
  const since = { epoch: 'e', version: 3 }
  const entry = (given: unknown): unknown => ({ ...good, entries: [{ key: 'a', entry: given }] })

  it('is told from one that is', () => {
    expect(readDelta(good, since)).toBe(good)
    expect(readDelta({ ...good, isAll: true }, { epoch: 'other', version: 9 })).toEqual({ ...good, isAll: true })
    expect(readDelta(entry({ entitlements: { at: 1, names: [] } }), since)).toBeDefined()
    const subscriptions = [{ id: 'a', at: 1, standing: 'active', hasEnded: false }]
    expect(readDelta(entry({ subscriptions }), since)).toBeDefined()
  })

  const wrong: [string, unknown][] = [
    ['nothing', undefined],
    ['null', null],
    ['text', 'news'],
    ['a list', []],
    ['no members', {}],
    ['no head', { ...good, head: undefined }],
    ['a negative version', { ...good, head: { ...head, version: -1 } }],
    ['a version that is none', { ...good, head: { ...head, version: Number.NaN } }],
    ['a version as text', { ...good, head: { ...head, version: '3' } }],
    ['an older version', { ...good, head: { ...head, version: 2 } }],
    ['another epoch, and not all of it', { ...good, head: { ...head, epoch: 'other' } }],
    ['no epoch', { ...good, head: { ...head, epoch: undefined } }],
    ['a time as text', { ...good, head: { ...head, leftOutAt: '1' } }],
    ['no purges', { ...good, head: { ...head, purges: undefined } }],
    ['purges without a time', { ...good, head: { ...head, purges: { ...NO_PURGES, tags: { a: null } } } }],
    ['no word of whether it is all', { ...good, isAll: undefined }],
    ['entries that are no list', { ...good, entries: new Map() }],
    ['an entry without a key', { ...good, entries: [{ entry: {} }] }],
    ['an entry that is none', entry('held')],
    ['a standing that is none', entry({ standing: { at: 1, standing: 'gone' } })],
    ['a standing without a time', entry({ standing: { standing: 'active' } })],
    ['subscriptions that are no list', entry({ subscriptions: { id: 'a' } })],
    ['a subscription that is none', entry({ subscriptions: [undefined] })],
    ['a subscription without an id', entry({ subscriptions: [{ at: 1, standing: 'active', hasEnded: false }] })],
    ['a subscription of no standing', entry({ subscriptions: [{ id: 'a', at: 1, standing: 'x', hasEnded: true }] })],
    ['entitlements that are none', entry({ entitlements: { at: 1, names: 'a' } })],
    ['a hold at no time', entry({ heldAt: null })],
    ['a revocation at no time', entry({ revokedAt: Number.NaN })],
  ]
  it.each(wrong)('%s', (_what, value) => {
    expect(readDelta(value, since)).toBeUndefined()
  })

  it('is everything else, whatever comes', () => {
    fc.assert(fc.property(fc.anything(), (value) => readDelta(value, since) === undefined))
  })
})

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
        const isAsked = leftOutAt !== undefined && (leftOutAt >= token.issuedAt || isHeld(named))
        const entry = isAsked ? join(named, this.said.get(who) ?? {}) : named
        return [asItStands(token, entry, undefined), asItStands(token, this.said.get(who), undefined)]
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
  fc.record({ kind: fc.constant('hold' as const), isLifted: fc.boolean() }),
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
