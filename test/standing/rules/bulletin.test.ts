import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { accountKey, ROOM, tokenKey } from '../../../src/standing/rules/bulletin.ts'
import { isHeld } from '../../../src/standing/rules/standing.ts'
import { accounts, MemoryBulletin, DAY, inactive, ISSUER, known, NOW, postFor } from './memorybulletin.ts'

describe('a key', () => {
  it('is that of one account or token alone', () => {
    const text = fc.string({ unit: fc.constantFrom('a', ' ', '1', ':'), maxLength: 6 })
    fc.assert(
      fc.property(text, text, text, text, (issuer, name, other, another) => {
        expect(accountKey(issuer, name)).not.toBe(tokenKey(other, another))
        const isSame = issuer === other && name === another
        expect(accountKey(issuer, name) === accountKey(other, another)).toBe(isSame)
        expect(tokenKey(issuer, name) === tokenKey(other, another)).toBe(isSame)
      }),
    )
  })
})

describe('a bulletin that is full', () => {
  it('leaves out the earliest, and says of when', () => {
    const bulletin = new MemoryBulletin({ entries: 10 })
    const learned = known(bulletin)
    for (let n = 0; n < 10; n++) bulletin.post([postFor(`a${n}`, inactive(NOW + n))])
    bulletin.read(learned)
    expect([learned.entries.size, bulletin.head.leftOutAt]).toEqual([10, undefined])
    bulletin.post([postFor('a10', inactive(NOW + 10))])
    bulletin.read(learned)
    expect([bulletin.head.leftOutAt, bulletin.rows.size]).toEqual([NOW + 1, 9])
    expect(accounts(learned)).toEqual(['a2', 'a3', 'a4', 'a5', 'a6', 'a7', 'a8', 'a9', 'a10'])
  })

  it('leaves out no hold while there is room for all of them', () => {
    const bulletin = new MemoryBulletin({ entries: 10 })
    for (let n = 0; n < 10; n++) bulletin.post([postFor(`h${n}`, { heldAt: n })])
    for (let n = 0; n < 50; n++) bulletin.post([postFor(`a${n}`, inactive(NOW + n))])
    expect([...bulletin.rows.values()].filter(({ entry }) => isHeld(entry, 0))).toHaveLength(10)
    expect([bulletin.rows.size, bulletin.head.leftOutAt]).toEqual([10, NOW + 49])
  })

  it('has everyone asked about where there are too many holds, and keeps its bound', () => {
    const bulletin = new MemoryBulletin({ entries: 10 })
    const learned = known(bulletin)
    for (let n = 0; n < 100; n++) {
      bulletin.post([postFor(`h${n}`, { heldAt: NOW + n })])
      bulletin.read(learned)
      expect(Math.max(bulletin.rows.size, learned.entries.size)).toBeLessThanOrEqual(10)
    }
    expect(bulletin.head.leftOutAt).toBe(Number.MAX_SAFE_INTEGER)
  })

  it('is so by bytes, too: a name may be as long as an event', () => {
    const bulletin = new MemoryBulletin({ bytes: 1_000_000 })
    const name = 'n'.repeat(60_000)
    for (let n = 0; n < 100; n++) bulletin.post([postFor(`${n} ${name}`, inactive(NOW + n))])
    expect(bulletin.rows.size).toBeLessThan(9)
    expect(bulletin.head.bytes).toBeLessThanOrEqual(1_000_000)
    expect(bulletin.head.leftOutAt).toBeGreaterThan(NOW + 89)
    bulletin.post([
      postFor('a', { entitlements: { at: NOW + 200, names: [name, name, name, name, name, name, name] } }),
    ])
    expect([...bulletin.rows.keys()].map((key) => key.at(-1))).toEqual(['a'])
  })

  it('counts its bytes as if it counted them anew', () => {
    const bulletin = new MemoryBulletin({ entries: 10 })
    for (let n = 0; n < 40; n++)
      bulletin.post([postFor(`a${n % 15}`, inactive(NOW + n)), postFor(`b${n % 7}`, { heldAt: n })])
    const anew = new MemoryBulletin()
    anew.post([...bulletin.rows].map(([key, { entry }]) => postFor(key.slice(accountKey(ISSUER, '').length), entry)))
    expect([anew.rows.size, anew.head.bytes]).toEqual([bulletin.rows.size, bulletin.head.bytes])
  })

  it('holds ten thousand accounts and no more, in less than a isolate has to spare', () => {
    const bulletin = new MemoryBulletin()
    const learned = known(bulletin)
    for (let n = 0; n < 15_000; n += 50) {
      bulletin.post(Array.from({ length: 50 }, (_, at) => postFor(`account-${n + at}`, inactive(NOW + n))))
    }
    bulletin.read(learned)
    expect([bulletin.rows.size, learned.entries.size].every((size) => size > 8_000 && size <= 10_000)).toBe(true)
    expect(bulletin.head.bytes).toBeLessThan(ROOM.bytes / 2)
  })
})

describe('what is forgotten', () => {
  it('is what no token can be as old as', () => {
    const bulletin = new MemoryBulletin()
    bulletin.post([postFor('old', inactive(NOW)), postFor('held', { heldAt: NOW })])
    const learned = known(bulletin)
    for (let n = 0; n < 256; n++) bulletin.post([postFor('new', inactive(NOW + 2 * DAY))], NOW + 2 * DAY)
    bulletin.read(learned, NOW + 2 * DAY)
    expect([accounts(learned), bulletin.rows.size]).toEqual([['held', 'new'], 2])
  })
})
