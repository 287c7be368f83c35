import { describe, expect, it } from 'vitest'
import { hintCookies, isHinted, sharedDomain, wasAsked } from '../../../src/login/rules/hint.ts'

const asking = (cookie: string | null) => ({ get: (name: string) => (name === 'cookie' ? cookie : null) })

describe('the domain that the hosts of a site share', () => {
  it.each([
    ['www.example.com', ['www.example.com', 'shop.example.com'], 'example.com'],
    ['example.com', ['example.com', 'www.example.com'], 'example.com'],
    ['a.b.example.com', ['a.b.example.com', 'c.b.example.com'], 'b.example.com'],
    ['a.example.co.uk', ['a.example.co.uk', 'b.example.co.uk'], 'example.co.uk'],
    ['www.example.com', ['www.example.com', 'shop.example.com', 'www.other.net'], 'example.com'],
    ['www.other.net', ['www.example.com', 'shop.example.com', 'www.other.net'], undefined],
    ['www.example.com', ['www.example.com'], undefined],
    ['www.example.com', ['shop.example.com', 'news.example.com'], undefined],
    ['localhost', ['localhost', 'a.localhost'], undefined],
    ['127.0.0.1', ['127.0.0.1', '10.0.0.1'], undefined],
    ['[::1]', ['[::1]', 'www.example.com'], undefined],
    ['badexample.com', ['badexample.com', 'example.com'], undefined],
  ])('of %s among %j is %s', (host, hosts, domain) => {
    expect(sharedDomain(host, hosts)).toBe(domain)
    expect(hintCookies(host, hosts)).toHaveLength(domain === undefined ? 0 : 1)
  })
})

describe('the hint', () => {
  it.each([
    [null, false, false],
    ['faregate-hint=1', true, false],
    ['a=b; faregate-hint=1; c=d', true, false],
    ['faregate-hint=2', false, false],
    ['x-faregate-hint=1', false, false],
    ['faregate-hint=1; __Host-faregate-asked=1', false, true],
  ])('in %s', (cookie, hinted, asked) => {
    expect([isHinted(asking(cookie)), wasAsked(asking(cookie))]).toEqual([hinted, asked])
  })
})
