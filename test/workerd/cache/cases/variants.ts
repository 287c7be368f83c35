import { expect } from 'vitest'
import type { Case, Trial } from '../trial.ts'

const FRESH = { 'cache-control': 'max-age=60' }

/** The origin answers with the value of a request field, and says that it depends on it. */
function echo(t: Trial, name: string, vary = name): void {
  t.world.origin = (request) => new Response(`${request.headers.get(name)}`, { headers: { ...FRESH, vary } })
}

const LANGUAGES: readonly (readonly [one: string, other: string, isSame: boolean])[] = [
  ['de, en', 'de,en', true],
  ['de, en', 'DE, EN', true],
  ['de, en;q=0.5', 'en;q=0.5, de', true],
  ['de, en', 'en, de', true],
  ['de;q=1, en;q=0.9', 'de, en;q=0.3', true],
  ['de', 'en', false],
  ['de, en;q=0.5', 'en, de;q=0.5', false],
  ['de, fr;q=0', 'de', true],
]

const CODINGS: readonly (readonly [one: string, other: string, isSame: boolean])[] = [
  ['gzip, deflate, br', 'br, gzip', true],
  ['gzip;q=0.5, br', 'br, gzip', true],
  ['*', 'gzip, br, zstd', true],
  ['gzip', 'br', false],
  ['gzip, br;q=0', 'gzip', true],
  ['identity', 'gzip', false],
]

const REWRITTEN = {
  implementation: 'embedded',
  because: 'the platform writes Accept-Encoding itself and recodes for each client at its edge',
} as const

function twice(name: string, rows: typeof LANGUAGES, only?: Case['only']): Case[] {
  return rows.map(([one, other, isSame]) => ({
    name: `by ${name} are ${isSame ? 'one' : 'two'} for "${one}" and "${other}"`,
    ...(only === undefined ? {} : { only }),
    run: async (t) => {
      echo(t, name)
      await t.paid('/articles/1', { headers: { [name]: one } })
      const seen = await t.paid('/articles/1', { headers: { [name]: other } })
      expect(seen.isHit).toBe(isSame)
      for (const value of [one, other])
        expect((await t.paid('/articles/1', { headers: { [name]: value } })).isHit).toBe(true)
    },
  }))
}

export const VARIANTS: readonly Case[] = [
  ...twice('accept-language', LANGUAGES),
  ...twice('accept-encoding', CODINGS, REWRITTEN),
  {
    name: 'by another field are as many as it has values, which the origin is shown once it names it',
    run: async (t) => {
      echo(t, 'x-tier')
      for (const tier of ['gold', 'silver']) {
        const seen = await t.paid('/articles/1', { headers: { 'x-tier': tier } })
        expect([seen.text, seen.isHit]).toEqual([tier, false])
      }
      const asked = t.asked()
      for (const tier of ['silver', 'gold', 'silver']) {
        const seen = await t.paid('/articles/1', { headers: { 'x-tier': tier } })
        expect([seen.text, seen.isHit]).toEqual([tier, true])
      }
      expect(t.asked()).toBe(asked)
    },
  },
  {
    name: 'tell a field that is absent from an empty one and from a value',
    run: async (t) => {
      echo(t, 'x-tier')
      const texts = []
      for (const headers of [{}, { 'x-tier': 'null' }, {}, { 'x-tier': 'null' }])
        texts.push((await t.paid('/tiers/1', { headers })).isHit)
      expect(texts).toEqual([false, false, true, true])
    },
  },
  {
    name: 'by two fields are found by both',
    run: async (t) => {
      t.world.origin = ({ headers }) =>
        new Response(`${headers.get('x-tier')} ${headers.get('accept-language')}`, {
          headers: { ...FRESH, vary: 'X-Tier, Accept-Language' },
        })
      const pairs = [
        ['gold', 'de'],
        ['gold', 'en'],
        ['silver', 'de'],
      ] as const
      for (const isHit of [false, true])
        for (const [tier, language] of pairs) {
          const seen = await t.paid('/tiers/1', { headers: { 'x-tier': tier, 'accept-language': language } })
          expect([seen.text, seen.isHit]).toEqual([`${tier} ${language}`, isHit])
        }
    },
  },
  {
    name: 'are none by what tells who asks, whatever the origin names',
    run: async (t) => {
      echo(t, 'cookie', 'Cookie, Authorization')
      for (const theme of ['dark', 'light']) {
        const { text } = await t.paid('/articles/1', { headers: { cookie: `theme=${theme}` } })
        expect(text).toBe('null')
      }
      expect(t.asked()).toBe(1)
    },
  },
  {
    name: 'leave no copy for all behind when the origin begins to tell readers apart',
    run: async (t) => {
      t.answers('for all', FRESH)
      await t.paid('/tiers/1')
      t.pass(60)
      echo(t, 'x-tier')
      expect((await t.paid('/tiers/1', { headers: { 'x-tier': 'gold' } })).text).toBe('gold')
      expect((await t.paid('/tiers/1', { headers: { 'x-tier': 'silver' } })).text).toBe('silver')
      expect((await t.paid('/tiers/1', { headers: { 'x-tier': 'gold' } })).text).toBe('gold')
    },
  },
  {
    name: 'of one partition are not those of another',
    run: async (t) => {
      t.world.origin = ({ headers }) =>
        new Response(`${headers.get('faregate-subject')} ${headers.get('accept-language')}`, {
          headers: { ...FRESH, vary: 'Accept-Language' },
        })
      for (const isHit of [false, true])
        for (const sub of ['ann', 'bob']) {
          const seen = await t.paid('/account/1', { claims: { sub }, headers: { 'accept-language': 'de' } })
          expect([seen.text, seen.isHit]).toEqual([`"${sub}" de`, isHit])
        }
    },
  },
  {
    name: 'that are compressed are not for those who cannot read them, whatever the origin says',
    only: REWRITTEN,
    run: async (t) => {
      t.world.origin = ({ headers }) =>
        headers.get('accept-encoding') === 'identity'
          ? new Response('plain', { headers: FRESH })
          : new Response('coded', { headers: { ...FRESH, 'content-encoding': 'gzip' }, encodeBody: 'manual' })
      expect((await t.paid('/articles/1', { headers: { 'accept-encoding': 'gzip' } })).text).toBe('coded')
      expect((await t.paid('/articles/1')).text).toBe('plain')
    },
  },
]
