import { expect } from 'vitest'
import type { Purge } from '../../../../src/cache/rules/purge.ts'
import { BOUND_SECONDS, type Case, type Trial } from '../trial.ts'

const FRESH = { 'cache-control': 'max-age=600' }

const BOTH = ['POST', 'PUT', 'PATCH', 'DELETE']

/** What is purged of a page at /articles/news/1 with the tags `Politics` and `front-page`, and whether that ends it. */
const PURGES: readonly (readonly [what: string, purge: Partial<Purge>, isEnded: boolean])[] = [
  ['its tag', { tags: ['politics'] }, true],
  ['one of several tags', { tags: ['x', 'front-page'] }, true],
  ['another tag', { tags: ['politic'] }, false],
  ['its own path', { pathPrefixes: ['/articles/news/1'] }, true],
  ['a path above it', { pathPrefixes: ['/articles/news'] }, true],
  ['the path of all', { pathPrefixes: [''] }, true],
  ['a path that only begins like it', { pathPrefixes: ['/articles/ne'] }, false],
  ['a path below it', { pathPrefixes: ['/articles/news/1/2'] }, false],
  ['everything', { everything: true }, true],
]

/** One page, kept in memory too where the implementation does that. */
async function keep(t: Trial, path: string, headers: Record<string, string> = {}): Promise<void> {
  t.answers('old', { ...FRESH, ...headers })
  await t.paid(path)
  await t.paid(path)
  t.answers('new', { ...FRESH, ...headers })
}

export const CHANGES: readonly Case[] = [
  ...BOTH.flatMap((method) => [
    {
      name: `is a ${method} to its target that succeeds`,
      run: async (t: Trial) => {
        await keep(t, '/articles/1')
        const { status } = await t.paid('/articles/1', { method, body: 'x' })
        expect([status, await t.last().text()]).toEqual([200, 'x'])
        expect((await t.paid('/articles/1')).text).toBe('new')
      },
    },
    {
      name: `is not a ${method} that fails`,
      run: async (t: Trial) => {
        await keep(t, '/articles/1')
        t.pass(BOUND_SECONDS)
        t.answers('no', {}, 409)
        await t.paid('/articles/1', { method, body: 'x' })
        expect((await t.paid('/articles/1')).text).toBe('old')
      },
    },
  ]),
  {
    name: 'is not a change of another page',
    run: async (t) => {
      await keep(t, '/articles/1')
      await t.paid('/articles/2', { method: 'POST', body: 'x' })
      t.pass(BOUND_SECONDS)
      expect((await t.paid('/articles/1')).text).toBe('old')
    },
  },
  {
    name: 'is not a change that was refused: no one without a token ends a copy',
    run: async (t) => {
      await keep(t, '/articles/1')
      expect((await t.anonymous('/articles/1', { method: 'POST', body: 'x' })).status).toBe(402)
      t.pass(BOUND_SECONDS)
      expect((await t.paid('/articles/1')).text).toBe('old')
    },
  },
  {
    name: 'is a change for every variant and every reader of the page',
    run: async (t) => {
      const subs = ['ann', 'bob']
      for (const text of ['old', 'new']) {
        t.answers(text, { ...FRESH, vary: 'Accept-Language' })
        for (const sub of subs)
          for (const language of ['de', 'en']) {
            const seen = await t.paid('/account/1', { claims: { sub }, headers: { 'accept-language': language } })
            expect(seen.text).toBe(text)
          }
        await t.paid('/account/1', { claims: { sub: 'eve' }, method: 'PUT', body: 'x' })
      }
    },
  },
  ...PURGES.map(([what, purge, isEnded]) => ({
    name: `${isEnded ? 'is' : 'is not'} a purge of ${what}`,
    run: async (t: Trial) => {
      await keep(t, '/articles/news/1', { 'cache-tag': 'Politics, front-page' })
      await t.purge('news', purge)
      expect((await t.paid('/articles/news/1')).text).toBe(isEnded ? 'new' : 'old')
      expect((await t.paid('/articles/news/1')).isHit).toBe(true)
    },
  })),
  ...PURGES.map(([what, purge]) => ({
    name: `is not a purge of ${what} in another zone`,
    run: async (t: Trial) => {
      await keep(t, '/articles/news/1', { 'cache-tag': 'Politics, front-page' })
      await t.purge('shop', purge)
      expect((await t.paid('/articles/news/1')).text).toBe('old')
    },
  })),
  {
    name: 'is a purge for every reader and every variant, and for all hosts',
    run: async (t) => {
      for (const text of ['old', 'new']) {
        t.answers(text, { ...FRESH, vary: 'Accept-Language', 'cache-tag': 'a' })
        for (const sub of ['ann', 'bob'])
          for (const language of ['de', 'en']) {
            const seen = await t.paid('/account/1', { claims: { sub }, headers: { 'accept-language': language } })
            expect(seen.text).toBe(text)
          }
        await t.purge('news', { tags: ['a'] })
      }
    },
  },
  {
    name: 'is a purge by a tag whose letters need an escape',
    run: async (t) => {
      await keep(t, '/articles/1', { 'cache-tag': 'a b/c%2C' })
      await t.purge('news', { tags: ['a b/c%2c'] })
      expect((await t.paid('/articles/1')).text).toBe('new')
    },
  },
  {
    name: 'is not what was purged before it was there',
    run: async (t) => {
      await t.purge('news', { tags: ['a'], pathPrefixes: ['/articles'] })
      await t.purge('news', { everything: true })
      await keep(t, '/articles/1', { 'cache-tag': 'a' })
      t.pass(BOUND_SECONDS)
      expect((await t.paid('/articles/1')).text).toBe('old')
    },
  },
  {
    name: 'is a purge of a page that its origin confirms ever after',
    run: async (t) => {
      await keep(t, '/articles/1', { etag: '"1"', 'cache-tag': 'a' })
      t.pass(600)
      t.answers(null, { ...FRESH, etag: '"1"' }, 304)
      await t.paid('/articles/1')
      t.answers('new', FRESH)
      await t.purge('news', { tags: ['a'] })
      expect((await t.paid('/articles/1')).text).toBe('new')
    },
  },
  {
    name: 'is not needed for a page with more tags than the platform takes: it has no copy',
    only: { implementation: 'platform', because: 'the embedded cache has no such limit' },
    run: async (t) => {
      const tags = Array.from({ length: 1000 }, (_none, index) => `a-tag-${index}`)
      await keep(t, '/articles/1', { 'cache-tag': tags.join() })
      const seen = await t.paid('/articles/1')
      expect([seen.text, seen.isHit]).toEqual(['new', false])
    },
  },
  {
    name: 'is its size, where the route says how large a copy may be',
    only: { implementation: 'embedded', because: 'the platform has its own limit' },
    run: async (t) => {
      for (const [length, isHit] of [
        [1000, true],
        [1001, false],
      ] as const) {
        t.answers('x'.repeat(length), FRESH)
        expect((await t.paid(`/small/${length}`)).text.length).toBe(length)
        const seen = await t.paid(`/small/${length}`)
        expect([seen.text.length, seen.isHit]).toEqual([length, isHit])
      }
    },
  },
]
