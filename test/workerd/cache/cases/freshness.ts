import { expect } from 'vitest'
import { type Case, START, type Trial } from '../trial.ts'

const date = (seconds: number): string => new Date(START + seconds * 1000).toUTCString()

type Headers = Record<string, string>

/** How long it is fresh, in seconds; undefined where it is not stored. */
const LIFETIMES: readonly (readonly [says: string, path: string, headers: Headers, seconds: number | undefined])[] = [
  ['max-age', '/articles/1', { 'cache-control': 'max-age=60' }, 60],
  ['max-age in quotes', '/articles/1', { 'cache-control': 'max-age="60"' }, 60],
  ['s-maxage beside max-age', '/articles/1', { 'cache-control': 'max-age=600, s-maxage=60' }, 60],
  ['s-maxage alone', '/articles/1', { 'cache-control': 's-maxage=60' }, 60],
  ['Expires', '/articles/1', { expires: date(60), date: date(0) }, 60],
  ['Expires counted from its Date', '/articles/1', { expires: date(50), date: date(-10) }, 50],
  ['max-age beside Expires', '/articles/1', { 'cache-control': 'max-age=60', expires: date(600) }, 60],
  ['an Expires that is no date', '/articles/1', { expires: '0' }, undefined],
  ['CDN-Cache-Control', '/articles/1', { 'cdn-cache-control': 'max-age=60', 'cache-control': 'no-store' }, 60],
  [
    'CDN-Cache-Control no-store',
    '/articles/1',
    { 'cdn-cache-control': 'no-store', 'cache-control': 'max-age=9' },
    undefined,
  ],
  [
    'Cloudflare-CDN-Cache-Control',
    '/articles/1',
    { 'cloudflare-cdn-cache-control': 'max-age=60', 'cdn-cache-control': 'max-age=600' },
    60,
  ],
  [
    'a CDN-Cache-Control that is not valid',
    '/articles/1',
    { 'cdn-cache-control': 'max-age="9"', 'cache-control': 'max-age=60' },
    60,
  ],
  ['an Age of its own', '/articles/1', { 'cache-control': 'max-age=60', age: '20' }, 40],
  ['an Age beyond its lifetime', '/articles/1', { 'cache-control': 'max-age=60', age: '70' }, undefined],
  ['a Date in the past', '/articles/1', { 'cache-control': 'max-age=60', date: date(-20) }, 40],
  ['nothing', '/articles/1', {}, undefined],
  ['public, and nothing of time', '/articles/1', { 'cache-control': 'public' }, undefined],
  ['Last-Modified alone', '/articles/1', { 'last-modified': date(-36_000) }, undefined],
  ['max-age=0', '/articles/1', { 'cache-control': 'max-age=0' }, undefined],
  ['no-cache', '/articles/1', { 'cache-control': 'no-cache' }, undefined],
  ['nothing, with a default', '/default/1', {}, 60],
  ['max-age, with a default', '/default/1', { 'cache-control': 'max-age=20' }, 20],
  ['no-store, with a default', '/default/1', { 'cache-control': 'no-store' }, undefined],
  ['max-age, with a most', '/most/1', { 'cache-control': 'max-age=600' }, 30],
  ['less than the most', '/most/1', { 'cache-control': 'max-age=10' }, 10],
  ['nothing, with a most', '/most/1', {}, undefined],
  ['max-age, with an always', '/always/1', { 'cache-control': 'max-age=5' }, 60],
  ['no-cache, with an always', '/always/1', { 'cache-control': 'no-cache' }, 60],
  ['no-store, with an always', '/always/1', { 'cache-control': 'no-store' }, undefined],
  ['private, with an always', '/always/1', { 'cache-control': 'private, max-age=60' }, undefined],
  ['Last-Modified, with a heuristic', '/heuristic/1', { 'last-modified': date(-600), date: date(0) }, 60],
  ['an old Last-Modified, with a heuristic', '/heuristic/1', { 'last-modified': date(-864_000), date: date(0) }, 3600],
  ['no Last-Modified, with a heuristic', '/heuristic/1', {}, undefined],
]

/** Not stored whatever its lifetime is. */
const BARRED: readonly (readonly [what: string, headers: Headers, status?: number])[] = [
  ['no-store', { 'cache-control': 'max-age=60, no-store' }],
  ['private', { 'cache-control': 'max-age=60, private' }],
  ['private for one field', { 'cache-control': 'max-age=60, private="set-cookie"' }],
  ['Set-Cookie', { 'cache-control': 'max-age=60', 'set-cookie': 'a=1' }],
  ['Vary: *', { 'cache-control': 'max-age=60', vary: '*' }],
  ['Vary: Accept, *', { 'cache-control': 'max-age=60', vary: 'Accept, *' }],
  ['206', { 'cache-control': 'max-age=60', 'content-range': 'bytes 0-7/100' }, 206],
]

/** Stored, with what the origin says of its time. */
const STATUSES = [200, 203, 301, 302, 404, 410, 500]

async function expectLifetime(t: Trial, path: string, seconds: number | undefined): Promise<void> {
  await t.paid(path)
  if (seconds === undefined) return expectAsked(t, path)
  t.pass(seconds - 1)
  expect((await t.paid(path)).isHit).toBe(true)
  expect(t.asked()).toBe(1)
  t.pass(1)
  return expectAsked(t, path)
}

async function expectAsked(t: Trial, path: string): Promise<void> {
  expect((await t.paid(path)).isHit).toBe(false)
  expect(t.asked()).toBe(2)
}

export const FRESHNESS: readonly Case[] = [
  ...LIFETIMES.map(([says, path, headers, seconds]) => ({
    name: `of a response that says ${says} ${seconds === undefined ? 'is not: there is none' : `is ${seconds} seconds`}`,
    run: async (t: Trial) => {
      t.answers('the page', headers)
      await expectLifetime(t, path, seconds)
    },
  })),
  ...BARRED.map(([what, headers, status]) => ({
    name: `does not matter for what is not stored: ${what}`,
    run: async (t: Trial) => {
      t.answers('the page', headers, status)
      await expectLifetime(t, '/articles/1', undefined)
    },
  })),
  ...STATUSES.map((status) => ({
    name: `may be said of a ${status}`,
    run: async (t: Trial) => {
      t.answers('the page', { 'cache-control': 'max-age=60', location: '/articles/2' }, status)
      await t.paid('/articles/1')
      const seen = await t.paid('/articles/1')
      expect([seen.status, seen.text, seen.isHit]).toEqual([status, 'the page', true])
      expect(t.asked()).toBe(1)
    },
  })),
  {
    name: 'is no default for a failure',
    run: async (t) => {
      t.answers('not found', {}, 404)
      await expectLifetime(t, '/default/1', undefined)
    },
  },
  {
    name: 'may be that of a response without content',
    run: async (t) => {
      t.answers(null, { 'cache-control': 'max-age=60' }, 204)
      await t.paid('/articles/1')
      const seen = await t.paid('/articles/1')
      expect([seen.status, seen.text, seen.isHit]).toEqual([204, '', true])
    },
  },
  {
    name: 'counts where the route strips the cookie, which no one gets',
    run: async (t) => {
      t.answers('the page', { 'cache-control': 'max-age=60', 'set-cookie': 'a=1' })
      const seen = [await t.paid('/stripped/1'), await t.paid('/stripped/1'), await t.paid('/stripped/1')]
      for (const { headers } of seen) expect(headers.get('set-cookie')).toBeNull()
      expect(t.asked()).toBe(1)
    },
  },
]
