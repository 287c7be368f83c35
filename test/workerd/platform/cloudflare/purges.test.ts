import { describe, expect, it } from 'vitest'
import { env } from 'cloudflare:workers'
import { accountKey, NO_BULLETIN } from '../../../../src/standing/rules/bulletin.ts'
import type { Delta } from '../../../../src/standing/rules/delta.ts'
import { addPurge, includesPurges, isPurged, NO_PURGES, type Purges } from '../../../../src/cache/rules/purge.ts'
import { createBulletins } from '../../../../src/standing/bulletin.ts'
import { objectsOf } from '../../../../src/platform/cloudflare/ledgers.ts'
import type { BulletinStore } from '../../../../src/ports.ts'
import type { Zone } from '../../../../src/zone.ts'

/** The bulletin of one zone, in the object that keeps it. */
function bulletin(name: string): BulletinStore {
  const objects = objectsOf(env)
  if (objects === undefined) throw new Error('no objects are bound')
  return objects.bulletins(name, {})
}

async function all(store: BulletinStore): Promise<Delta> {
  const news = await store.delta(NO_BULLETIN)
  if (!news.ok) throw new Error(news.error)
  return news.value
}

const POST = { entries: [], longestTokenSeconds: 86_400, epoch: 'epoch' }
const MAX_BYTES = 100_000

/** Orders of a hundred names each, the most that one may have. */
function orders(count: number, name: (n: number) => string): Purges[] {
  return Array.from({ length: count }, (_, order) => {
    const tags = Array.from({ length: 100 }, (_unused, n) => name(order * 100 + n))
    return addPurge(NO_PURGES, { everything: false, tags, pathPrefixes: [] }, order + 1)
  })
}

describe('the purges in a bulletin', () => {
  it.each([
    ['ten thousand', orders(100, (n) => `tag-${n}`)],
    ['of the longest names', orders(10, (n) => `${n} ${'x'.repeat(1019)}`)],
  ])('stay small, and none is lost: %s', async (what, purges) => {
    const store = bulletin(what)
    for (const each of purges)
      expect(await store.post({ ...POST, purges: each })).toEqual({ ok: true, value: undefined })
    const { head } = await all(store)
    expect(JSON.stringify(head).length).toBeLessThan(MAX_BYTES)
    for (const each of purges) expect(includesPurges(head.purges, each)).toBe(true)
    const later = { requestedAt: purges.length + 1, path: '/', tags: ['tag-1'] }
    expect(isPurged(later, head.purges)).toBe(false)
  })

  it('come with what is said of accounts, in one post', async () => {
    const standing = { boundMs: 5000, serveMs: 0, longestTokenSeconds: 86_400 }
    const zone = { id: 'both', places: { own: {}, shared: {} }, standing } as Zone
    const [one, other] = [createBulletins(bulletin, Date.now), createBulletins(bulletin, Date.now)]
    const at = Math.floor(Date.now() / 1000)
    const purges = addPurge(NO_PURGES, { everything: false, tags: ['a'], pathPrefixes: ['/p'] }, 1)
    const entry = { heldAt: at }
    expect(await one.post(zone, [{ issuer: 'i', account: 'a', entry }], purges)).toBe(true)
    expect(await one.post(zone, [], addPurge(NO_PURGES, { everything: false, tags: ['b'], pathPrefixes: [] }, 2))).toBe(
      true,
    )
    const known = await other.of(zone, { now: Date.now(), waitUntil: () => undefined })
    if (!known.ok) throw new Error(known.error.reason)
    expect(known.value.head.purges).toMatchObject({ tags: { a: 1, b: 2 }, pathPrefixes: { '/p': 1 } })
    expect([...known.value.entries]).toMatchObject([[accountKey('i', 'a'), entry]])
  })
})
