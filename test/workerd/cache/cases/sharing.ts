import { expect } from 'vitest'
import { type Ask, type Case, START } from '../trial.ts'

const FRESH = { 'cache-control': 'max-age=60', etag: '"1"', 'content-type': 'text/plain' }

const seconds = START / 1000

/** Who may not have the copy though it is there. */
const OTHERS: readonly (readonly [who: string, status: number, ask: Ask])[] = [
  ['with an expired token', 402, { claims: { iat: seconds - 7200, exp: seconds - 3600 } }],
  ['with a token for another site', 402, { claims: { aud: 'https://shop.test' } }],
  ['who bought something else', 402, { claims: { entitlements: ['sports'] } }],
  ['whose account is not in order', 402, { claims: { standing: 'inactive' } }],
]

export const SHARING: readonly Case[] = [
  {
    name: 'is one copy for all who paid',
    run: async (t) => {
      t.answers('the page', FRESH)
      for (const sub of ['ann', 'bob', 'eve']) {
        const seen = await t.paid('/articles/1', { claims: { sub, plan: sub } })
        expect([seen.status, seen.text]).toEqual([200, 'the page'])
      }
      expect(t.asked()).toBe(1)
    },
  },
  {
    name: 'is not for someone without a token',
    run: async (t) => {
      t.answers('the page', FRESH)
      await t.paid('/articles/1')
      await t.paid('/articles/1')
      const seen = await t.anonymous('/articles/1', { headers: { 'if-none-match': '"1"', range: 'bytes=0-1' } })
      expect(seen.status).toBe(402)
      expect(seen.text).not.toContain('the page')
      expect(seen.headers.get('etag')).toBeNull()
    },
  },
  ...OTHERS.map(([who, status, ask]) => ({
    name: `is not for someone ${who}`,
    run: async (t: Parameters<Case['run']>[0]) => {
      t.answers('the page', FRESH)
      await t.paid('/articles/1')
      await t.paid('/articles/1')
      const seen = await t.paid('/articles/1', ask)
      expect(seen.status).toBe(status)
      expect(seen.text).not.toContain('the page')
    },
  })),
  {
    name: 'is never for another zone, whatever its host says of itself',
    run: async (t) => {
      const shop = { host: 'https://shop.test', claims: { aud: 'https://shop.test' } }
      t.answers('the news', FRESH)
      await t.paid('/articles/1')
      t.answers('the shop', FRESH)
      for (const host of [undefined, 'news.test', 'www.news.test']) {
        const headers: Record<string, string> = host === undefined ? {} : { host, 'x-forwarded-host': host }
        expect((await t.paid('/articles/1', { ...shop, headers })).text).toBe('the shop')
      }
      expect((await t.paid('/articles/1')).text).toBe('the news')
      expect(t.asked()).toBe(2)
    },
  },
  {
    name: 'is the same under every host of its zone, and the origin is told of the first',
    run: async (t) => {
      t.answers('the page', FRESH)
      await t.paid('/articles/1', { host: 'https://www.news.test' })
      expect(t.last().headers.get('x-forwarded-host')).toBe('news.test')
      expect((await t.paid('/articles/1')).isHit).toBe(true)
    },
  },
  {
    name: 'is another for another scheme',
    run: async (t) => {
      t.answers('secure', FRESH)
      await t.anonymous('/shared/1')
      t.answers('plain', FRESH)
      expect((await t.anonymous('/shared/1', { host: 'http://news.test' })).text).toBe('plain')
      expect((await t.anonymous('/shared/1')).text).toBe('secure')
    },
  },
  {
    name: 'tells its age and validator, and is private to its reader',
    run: async (t) => {
      t.answers('the page', FRESH)
      const missed = await t.paid('/articles/1')
      expect(missed.cache).toBe('fwd=miss; stored')
      t.pass(10)
      const hit = await t.paid('/articles/1')
      expect([hit.isHit, hit.status, hit.text]).toEqual([true, 200, 'the page'])
      expect(hit.headers.get('age')).toBe('10')
      for (const { headers } of [missed, hit]) {
        expect(headers.get('etag')).toBe('"1"')
        expect(headers.get('content-type')).toBe('text/plain')
        expect(headers.get('cache-control')).toBe('private, no-cache')
      }
    },
  },
  {
    name: 'of a free page goes out with what the origin said of caches',
    run: async (t) => {
      t.answers('the page', { ...FRESH, 'cache-control': 'public, max-age=60, stale-while-revalidate=7' })
      for (let times = 0; times < 3; times++) {
        const { headers } = await t.anonymous('/shared/1')
        expect(headers.get('cache-control')).toBe('public, max-age=60, stale-while-revalidate=7')
      }
      expect(t.asked()).toBe(1)
    },
  },
  {
    name: 'of a free page goes out with the end that the origin gave it',
    run: async (t) => {
      const expires = new Date(START + 60_000).toUTCString()
      t.answers('the page', { expires })
      for (let times = 0; times < 3; times++) {
        const { headers } = await t.anonymous('/shared/1')
        expect([headers.get('expires'), headers.get('cache-control')]).toEqual([expires, null])
      }
      expect(t.asked()).toBe(1)
    },
  },
  {
    name: 'of a free page is for those too who send credentials of their own, which no one is shown',
    run: async (t) => {
      t.answers('the page', FRESH)
      for (const headers of [{ authorization: 'Basic dTpw' }, { cookie: 'session=1' }, {}]) {
        expect((await t.anonymous('/shared/1', { headers })).text).toBe('the page')
        for (const name of Object.keys(headers)) expect(t.last().headers.get(name)).toBeNull()
      }
      expect(t.asked()).toBe(1)
    },
  },
  {
    name: 'is made without anything of the reader who asked first',
    run: async (t) => {
      t.answers('the page', FRESH)
      await t.paid('/articles/1', { headers: { cookie: 'theme=dark', 'x-tier': 'gold', 'user-agent': 'mine/1' } })
      const sent = Object.fromEntries(t.last().headers)
      for (const name of ['authorization', 'cookie', 'x-tier', 'faregate-subject', 'faregate-plan'])
        expect(sent[name], name).toBeUndefined()
      expect(sent['user-agent']).not.toBe('mine/1')
    },
  },
  {
    name: 'is not made where the route keeps none, and the origin is then told who asks',
    run: async (t) => {
      t.answers('the page', FRESH)
      for (const sub of ['ann', 'ann', 'bob']) {
        expect((await t.paid('/off/1', { claims: { sub } })).isHit).toBe(false)
        expect(t.last().headers.get('faregate-subject')).toBe(`"${sub}"`)
      }
      expect(t.asked()).toBe(3)
    },
  },
  {
    name: 'is one for each account where the route says so, and tells the origin whose',
    run: async (t) => {
      for (const sub of ['ann', 'bob']) {
        t.answers(`for ${sub}`, FRESH)
        await t.paid('/account/1', { claims: { sub } })
        expect(t.last().headers.get('faregate-subject')).toBe(`"${sub}"`)
      }
      for (const sub of ['ann', 'bob', 'ann']) {
        const seen = await t.paid('/account/1', { claims: { sub } })
        expect([seen.isHit, seen.text]).toEqual([true, `for ${sub}`])
      }
      expect(t.asked()).toBe(2)
    },
  },
  {
    name: 'of an account is another when its plan or entitlements are others',
    run: async (t) => {
      t.answers('gold', FRESH)
      await t.paid('/account/1', { claims: { plan: 'Gold' } })
      t.answers('other', FRESH)
      expect((await t.paid('/account/1', { claims: { plan: 'Silver' } })).text).toBe('other')
      expect((await t.paid('/account/1', { claims: { entitlements: ['premium', 'sports'] } })).text).toBe('other')
      expect((await t.paid('/account/1', { claims: { plan: 'Gold' } })).text).toBe('gold')
    },
  },
  {
    name: 'is one for each plan where the route says so, and names no account to the origin',
    run: async (t) => {
      for (const plan of ['Gold', 'Silver']) {
        t.answers(`for ${plan}`, FRESH)
        for (const sub of ['ann', 'bob'])
          expect((await t.paid('/plan/1', { claims: { sub, plan } })).text).toBe(`for ${plan}`)
        expect(t.last().headers.get('faregate-plan')).toBe(`"${plan}"`)
        expect(t.last().headers.get('faregate-subject')).toBeNull()
      }
      expect(t.asked()).toBe(2)
    },
  },
  {
    name: 'is not made for someone without a plan where the route keeps one for each',
    run: async (t) => {
      t.answers('the page', FRESH)
      await t.paid('/plan/1', { claims: { plan: undefined } })
      expect((await t.paid('/plan/1', { claims: { plan: undefined } })).isHit).toBe(false)
      expect(t.asked()).toBe(2)
    },
  },
]
