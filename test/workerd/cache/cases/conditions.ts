import { expect } from 'vitest'
import { type Case, START, type Trial } from '../trial.ts'

const date = (seconds: number): string => new Date(START + seconds * 1000).toUTCString()

const PAGE = { 'cache-control': 'max-age=60', etag: '"1"', 'last-modified': date(-3600) }

type Row = readonly [headers: Record<string, string>, status: number, text?: string]

/** What is asked of a copy of `0123456789`, and what comes of it. */
const QUESTIONS: readonly Row[] = [
  [{ 'if-none-match': '"1"' }, 304],
  [{ 'if-none-match': 'W/"1"' }, 304],
  [{ 'if-none-match': '"0", "1"' }, 304],
  [{ 'if-none-match': '*' }, 304],
  [{ 'if-none-match': '"2"' }, 200],
  [{ 'if-modified-since': date(-3600) }, 304],
  [{ 'if-modified-since': date(-1) }, 304],
  [{ 'if-modified-since': date(-7200) }, 200],
  [{ 'if-modified-since': 'yesterday' }, 200],
  [{ 'if-none-match': '"2"', 'if-modified-since': date(0) }, 200],
  [{ range: 'bytes=2-4' }, 206, '234'],
  [{ range: 'bytes=7-' }, 206, '789'],
  [{ range: 'bytes=-2' }, 206, '89'],
  [{ range: 'bytes=8-99' }, 206, '89'],
  [{ range: 'bytes=0-9' }, 206, '0123456789'],
  [{ range: 'bytes=10-' }, 416, ''],
  [{ range: 'bytes=4-2' }, 200],
  [{ range: 'pages=1-2' }, 200],
  [{ range: 'bytes=2-4', 'if-range': '"1"' }, 206, '234'],
  [{ range: 'bytes=2-4', 'if-range': '"2"' }, 200],
  [{ range: 'bytes=2-4', 'if-range': 'W/"1"' }, 200],
  [{ range: 'bytes=2-4', 'if-range': date(-3600) }, 206, '234'],
  [{ range: 'bytes=2-4', 'if-range': date(0) }, 200],
  [{ range: 'bytes=2-4', 'if-none-match': '"1"' }, 304],
]

const ranges: Record<string, string> = { '234': 'bytes 2-4/10', '789': 'bytes 7-9/10', '89': 'bytes 8-9/10' }

function textOf([, status, text]: Row): string {
  return text ?? (status === 304 ? '' : '0123456789')
}

const NOT_ASKED = {
  implementation: 'embedded',
  because: 'the platform does not read what a request says of caches',
} as const

export const CONDITIONS: readonly Case[] = [
  ...QUESTIONS.map((row) => ({
    name: `is answered ${row[1]}: ${JSON.stringify(row[0])}`,
    run: async (t: Trial) => {
      t.answers('0123456789', { ...PAGE, 'content-length': '10' })
      await t.paid('/articles/1')
      const [headers, status, part = ''] = row
      for (let times = 0; times < 2; times++) {
        const seen = await t.paid('/articles/1', { headers })
        expect([seen.status, seen.text]).toEqual([status, textOf(row)])
        if (part in ranges) expect(seen.headers.get('content-range')).toBe(ranges[part])
        if (status === 416) expect(seen.headers.get('content-range')).toBe('bytes */10')
        if (status === 304) expect(seen.headers.get('etag')).toBe('"1"')
        expect(seen.headers.get('cache-control')).toBe('private, no-cache')
        await t.paid('/articles/1')
      }
      expect(t.asked()).toBe(1)
    },
  })),
  {
    name: 'by HEAD has no content, and the length that GET would have',
    run: async (t) => {
      t.answers('0123456789', PAGE)
      await t.paid('/articles/1')
      const seen = await t.paid('/articles/1', { method: 'HEAD' })
      expect([seen.status, seen.text, seen.isHit]).toEqual([200, '', true])
      expect(seen.headers.get('content-length')).toBe('10')
      expect(seen.headers.get('etag')).toBe('"1"')
      expect(t.asked()).toBe(1)
    },
  },
  ...['/articles/1', '/off/1'].map((path) => ({
    name: `by HEAD for a part of ${path} is answered as to HEAD for all of it, warm or cold`,
    run: async (t: Trial) => {
      t.world.origin = ({ method, headers }) =>
        headers.has('range')
          ? new Response(null, { status: 206, headers: { ...PAGE, 'content-range': 'bytes 0-3/10' } })
          : new Response(method === 'HEAD' ? null : '0123456789', { headers: { ...PAGE, 'content-length': '10' } })
      for (const isWarm of [false, true]) {
        if (isWarm) await t.paid(path)
        for (const headers of [
          { range: 'bytes=0-3' },
          { range: 'bytes=10-' },
          { range: 'bytes=0-3', 'if-range': '"1"' },
        ]) {
          const seen = await t.paid(path, { method: 'HEAD', headers })
          expect([seen.status, seen.text, seen.headers.get('content-range')]).toEqual([200, '', null])
          expect(seen.headers.get('content-length')).toBe('10')
        }
      }
    },
  })),
  {
    name: 'by HEAD leaves no copy without content',
    run: async (t) => {
      t.world.origin = ({ method }) => new Response(method === 'HEAD' ? null : '0123456789', { headers: PAGE })
      await t.paid('/articles/1', { method: 'HEAD' })
      expect((await t.paid('/articles/1')).text).toBe('0123456789')
      expect((await t.paid('/articles/1')).text).toBe('0123456789')
      expect(t.asked()).toBe(2)
    },
  },
  {
    name: 'comes too soon: a condition on a cold page asks the origin for all of it',
    run: async (t) => {
      t.answers('0123456789', PAGE)
      const seen = await t.paid('/articles/1', { headers: { 'if-none-match': '"1"' } })
      expect([seen.status, seen.text]).toEqual([304, ''])
      expect(t.last().headers.get('if-none-match')).toBeNull()
      expect((await t.paid('/articles/1')).text).toBe('0123456789')
      expect(t.asked()).toBe(1)
    },
  },
  {
    name: 'for a part of a cold page never leaves that part as the page',
    run: async (t) => {
      t.world.origin = ({ headers }) => {
        if (headers.get('range') === null) return new Response('0123456789', { headers: PAGE })
        return new Response('234', { status: 206, headers: { ...PAGE, 'content-range': 'bytes 2-4/10' } })
      }
      const part = await t.paid('/articles/1', { headers: { range: 'bytes=2-4' } })
      if (part.status === 206) expect([part.text, part.headers.get('content-range')]).toEqual(['234', 'bytes 2-4/10'])
      else expect([part.status, part.text]).toEqual([200, '0123456789'])
      const whole = await t.paid('/articles/1')
      expect([whole.status, whole.text]).toEqual([200, '0123456789'])
    },
  },
  ...(['if-match', 'if-unmodified-since'] as const).map((name) => ({
    name: `with ${name} is the origin’s to judge, and its answer is no one else’s`,
    run: async (t: Trial) => {
      t.answers('0123456789', PAGE)
      await t.paid('/articles/1')
      t.answers('no', {}, 412)
      const seen = await t.paid('/articles/1', { headers: { [name]: name === 'if-match' ? '"2"' : date(-9999) } })
      expect([seen.status, t.asked()]).toEqual([412, 2])
      expect(t.last().headers.get(name)).not.toBeNull()
      expect((await t.paid('/articles/1')).status).toBe(200)
    },
  })),
  {
    name: 'says no-cache, and the origin confirms the copy',
    only: NOT_ASKED,
    run: async (t) => {
      t.answers('0123456789', PAGE)
      await t.paid('/articles/1')
      for (const headers of [
        { 'cache-control': 'no-cache' },
        { pragma: 'no-cache' },
        { 'cache-control': 'max-age=0' },
      ]) {
        t.pass(1)
        t.answers(null, PAGE, 304)
        const asked = t.asked()
        expect((await t.paid('/articles/1', { headers })).text).toBe('0123456789')
        expect(t.asked()).toBe(asked + 1)
        expect(t.last().headers.get('if-none-match')).toBe('"1"')
      }
    },
  },
  {
    name: 'says only-if-cached',
    only: NOT_ASKED,
    run: async (t) => {
      t.answers('0123456789', PAGE)
      const headers = { 'cache-control': 'only-if-cached' }
      expect((await t.paid('/articles/1', { headers })).status).toBe(504)
      expect(t.asked()).toBe(0)
      await t.paid('/articles/1')
      expect((await t.paid('/articles/1', { headers })).text).toBe('0123456789')
      t.pass(60)
      expect((await t.paid('/articles/1', { headers })).status).toBe(504)
    },
  },
  {
    name: 'says no-store, and leaves no copy',
    only: NOT_ASKED,
    run: async (t) => {
      t.answers('0123456789', PAGE)
      await t.paid('/articles/1', { headers: { 'cache-control': 'no-store' } })
      expect((await t.paid('/articles/1')).isHit).toBe(false)
    },
  },
  {
    name: 'says min-fresh, and the copy is not fresh for so long',
    only: NOT_ASKED,
    run: async (t) => {
      t.answers('0123456789', PAGE)
      await t.paid('/articles/1')
      t.pass(40)
      expect((await t.paid('/articles/1', { headers: { 'cache-control': 'min-fresh=30' } })).isHit).toBe(false)
      expect((await t.paid('/articles/1', { headers: { 'cache-control': 'min-fresh=10' } })).isHit).toBe(true)
    },
  },
]
