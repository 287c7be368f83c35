import { expect, it } from 'vitest'
import type { Stored } from '../../../src/cache/rules/stored.ts'
import { createStore } from '../../../src/cache/cacheapi.ts'

it('A copy in the Cache API keeps the fields that JavaScript cannot read, and those alone', async () => {
  const freshness = {
    initialAgeMs: 0,
    lifetimeMs: 60_000,
    isUnproven: false,
    staleWhileRevalidateMs: 0,
    staleIfErrorMs: 0,
    coversServerErrors: false,
  }
  const stored: Stored = {
    status: 200,
    fields: [
      ['content-disposition', 'a\uFFFDb'],
      ['x-other', 'é'],
    ],
    freshness,
    requestedAt: 0,
    respondedAt: 0,
    selection: [],
    zone: 'news',
    path: '/',
    tags: [],
  }
  const store = createStore(1000, caches)
  const unreadable = new Headers({ 'content-disposition': 'a\uFFFDb' })
  await store.put('a key', { stored, content: new TextEncoder().encode('0123456789'), unreadable })
  const found = await store.get('a key')
  expect(found?.stored).toEqual(stored)
  expect([...(found?.unreadable ?? [])]).toEqual([['content-disposition', 'a\uFFFDb']])
  expect(found?.bytes).toBe(10)
  await store.put('a key', { stored: { ...stored, fields: [] }, content: new Uint8Array() })
  expect((await store.get('a key'))?.unreadable).toBeUndefined()
})
