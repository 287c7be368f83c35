import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readTarget } from '../../../src/http/rules/target.ts'
import { anyText } from '../../support/anytext.ts'

describe('the canonical target', () => {
  const spellings: [sent: string, canonical: string][] = [
    ['', '/'],
    ['/', '/'],
    ['/articles/1', '/articles/1'],
    ['/Articles/1.HTML', '/Articles/1.HTML'],
    ['/%61rticles/%7euser', '/articles/~user'],
    ['/caf%c3%a9', '/caf%C3%A9'],
    ['/café', '/caf%C3%A9'],
    ['/a b', '/a%20b'],
    ['/a%20b', '/a%20b'],
    ['/a%2fb', '/a%2Fb'],
    ['/a/./b/../c', '/a/c'],
    ['/a/%2e%2E/c', '/c'],
    ['/../../a', '/a'],
    ['/a/..', '/'],
    ['/a/.', '/a/'],
    ['/a//b', '/a//b'],
    ['/a\\b', '/a%5Cb'],
    ['/a|b^c{d}', '/a%7Cb%5Ec%7Bd%7D'],
    ['/100%25', '/100%25'],
    ["/it's,(ok)!$&*+=:@;x", "/it's,(ok)!$&*+=:@;x"],
  ]

  it.each(spellings)('of %j is %j', (sent, canonical) => {
    expect(readTarget(sent, '')).toMatchObject({ ok: true, value: { path: canonical, query: '' } })
  })

  it.each([
    '/%',
    '/%zz',
    '/%u002f',
    '/%00',
    '/a%0Ab',
    '/%7f',
    '/%C2%85',
    '/%c0%af',
    '/%e0%80%af',
    '/%ff',
    '/caf%e9',
    '/%25c0%25af',
    '/%2500',
    '/\ud800',
  ])('of %j does not exist', (sent) => {
    expect(readTarget(sent, '')).toMatchObject({ ok: false, error: { reason: 'target-ambiguous' } })
  })

  it('keeps the query as it was sent', () => {
    expect(readTarget('/a', '?b=%2F&c=;d&e=é')).toMatchObject({ ok: true, value: { query: '?b=%2F&c=;d&e=%C3%A9' } })
  })

  it('has itself as its canonical form, and a URL parser leaves it alone', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const once = readTarget(`/${text.replaceAll('?', '')}`, '')
        if (!once.ok) return
        const { path } = once.value
        expect(new URL(`http://host${path}`).pathname).toBe(path)
        expect(readTarget(path, '')).toMatchObject({ ok: true, value: { path } })
      }),
    )
  })

  it('is found for hostile targets of any length in bounded work', () => {
    for (const unit of [
      '%25',
      '../',
      '..;/',
      '\\',
      ' ',
      '%20',
      '.',
      ';a',
      'A%2f',
      '::$',
      '//',
      '+',
      '%2e%2e%2f',
      'Ａ',
      '.a',
    ]) {
      const long = `/${unit.repeat(16_000 / unit.length)}`
      const result = readTarget(long, '')
      expect(result.ok || result.error.reason === 'target-ambiguous').toBe(true)
    }
  })
})

describe('a long path', () => {
  it('of one reading is taken as it is, and of several only up to 8192 characters', () => {
    const path = `/${'a'.repeat(20_000)}`
    expect(readTarget(path, '')).toMatchObject({ ok: true, value: { path, interpretations: [] } })
    expect(readTarget(`${path}.json`, '')).toMatchObject({ ok: false, error: { reason: 'target-ambiguous' } })
    expect(readTarget(`/${'a'.repeat(8000)}.json`, '')).toMatchObject({ ok: true })
  })

  it('that gives more characters to read than any page is worth is refused', () => {
    const units = ['/a+b', '/%20', '/a:b;c.d', '/A%2f', '/..;/a+.']
    const refused = units.map((unit) => readTarget(`/${unit.repeat(8000 / unit.length)}`, ''))
    expect(refused.map((target) => (target.ok ? 'taken' : target.error.reason))).toEqual(
      units.map(() => 'target-ambiguous'),
    )
  })
})

describe('the readings of a target', () => {
  const interpretations: [sent: string, reading: string][] = [
    ['/free/..%2farticles/1', '/articles/1'],
    ['/free/%252e%252e/articles/1', '/articles/1'],
    ['/free/..;/articles/1', '/articles/1'],
    ['/free/..%5carticles/1', '/articles/1'],
    ['/articles;v=1/1', '/articles/1'],
    ['/articles;v=1/1', '/articles'],
    ['//articles/1', '/articles/1'],
    ['//host/articles/1', '/articles/1'],
    ['/articles./1', '/articles/1'],
    ['/articles%20/1', '/articles/1'],
    ['/articles%3Fx', '/articles'],
    ['/articles%23x', '/articles'],
    ['/ａrticles/1', '/articles/1'],
    ['/free/．．/articles/1', '/articles/1'],
    ['/members::$DATA', '/members'],
    ['/mem+bers', '/mem bers'],
  ]

  it.each(interpretations)('%j may be read as %j', (sent, reading) => {
    const target = readTarget(sent, '')
    expect(target.ok && target.value.interpretations.map(({ path }) => path)).toContain(reading)
  })

  it('without a format suffix are marked as such', () => {
    const target = readTarget('/articles.tar.gz', '')
    expect(target.ok && target.value.interpretations).toEqual([
      { path: '/articles.tar.gz', bySuffix: false },
      { path: '/articles.tar', bySuffix: true },
      { path: '/articles', bySuffix: true },
    ])
  })

  it('are none but itself for a plain path', () => {
    expect(readTarget('/articles/a-b_c~1/', '?x')).toEqual({
      ok: true,
      value: { path: '/articles/a-b_c~1/', query: '?x', interpretations: [] },
    })
  })
})
