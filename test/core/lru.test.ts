import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { LruCache } from '../../src/core/lru.ts'

/** What an entry is said to cost: its key at two bytes a character, and a kilobyte. */
function costOf(key: string): number {
  return key.length * 2 + 1024
}

const KILO = 1024

describe('a memory', () => {
  it('gives back what was put into it', () => {
    const memory = new LruCache<number>(100 * KILO)
    memory.set('a', 1)
    memory.set('b', 2)
    memory.set('a', 3)
    expect([memory.get('a'), memory.get('b'), memory.get('c')]).toEqual([3, 2, undefined])
  })

  it('forgets what it is told to, young or old', () => {
    const memory = new LruCache<number>(8 * KILO)
    for (let index = 0; index < 6; index++) memory.set(`k${index}`, index)
    for (let index = 0; index < 6; index++) memory.delete(`k${index}`)
    for (let index = 0; index < 6; index++) expect(memory.get(`k${index}`)).toBeUndefined()
  })

  it('keeps what is used while more comes than it can hold', () => {
    const memory = new LruCache<string>(64 * KILO)
    memory.set('often', 'used')
    for (let index = 0; index < 10_000; index++) {
      memory.set(`once-${index}`, 'never')
      if (index % 8 === 0) expect(memory.get('often')).toBe('used')
    }
  })

  it('takes nothing that is larger than half of it', () => {
    const memory = new LruCache<number>(4 * KILO)
    memory.set('small', 1)
    memory.set('x'.repeat(3 * KILO), 2)
    expect(memory.get('small')).toBe(1)
    expect(memory.get('x'.repeat(3 * KILO))).toBeUndefined()
  })

  it('never holds more bytes than it may, and never another value than the last', () => {
    const step = fc.record({
      verb: fc.constantFrom('set', 'set', 'set', 'get', 'delete'),
      key: fc.tuple(fc.nat(40), fc.nat(3000)).map(([name, size]) => `${name}:`.padEnd((name * 97) % (size + 1), 'x')),
    })
    fc.assert(
      fc.property(
        fc.array(step, { maxLength: 200 }),
        fc.integer({ min: 2 * KILO, max: 40 * KILO }),
        (steps, maxBytes) => {
          const memory = new LruCache<number>(maxBytes)
          const last = new Map<string, number>()
          steps.forEach(({ verb, key }, index) => {
            if (verb === 'set') last.set(key, index)
            if (verb === 'set') memory.set(key, index)
            if (verb === 'get') memory.get(key)
            if (verb === 'delete') last.delete(key)
            if (verb === 'delete') memory.delete(key)
          })
          // Newest first, for looking moves what it finds and may push out what is old.
          const found = [...last].reverse().map(([key, value]) => ({ key, value, got: memory.get(key) }))
          const held = found.filter(({ got }) => got !== undefined)
          expect(held.every(({ got, value }) => got === value)).toBe(true)
          expect(held.reduce((sum, { key }) => sum + costOf(key), 0)).toBeLessThanOrEqual(maxBytes)
        },
      ),
      { numRuns: 300 },
    )
  })
})
