import { describe, expect, it } from 'vitest'
import { isEndpointTarget, readTarget } from '../../../src/http/rules/target.ts'
import { MAX_TO_CHARACTERS, readTo } from '../../../src/login/rules/to.ts'
import { HOSTILE_TO } from '../hostile.ts'

const ORIGIN = 'https://www.news.example'

describe('the page to come back to', () => {
  it.each([
    ['/articles/1', '/articles/1'],
    ['/', '/'],
    ['/articles/1?a=b&c=d%20e', '/articles/1?a=b&c=d%20e'],
    ['/articles/1?to=https://other.example/', '/articles/1?to=https://other.example/'],
    ['/articles/1#comments', '/articles/1'],
    ['/Articles/%7euser', '/Articles/~user'],
    ['/artikel/größe', '/artikel/gr%C3%B6%C3%9Fe'],
    ['/articles/../articles/2', '/articles/2'],
    [`${ORIGIN}/articles/1?a=b`, '/articles/1?a=b'],
    [`${ORIGIN}/`, '/'],
    [ORIGIN, '/'],
    ['/__faregate/account', '/__faregate/account'],
    ['/__faregate/sign-out', '/'],
    [null, '/'],
  ])('%s is %s', (text, to) => {
    expect(readTo(text, ORIGIN)).toBe(to)
  })

  it('keeps the port of a site that has one', () => {
    expect(readTo('http://localhost:8787/articles/1', 'http://localhost:8787')).toBe('/articles/1')
    expect(readTo('http://localhost:87871/articles/1', 'http://localhost:8787')).toBe('/')
  })

  it('loses its query if it is too long, and then itself', () => {
    expect(readTo(`/articles/1?${'a'.repeat(MAX_TO_CHARACTERS)}`, ORIGIN)).toBe('/articles/1')
    expect(readTo(`/${'a'.repeat(MAX_TO_CHARACTERS)}`, ORIGIN)).toBe('/')
    expect(readTo(`/${'a'.repeat(MAX_TO_CHARACTERS - 1)}`, ORIGIN)).toHaveLength(MAX_TO_CHARACTERS)
  })

  it.each(HOSTILE_TO.map((text) => [text]))('never leads to another site, or to the gate: %j', (text) => {
    const to = readTo(text, ORIGIN)
    expect(to).toMatch(/^\/(?!\/)[\u0021-\u007e]*$/)
    expect(to).not.toMatch(/[\\"<>]/)
    expect(to.length).toBeLessThanOrEqual(MAX_TO_CHARACTERS)
    const url = new URL(to, ORIGIN)
    expect([url.origin, url.username, url.password, url.hash]).toEqual([ORIGIN, '', '', ''])
    expect(`${url.pathname}${url.search}`).toBe(to)
    const target = readTarget(url.pathname, url.search)
    expect(target.ok && !isEndpointTarget(target.value)).toBe(true)
    expect(readTo(to, ORIGIN)).toBe(to)
  })
})
