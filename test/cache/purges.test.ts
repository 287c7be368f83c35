import { describe, expect, it } from 'vitest'
import { addPurge, isPurged, NO_PURGES, PURGE_BOUND_MS, type Purges } from '../../src/cache/rules/purge.ts'
import { Fills } from '../../src/cache/fill.ts'
import { createMemoryStore } from '../../src/cache/memorystore.ts'
import { createPurgeList, type PurgeList } from '../../src/cache/purges.ts'
import type { CopyStore } from '../../src/ports.ts'

const BYTES = 1024 * 1024
const tag = (name: string) => ({ everything: false, tags: [name], pathPrefixes: [] })

interface Isolates {
  readonly store: CopyStore
  readonly at: { now: number }
  readonly one: PurgeList
  readonly other: PurgeList
}

/** Two isolates that share a store and have each heard of what is in it. */
async function isolates(change: Partial<CopyStore> = {}): Promise<Isolates> {
  const at = { now: 1000 }
  const store = { ...createMemoryStore(BYTES), ...change }
  const [one, other] = [createPurgeList(store, () => at.now), createPurgeList(store, () => at.now)]
  await one.of('news')
  await other.of('news')
  at.now++
  return { store, at, one, other }
}

async function knows(list: PurgeList, name: string, zone = 'news'): Promise<boolean> {
  const purges: Purges = await list.of(zone)
  return isPurged({ requestedAt: 1, path: '/', tags: [name] }, purges)
}

describe('a purge', () => {
  it('holds in its isolate at once, and in another within half the bound', async () => {
    const { one, other, at } = await isolates()
    expect(await one.add('news', tag('a'))).toBe(true)
    expect(await knows(one, 'a')).toBe(true)
    expect(await knows(one, 'a', 'shop')).toBe(false)
    expect(await knows(other, 'a')).toBe(false)
    at.now += PURGE_BOUND_MS / 2
    expect(await knows(other, 'a')).toBe(true)
  })

  it('is not forgotten for what a store says that has lost it, and the store gets it back', async () => {
    const { store, one, other, at } = await isolates()
    await one.add('news', tag('a'))
    await store.putFacts('purges news', { everythingAt: null, tags: { b: 2 }, pathPrefixes: {} })
    at.now += PURGE_BOUND_MS
    expect([await knows(one, 'a'), await knows(one, 'b')]).toEqual([true, true])
    expect([await knows(other, 'a'), await knows(other, 'b')]).toEqual([true, true])
  })

  it('survives another that is written over it', async () => {
    let interferes = true
    const { store, one } = await isolates()
    const write = store.putFacts.bind(store)
    store.putFacts = (key, facts) => {
      const written = interferes ? { everythingAt: null, tags: { b: 2 }, pathPrefixes: {} } : facts
      interferes = false
      return write(key, written)
    }
    expect(await one.add('news', tag('a'))).toBe(true)
    expect(await store.getFacts('purges news')).toMatchObject({ tags: { a: 1001, b: 2 } })
  })

  it('that the store does not keep says so, and holds in its isolate all the same', async () => {
    const { one } = await isolates({ putFacts: () => undefined })
    expect(await one.add('news', tag('a'))).toBe(false)
    expect(await knows(one, 'a')).toBe(true)
  })

  it('is not lost among others of the same moment', async () => {
    const { one, other, at } = await isolates()
    const names = Array.from({ length: 20 }, (_, n) => `t${n}`)
    await Promise.all(names.map((name, n) => (n % 2 === 0 ? one : other).add('news', tag(name))))
    at.now += PURGE_BOUND_MS
    for (const name of names) expect(await knows(one, name), name).toBe(true)
    at.now += PURGE_BOUND_MS
    for (const name of names) expect(await knows(other, name), name).toBe(true)
  })

  it('whose facts are none of ours counts as none', async () => {
    const { store, one, at } = await isolates()
    await store.putFacts('purges news', { everythingAt: 'x' })
    at.now += PURGE_BOUND_MS
    expect(await knows(one, 'a')).toBe(false)
  })
})

describe('a response on its way when a purge is heard of, whoever made that', () => {
  const fields = () => null
  it.each([
    ['of its path', { pathPrefixes: ['/a'] }, false],
    ['of any tag, for its own are not known yet', { tags: ['x'] }, false],
    ['of everything', { everything: true }, false],
    ['of another path', { pathPrefixes: ['/b'] }, true],
  ])('%s is not waited for by newcomers unless it was asked for later', (_name, order, isGood) => {
    const fills = new Fills(() => 10)
    const fill = fills.begin('key', '/a/1')
    const purgedAt = (now: number) => addPurge(NO_PURGES, { ...tag('y'), tags: [], ...order }, now)
    expect(fills.find('key', fields, NO_PURGES)).toBe(fill)
    expect(fills.find('key', fields, purgedAt(9))).toBe(fill)
    expect(fills.find('key', fields, purgedAt(10))).toBe(isGood ? fill : undefined)
  })
})
