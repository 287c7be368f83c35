import { expect } from 'vitest'
import type { Case, Trial } from '../trial.ts'

const FRESH = { 'cache-control': 'max-age=60' }

/** Two targets on one route, whether they are one page, and what the origin is asked for. */
const TARGETS: readonly (readonly [one: string, other: string, isSame: boolean, sent: string])[] = [
  ['/articles/1?a=1', '/articles/1?a=2', false, '/articles/1?a=1'],
  ['/articles/1?a=1&b=2', '/articles/1?b=2&a=1', false, '/articles/1?a=1&b=2'],
  ['/articles/a', '/articles/A', false, '/articles/a'],
  ['/articles/~a', '/articles/%7ea', true, '/articles/~a'],
  ['/articles/x/../1', '/articles/1', true, '/articles/1'],
  ['/only/1?id=1&utm=x', '/only/1?id=1', true, '/only/1?id=1'],
  ['/only/1?id=1', '/only/1?id=2', false, '/only/1?id=1'],
  ['/only/1?page-size=1&x=2', '/only/1?page-size=1', true, '/only/1?page-size=1'],
  ['/only/1?%69d=1&x=1', '/only/1?id=1', false, '/only/1?%69d=1'],
  ['/only/1?x=id', '/only/1', true, '/only/1'],
  ['/only/1?ID=1', '/only/1', true, '/only/1'],
  ['/only/1?x=%26id=5', '/only/1', true, '/only/1'],
  ['/ignore/1?utm_source=a', '/ignore/1?utm_source=b', true, '/ignore/1'],
  ['/ignore/1?%75tm_source=a', '/ignore/1', true, '/ignore/1'],
  ['/ignore/1?utm%5Fsource=a', '/ignore/1', true, '/ignore/1'],
  ['/ignore/1?re%66=a&b=1', '/ignore/1?b=1', true, '/ignore/1?b=1'],
  ['/ignore/1?refer=a', '/ignore/1', false, '/ignore/1?refer=a'],
  ['/ignore/1?a=1&utm_x=2&b=3', '/ignore/1?a=1&b=3', true, '/ignore/1?a=1&b=3'],
  ['/ignore/1?ref', '/ignore/1', true, '/ignore/1'],
  ['/ignore/1?ref=1=2', '/ignore/1', true, '/ignore/1'],
  ['/ignore/1?%zz=1', '/ignore/1?%zz=2', false, '/ignore/1?%zz=1'],
]

export const KEYS: readonly Case[] = [
  ...TARGETS.map(([one, other, isSame, sent]) => ({
    name: `tells ${one} from ${other}: ${isSame ? 'no' : 'yes'}`,
    run: async (t: Trial) => {
      t.answers('one', FRESH)
      await t.paid(one)
      expect(t.last().url).toBe(`https://origin.test${sent}`)
      t.answers('other', FRESH)
      const seen = await t.paid(other)
      expect(seen.text).toBe(isSame ? 'one' : 'other')
      expect(t.asked()).toBe(isSame ? 1 : 2)
    },
  })),
  {
    name: 'has no credential in it: another spelling of who asks finds the same copy',
    run: async (t) => {
      t.answers('one', FRESH)
      await t.paid('/articles/1', { claims: { jti: 'a' } })
      const cookie = `__Host-faregate=${await t.world.token({ jti: 'b' })}`
      const seen = await t.anonymous('/articles/1', { headers: { cookie, 'sec-fetch-site': 'same-origin' } })
      expect([seen.status, seen.text, seen.isHit]).toEqual([200, 'one', true])
    },
  },
  {
    name: 'lets no line break or space of a target pass for a part of its own',
    run: async (t) => {
      t.answers('one', FRESH)
      await t.paid('/account/1%0Ax?y', { claims: { sub: 'a' } })
      t.answers('other', FRESH)
      expect((await t.paid('/account/1?y', { claims: { sub: 'a' } })).text).toBe('other')
      expect((await t.paid('/account/1', { claims: { sub: 'a\n"b' } })).text).toBe('other')
    },
  },
]
