import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { accountKey } from '../../../src/standing/rules/bulletin.ts'
import { applyDelta, applyPosted, deltaSince, emptyBulletin, readDelta } from '../../../src/standing/rules/delta.ts'
import { NO_PURGES } from '../../../src/cache/rules/purge.ts'
import { accounts, MemoryBulletin, DAY, inactive, ISSUER, known, NOW, postFor } from './memorybulletin.ts'

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
