import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ClockCache, type ClockPartition } from '../../src/core/clockcache.ts'

const ENTRY = 10

/** A cache with room for so many entries of one size, and its only partition. */
function roomFor(entries: number): ClockPartition<string> {
  return new ClockCache<string>(entries * ENTRY).partition()
}

/** Asks for each key, remembers what is not there, and returns the part that was. */
function hitRatio(cache: ClockPartition<string>, keys: Iterable<string>): number {
  let [asked, hits] = [0, 0]
  for (const key of keys) {
    asked++
    if (cache.get(key) === undefined) cache.set(key, key, ENTRY)
    else hits++
  }
  return hits / asked
}

function* cycle(length: number, times: number): Generator<string> {
  for (let at = 0; at < length * times; at++) yield `key ${at % length}`
}

describe('a cache that a scan does not empty', () => {
  it('gives back what was put into it, and the last value of a key', () => {
    const cache = roomFor(100)
    cache.set('a', 'one', ENTRY)
    cache.set('a', 'two', ENTRY)
    expect([cache.get('a'), cache.get('b')]).toEqual(['two', undefined])
    cache.delete('a')
    expect(cache.get('a')).toBeUndefined()
  })

  it.each([101, 110, 150, 200, 400, 700])(
    'finds about bound/length of a cycle of %i keys, of a bound of 100',
    (length) => {
      const cache = roomFor(100)
      hitRatio(cache, cycle(length, 20))
      const ratio = hitRatio(cache, cycle(length, 50))
      expect(ratio).toBeGreaterThan((0.9 * 100) / length)
      expect(ratio).toBeLessThanOrEqual(100 / length)
    },
  )

  it('finds all of a cycle that fits', () => {
    const cache = roomFor(100)
    hitRatio(cache, cycle(100, 1))
    expect(hitRatio(cache, cycle(100, 5))).toBe(1)
  })

  it('keeps what is used while a hundred times more comes once', () => {
    const cache = roomFor(100)
    hitRatio(cache, cycle(50, 1))
    function* mixed(): Generator<string> {
      let fresh = 0
      for (const key of cycle(50, 200)) {
        yield key
        for (let at = 0; at < 10; at++) yield `once ${fresh++}`
      }
    }
    hitRatio(cache, mixed())
    expect(hitRatio(cache, cycle(50, 1))).toBeGreaterThan(0.9)
  })

  it('takes a new key that goes on coming, in whatever order it comes among others', () => {
    for (let period = 1; period <= 16; period++) {
      const cache = roomFor(100)
      hitRatio(cache, cycle(200, 5))
      let asked = 0
      while (cache.get('new') === undefined && asked++ < 2000) {
        cache.set('new', 'new', ENTRY)
        for (let other = 1; other < period; other++) cache.set(`once ${asked} ${other}`, '', ENTRY)
      }
      expect(asked).toBeLessThan(2000)
    }
  })

  it('overwrites a key that is known even if it is full', () => {
    const cache = roomFor(100)
    hitRatio(cache, cycle(100, 1))
    for (let at = 0; at < 100; at++) cache.set(`key ${at}`, 'new', ENTRY)
    for (let at = 0; at < 100; at++) expect(cache.get(`key ${at}`)).toBe('new')
  })

  it('takes nothing that is larger than a sixteenth of it', () => {
    const cache = roomFor(100)
    cache.set('small', 'small', ENTRY)
    cache.set('large', 'large', 63)
    cache.set('small', 'grown', 63)
    expect([cache.get('small'), cache.get('large')]).toEqual([undefined, undefined])
  })

  it('holds no more bytes in all partitions than it may, and never another value than the last', () => {
    const step = fc.record({
      verb: fc.constantFrom('set', 'set', 'set', 'get', 'delete'),
      place: fc.nat(2),
      key: fc.nat(40).map(String),
      bytes: fc.integer({ min: 1, max: 12 }),
    })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 300 }), fc.integer({ min: 20, max: 200 }), (steps, maxBytes) => {
        const cache = new ClockCache<number>(maxBytes)
        const partitions = [cache.partition(), cache.partition(), cache.partition()]
        const last = new Map<string, { readonly at: number; readonly bytes: number }>()
        for (const [at, { verb, place, key, bytes }] of steps.entries()) {
          const name = `${place} ${key}`
          if (verb === 'set') last.set(name, { at, bytes })
          if (verb === 'set') partitions[place]?.set(key, at, bytes)
          if (verb === 'get') partitions[place]?.get(key)
          if (verb === 'delete') last.delete(name)
          if (verb === 'delete') partitions[place]?.delete(key)
          let held = 0
          for (const [id, { at: set, bytes: size }] of last) {
            const [of = '', its = ''] = id.split(' ')
            const got = partitions[Number(of)]?.get(its)
            expect([undefined, set]).toContain(got)
            if (got !== undefined) held += size
          }
          expect(held).toBeLessThanOrEqual(maxBytes)
        }
      }),
      { numRuns: 200 },
    )
  })

  it('makes room in one partition by what another does not use', () => {
    const cache = new ClockCache<string>(100 * ENTRY)
    const [quiet, busy] = [cache.partition(), cache.partition()]
    hitRatio(quiet, cycle(100, 1))
    hitRatio(busy, cycle(80, 40))
    expect(hitRatio(busy, cycle(80, 1))).toBeGreaterThan(0.9)
  })
})
