import { expect } from 'vitest'
import { type Case, START, type Trial } from '../trial.ts'

/** What is for the caches below the gate, and what only the gate may say. */
const KEPT_BACK: Record<string, string> = {
  'cdn-cache-control': 'max-age=60',
  'cloudflare-cdn-cache-control': 'max-age=60',
  'surrogate-control': 'max-age=60',
  'surrogate-key': 'a',
  'cache-tag': 'a',
  'cf-cache-status': 'HIT',
  'faregate-cache-control': 'max-age=60',
  'faregate-failure': 'origin-timeout',
}

async function gzip(text: string): Promise<Uint8Array> {
  const coded = new Response(text).body?.pipeThrough(new CompressionStream('gzip'))
  return new Uint8Array(await new Response(coded ?? null).arrayBuffer())
}

/** A miss, a hit, and a hit from memory where there is one. */
async function thrice(t: Trial, path: string, headers: Record<string, string> = {}) {
  const ask = () => (path.startsWith('/shared') ? t.anonymous(path, { headers }) : t.paid(path, { headers }))
  return [await ask(), await ask(), await ask()]
}

export const FIELDS: readonly Case[] = [
  ...['/articles/1', '/shared/1', '/off/1'].map((path) => ({
    name: `of ${path} says nothing that is for caches below it`,
    run: async (t: Trial) => {
      t.answers('the page', KEPT_BACK)
      for (const { status, headers } of await thrice(t, path)) {
        expect(status).toBe(200)
        for (const name of Object.keys(KEPT_BACK)) expect(headers.get(name), name).toBeNull()
      }
    },
  })),
  {
    name: 'keeps the other fields, as many as there are',
    run: async (t) => {
      t.world.origin = () => {
        const headers = new Headers({ 'cache-control': 'max-age=60', 'x-a': '1', 'content-language': 'de' })
        headers.append('link', '</a>; rel="next"')
        headers.append('link', '</b>; rel="prev"')
        return new Response('the page', { headers })
      }
      for (const { headers } of await thrice(t, '/articles/1')) {
        expect([headers.get('x-a'), headers.get('content-language')]).toEqual(['1', 'de'])
        expect(headers.get('link')).toBe('</a>; rel="next", </b>; rel="prev"')
      }
    },
  },
  ...['/articles/1', '/shared/1', '/off/1', '/free/1'].map((path) => ({
    name: `of ${path} has the date of its receipt where its origin gave none`,
    run: async (t: Trial) => {
      const isShared = path === '/articles/1' || path === '/shared/1'
      t.answers('the page', { 'cache-control': 'max-age=60', etag: '"1"' })
      for (const seconds of [0, 1, 2]) {
        const seen = await t.paid(path)
        expect(seen.headers.get('date')).toBe(new Date(START + (isShared ? 0 : seconds * 1000)).toUTCString())
        t.pass(1)
      }
      const seen = await t.paid(path, { headers: { 'if-none-match': '"1"' } })
      expect(seen.headers.get('date')).toBe(new Date(START + (isShared ? 0 : 3000)).toUTCString())
    },
  })),
  ...['/articles/1', '/off/1'].map((path) => ({
    name: `of ${path} keeps the date of its origin`,
    run: async (t: Trial) => {
      const date = new Date(START - 5000).toUTCString()
      t.answers('the page', { 'cache-control': 'max-age=60', date })
      for (const { headers } of await thrice(t, path)) expect(headers.get('date')).toBe(date)
    },
  })),
  ...['/articles/1', '/shared/1', '/off/1'].map((path) => ({
    name: `of ${path} shows no way around the gate, whatever its origin says of itself`,
    run: async (t: Trial) => {
      t.answers('the page', {
        'cache-control': 'max-age=60',
        'content-location': 'https://origin.test/x',
        link: '<//origin.test/x>; rel="next"',
        'alt-svc': 'h3=":443"',
        'access-control-allow-origin': 'https://origin.test',
        'content-security-policy': "default-src 'self' https://origin.test",
        'reporting-endpoints': 'a="https://origin.test/reports"',
        via: '1.1 origin.test',
      })
      for (const { headers } of await thrice(t, path)) {
        expect([...headers].join()).not.toMatch(/origin\.test|alt-svc/)
        expect(headers.get('content-location')).toBe('/x')
        expect(headers.get('access-control-allow-origin')).toBe('https://news.test')
      }
    },
  })),
  {
    name: 'needs no content: a redirect without any is stored, and served at once',
    run: async (t) => {
      t.answers(null, { 'cache-control': 'max-age=60', location: '/articles/2' }, 301)
      for (const { status, text, headers } of await thrice(t, '/articles/1')) {
        expect([status, text, headers.get('location')]).toEqual([301, '', '/articles/2'])
      }
      expect(t.asked()).toBe(1)
    },
  },
  {
    name: 'drops the fields that end at the next hop',
    run: async (t) => {
      t.answers('the page', {
        'cache-control': 'max-age=60',
        'keep-alive': 'timeout=5',
        connection: 'x-hop',
        'x-hop': '1',
      })
      const [, ...hits] = await thrice(t, '/articles/1')
      for (const { headers } of hits)
        for (const name of ['keep-alive', 'connection', 'x-hop']) expect(headers.get(name), name).toBeNull()
    },
  },
  {
    name: 'says how old it is in one number, though the origin said so too',
    run: async (t) => {
      t.answers('the page', { 'cache-control': 'max-age=60', age: '20' })
      await t.paid('/articles/1')
      t.pass(5)
      expect((await t.paid('/articles/1')).headers.get('age')).toBe('25')
    },
  },
  {
    name: 'adds the gate to what caches below it said of themselves',
    run: async (t) => {
      t.answers('the page', { 'cache-control': 'max-age=60', 'cache-status': 'Varnish; hit' })
      await t.paid('/articles/1')
      expect((await t.paid('/articles/1')).headers.get('cache-status')).toMatch(/^Varnish; hit, faregate; hit/)
    },
  },
  ...['', 'Accept-Encoding'].map((vary) => ({
    name: `is compressed as it came, byte for byte, with Vary "${vary}"`,
    run: async (t: Trial) => {
      const coded = await gzip('the page '.repeat(100))
      t.world.origin = () =>
        new Response(coded, {
          headers: { 'cache-control': 'max-age=60', 'content-encoding': 'gzip', ...(vary === '' ? {} : { vary }) },
          encodeBody: 'manual',
        })
      for (const { bytes, headers } of await thrice(t, '/articles/1', { 'accept-encoding': 'gzip, br' })) {
        expect(bytes).toEqual(coded)
        expect(headers.get('content-encoding')).toBe('gzip')
      }
      expect(t.asked()).toBe(1)
    },
  })),
  {
    name: 'is bytes that are not text, and all of them',
    run: async (t) => {
      const bytes = crypto.getRandomValues(new Uint8Array(60_000))
      t.world.origin = () => new Response(bytes, { headers: { 'cache-control': 'max-age=60' } })
      for (const seen of await thrice(t, '/articles/1')) expect(seen.bytes).toEqual(bytes)
      expect(t.asked()).toBe(1)
    },
  },
  {
    name: 'is larger than what memory keeps, and whole',
    run: async (t) => {
      const bytes = new Uint8Array(1_000_000).map((_zero, index) => index % 251)
      t.world.origin = () => new Response(bytes, { headers: { 'cache-control': 'max-age=60' } })
      for (const seen of await thrice(t, '/articles/1')) expect(seen.bytes).toEqual(bytes)
      expect(t.asked()).toBe(1)
    },
  },
]
