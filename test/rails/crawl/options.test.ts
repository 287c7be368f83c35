import { describe, expect, it } from 'vitest'
import { bearer, crawl } from '../../../src/index.ts'
import { faultsOf, zoneOf, ZONE } from '../../support/compiled.ts'

const faults = (options: unknown) => {
  const zone = { ...ZONE, rails: [bearer(), crawl(options as never)] }
  return faultsOf({ zones: [zone] }).map(({ path, message }) => `${path}: ${message}`)
}

describe('the options of crawl()', () => {
  it('are complete with agents, or with any: true', () => {
    expect(faults({ agents: { 'https://bot.example': { billing: 'credit' } } })).toEqual([])
    expect(faults({ any: true })).toEqual([])
  })

  it.each<[string, unknown]>([
    ['at least one of "agents"', {}],
    ['at least one of "agents"', { agents: {} }],
    ['the https URL', { agents: { 'http://bot.example': { billing: 'credit' } } }],
    ['the https URL', { agents: { 'https://127.0.0.1': { billing: 'credit' } } }],
    ['"credit" or "postpaid"', { agents: { 'https://bot.example': { billing: 'free' } } }],
    ['decimal string above zero', { agents: { 'https://bot.example': { billing: 'credit', maxPerDay: '0' } } }],
    ['decimal string above zero', { agents: { 'https://bot.example': { billing: 'credit', maxPerDay: 5 } } }],
    ['"verified", "all"', { any: true, ask: 'nobody' }],
    ['a word of a user agent', { any: true, ask: { userAgents: ['a b'] } }],
    ['true, or nothing', { any: false }],
  ])('a fault says: expected %s', (expected, options) => {
    const found = faults(options)
    expect(found.length).toBeGreaterThan(0)
    expect(found[0]).toContain(expected)
    expect(found[0]).toMatch(/^zones\[0\]\.rails\[1\]/)
  })

  it('bring the issuer of its accounts, which orders have to name', () => {
    const zone = zoneOf({ rails: [bearer(), crawl({ any: true })] })
    expect(zone.issuers.map(({ issuer, isNamedOnly }) => [issuer, isNamedOnly])).toEqual([
      ['https://i.test', undefined],
      ['web-bot-auth', true],
    ])
  })

  it('ask for nothing to be sold that crawlers read before they pay', () => {
    const price = { amount: '0.01', currency: 'USD' }
    const told = (routes: object[]) =>
      faultsOf({ zones: [{ ...ZONE, rails: [bearer(), crawl({ any: true })], routes }] }).map(({ path, message }) => [
        path,
        message,
      ])
    const free = ['/robots.txt', '/sitemap.xml', '/security.txt', '/.well-known/security.txt', '/crawlers.json']
    expect(told([{ path: '/*', price }])).toEqual(
      free.map((path) => ['zones[0].routes', `expected "${path}" to be free: crawlers read it before they pay`]),
    )
    expect(told([{ path: '/*', price }, ...free.map((path) => ({ path, free: true }))])).toEqual([])
  })

  it('let a zone do without issuers of tokens', () => {
    expect(faultsOf({ zones: [{ ...ZONE, issuers: [], rails: [crawl({ any: true })] }] })).toEqual([])
  })
})
