import { describe, expect, it } from 'vitest'
import { bearer, type SingleZoneOptions } from '../../src/index.ts'
import { compiled, faultsOf, ZONE } from '../support/compiled.ts'

const { name: _name, hosts: _hosts, ...WITHOUT } = ZONE
const SINGLE: SingleZoneOptions = WITHOUT

describe('a zone by itself', () => {
  it('is a list of one, for every host, whose address is its audience', () => {
    const { sites } = compiled(SINGLE)
    const site = sites.get('a.test')
    expect(site?.zone).toMatchObject({ name: 'site', hosts: ['a.test'], answersAnyHost: true })
    expect([sites.get('localhost'), sites.get('b.test'), sites.get('')]).toEqual([site, site, site])
    expect([...sites.values()]).toEqual([site])
    expect(site?.zone.issuers.map(({ audience }) => audience)).toEqual(['https://a.test'])
  })

  it('with hosts is for these alone, and may have any audience', () => {
    const { sites } = compiled({ ...SINGLE, name: 'mine', hosts: ['b.test'], audience: 'my-site' })
    expect(sites.get('b.test')?.zone).toMatchObject({ name: 'mine', answersAnyHost: false })
    expect(sites.get('a.test')).toBeUndefined()
  })

  it('has what is no zone’s beside its own', () => {
    const env = { KEY: '0123456789abcdef' }
    expect(compiled({ ...SINGLE, log: { accountKey: 'KEY' } }, env).accountKey).toBe(env.KEY)
  })

  it('is the same as the zone in a list, if it has the same name and hosts', () => {
    const inList = compiled({ zones: [{ ...ZONE, rails: [bearer()] }] }).sites.get('a.test')?.zone
    const alone = compiled({ ...ZONE, rails: [bearer()] }).sites.get('a.test')?.zone
    // No two indices are equal: each is a function of its own.
    const find = expect.any(Function)
    expect(alone).toEqual(inList && { ...inList, routes: { ...inList.routes, find } })
  })

  it.each([
    ['no address', { audience: 'my-site' }, [['hosts', expect.stringContaining('"audience"')]]],
    [
      'an address that is no host’s',
      { audience: 'https://a_b.test' },
      [['hosts', expect.stringContaining('"audience"')]],
    ],
    ['no audience', { audience: undefined }, [['audience', 'is missing']]],
    ['no rails', { rails: undefined }, [['rails', 'is missing']]],
    ['an empty list of rails', { rails: [] }, [['rails', 'expected at least one, such as bearer()']]],
    ['an option that there is not', { logs: {} }, [['logs', 'is not an option here']]],
    ['a fault deep down', { routes: [{ path: '/a', free: 1 }] }, [['routes[0].free', 'expected true, or nothing']]],
    ['a rail twice', { rails: [bearer(), bearer()] }, [['rails[1]', 'the same as rails[0]']]],
    [
      'a fault of a rail',
      { rails: [bearer({ from: [{ field: 'Cookie' }] })] },
      [['rails[0].from[0]', expect.anything()]],
    ],
    ['a list beside it', { zones: [ZONE] }, [['issuers', 'is not an option here']]],
  ])('with %s has its faults where they were written', (_what, change, faults) => {
    const { audience, ...rest } = { ...SINGLE, ...change }
    const given = { ...rest, ...(audience === undefined ? {} : { audience }) }
    const found = faultsOf(Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)))
    expect(found.map(({ path, message }) => [path, message])).toEqual(faults)
  })
})

describe('a zone in a list', () => {
  it('names its hosts and its rails', () => {
    const { hosts: _h, rails: _r, ...without } = ZONE
    expect(faultsOf({ zones: [without] })).toEqual([
      { path: 'zones[0].hosts', message: 'is missing' },
      { path: 'zones[0].rails', message: 'is missing' },
    ])
  })
})
