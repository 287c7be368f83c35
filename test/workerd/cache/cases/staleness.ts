import { expect } from 'vitest'
import { type Case, START, type Trial } from '../trial.ts'

const date = (seconds: number): string => new Date(START + seconds * 1000).toUTCString()

const PAGE = { 'cache-control': 'max-age=60', etag: '"1"' }

function breaks(t: Trial): void {
  t.world.origin = () => {
    throw new TypeError('Network connection lost.')
  }
}

const fails = (status: number) => (t: Trial) => t.answers('sorry', {}, status)

/** Ways to fail, and the status that shows where no copy may stand in. */
const OUTAGES: readonly (readonly [how: string, fail: (t: Trial) => void, status: number])[] = [
  ['cannot be reached', breaks, 502],
  ['answers 502', fails(502), 502],
  ['answers 503', fails(503), 503],
  ['answers 504', fails(504), 504],
]

/** What forbids to serve what is stale, whatever else is said. */
const FORBIDDING = ['must-revalidate', 'proxy-revalidate', 's-maxage=60']

export const STALENESS: readonly Case[] = [
  {
    name: 'is confirmed by the origin, with the fields of its 304',
    run: async (t) => {
      t.answers('the page', { ...PAGE, 'x-note': 'old', 'x-kept': 'yes' })
      await t.paid('/articles/1')
      t.pass(60)
      t.answers(null, { ...PAGE, 'x-note': 'new' }, 304)
      const confirmed = await t.paid('/articles/1')
      expect(t.last().headers.get('if-none-match')).toBe('"1"')
      expect(confirmed.cache).toContain('fwd=stale; fwd-status=304; stored')
      t.pass(30)
      const later = await t.paid('/articles/1')
      expect(later.isHit).toBe(true)
      for (const { status, text, headers } of [confirmed, later]) {
        expect([status, text]).toEqual([200, 'the page'])
        expect([headers.get('x-note'), headers.get('x-kept')]).toEqual(['new', 'yes'])
      }
      expect(t.asked()).toBe(2)
      t.pass(30)
      await t.paid('/articles/1')
      expect(t.asked()).toBe(3)
    },
  },
  {
    name: 'is confirmed for as long as before by a 304 that says nothing of time',
    run: async (t) => {
      t.answers('the page', PAGE)
      await t.paid('/articles/1')
      t.pass(60)
      t.answers(null, { etag: '"1"' }, 304)
      await t.paid('/articles/1')
      t.pass(59)
      expect((await t.paid('/articles/1')).isHit).toBe(true)
      t.pass(1)
      await t.paid('/articles/1')
      expect(t.asked()).toBe(3)
    },
  },
  {
    name: 'is confirmed for the time that the 304 says',
    run: async (t) => {
      t.answers('the page', PAGE)
      await t.paid('/articles/1')
      t.pass(60)
      t.answers(null, { etag: '"1"', 'cache-control': 'max-age=10' }, 304)
      await t.paid('/articles/1')
      t.pass(9)
      expect((await t.paid('/articles/1')).isHit).toBe(true)
      t.pass(1)
      await t.paid('/articles/1')
      expect(t.asked()).toBe(3)
    },
  },
  {
    name: 'goes out with what the 304 says of caches, where it is free',
    run: async (t) => {
      t.answers('the page', PAGE)
      await t.anonymous('/shared/1')
      t.pass(60)
      t.answers(null, { etag: '"1"', 'cache-control': 'max-age=10' }, 304)
      await t.anonymous('/shared/1')
      expect((await t.anonymous('/shared/1')).headers.get('cache-control')).toBe('max-age=10')
    },
  },
  {
    name: 'is no more when its 304 says private',
    run: async (t) => {
      t.answers('the page', PAGE)
      await t.paid('/articles/1')
      t.pass(60)
      t.world.origin = ({ headers }) =>
        headers.has('if-none-match')
          ? new Response(null, { status: 304, headers: { etag: '"1"', 'cache-control': 'private' } })
          : new Response('mine', { headers: { 'cache-control': 'private' } })
      await t.paid('/articles/1')
      expect((await t.paid('/articles/1')).text).toBe('mine')
    },
  },
  {
    name: 'is replaced by what the origin has instead',
    run: async (t) => {
      t.answers('old', PAGE)
      await t.paid('/articles/1')
      t.pass(60)
      t.answers('new', { ...PAGE, etag: '"2"' })
      expect((await t.paid('/articles/1')).text).toBe('new')
      const seen = await t.paid('/articles/1')
      expect([seen.text, seen.isHit, t.asked()]).toEqual(['new', true, 2])
    },
  },
  {
    name: 'answers the client’s own condition, once the origin has confirmed it',
    run: async (t) => {
      t.answers('the page', PAGE)
      await t.paid('/articles/1')
      t.pass(60)
      t.answers(null, PAGE, 304)
      expect((await t.paid('/articles/1', { headers: { 'if-none-match': '"0"' } })).text).toBe('the page')
      expect((await t.paid('/articles/1', { headers: { 'if-none-match': '"1"' } })).status).toBe(304)
    },
  },
  ...[
    ['as the origin says', '/articles/1', 'max-age=60, stale-while-revalidate=30'],
    ['as the route says', '/meanwhile/1', 'max-age=60'],
  ].map(([who, path = '', says = '']) => ({
    name: `is served while it is asked for anew, ${who}`,
    run: async (t: Trial) => {
      t.answers('old', { ...PAGE, 'cache-control': says })
      await t.paid(path)
      t.pass(89)
      t.answers('new', { ...PAGE, 'cache-control': says, etag: '"2"' })
      const meanwhile = await t.paid(path)
      expect([meanwhile.text, meanwhile.isHit]).toEqual(['old', true])
      expect(t.asked()).toBe(2)
      const after = await t.paid(path)
      expect([after.text, after.isHit, t.asked()]).toEqual(['new', true, 2])
    },
  })),
  {
    name: 'is not served meanwhile when that time is over',
    run: async (t) => {
      t.answers('old', { ...PAGE, 'cache-control': 'max-age=60, stale-while-revalidate=30' })
      await t.paid('/articles/1')
      t.pass(90)
      t.answers('new', PAGE)
      expect((await t.paid('/articles/1')).text).toBe('new')
    },
  },
  ...OUTAGES.flatMap(([how, fail, status]) => [
    {
      name: `is served when the origin ${how}, as the route says`,
      run: async (t: Trial) => {
        t.answers('the page', PAGE)
        await t.paid('/articles/1')
        t.pass(60 + 3599)
        fail(t)
        const seen = await t.paid('/articles/1')
        expect([seen.status, seen.text]).toEqual([200, 'the page'])
        t.pass(1)
        expect((await t.paid('/articles/1')).status).toBe(status)
      },
    },
    {
      name: `is not served when the origin ${how} and the route forbids it`,
      run: async (t: Trial) => {
        t.answers('the page', PAGE)
        await t.paid('/strict/1')
        t.pass(60)
        fail(t)
        expect((await t.paid('/strict/1')).status).toBe(status)
      },
    },
  ]),
  ...FORBIDDING.map((directive) => ({
    name: `is not served when the origin is down and said ${directive}`,
    run: async (t: Trial) => {
      t.answers('the page', { ...PAGE, 'cache-control': `max-age=60, ${directive}, stale-if-error=600` })
      await t.paid('/articles/1')
      t.pass(60)
      breaks(t)
      expect((await t.paid('/articles/1')).status).toBe(502)
    },
  })),
  {
    name: 'is served when the origin is down for as long as the origin said',
    run: async (t) => {
      t.answers('the page', { ...PAGE, 'cache-control': 'max-age=60, stale-if-error=10' })
      await t.paid('/articles/1')
      breaks(t)
      t.pass(69)
      expect((await t.paid('/articles/1')).text).toBe('the page')
      t.pass(1)
      expect((await t.paid('/articles/1')).status).toBe(502)
    },
  },
  {
    name: 'is not served for a 500 that the origin did not speak of',
    only: { implementation: 'embedded', because: 'for the platform every 5xx is a failure' },
    run: async (t) => {
      t.answers('the page', PAGE)
      await t.paid('/articles/1')
      t.pass(60)
      t.answers('a bug', {}, 500)
      expect((await t.paid('/articles/1')).status).toBe(500)
    },
  },
  {
    name: 'is served for a 500 where the origin allowed it',
    run: async (t) => {
      t.answers('the page', { ...PAGE, 'cache-control': 'max-age=60, stale-if-error=100' })
      await t.paid('/articles/1')
      t.pass(60)
      t.answers('a bug', {}, 500)
      expect((await t.paid('/articles/1')).text).toBe('the page')
    },
  },
  {
    name: 'is served to HEAD and for a part, too, when the origin is down',
    run: async (t) => {
      t.answers('the page', PAGE)
      await t.paid('/articles/1')
      t.pass(60)
      breaks(t)
      expect((await t.paid('/articles/1', { method: 'HEAD' })).status).toBe(200)
      const part = await t.paid('/articles/1', { headers: { range: 'bytes=4-7' } })
      expect([part.status, part.text]).toEqual([206, 'page'])
    },
  },
  {
    name: 'is good again when the origin is',
    run: async (t) => {
      t.answers('the page', PAGE)
      await t.paid('/articles/1')
      t.pass(60)
      breaks(t)
      await t.paid('/articles/1')
      t.answers('new', { ...PAGE, expires: date(9999) })
      expect((await t.paid('/articles/1')).text).toBe('new')
      expect((await t.paid('/articles/1')).isHit).toBe(true)
    },
  },
]
