import { describe, expect, it } from 'vitest'
import { faultsOf, ZONE, zoneFaults, zoneOf } from '../support/compiled.ts'

const zones = (...names: readonly object[]) =>
  faultsOf({ zones: names.map((each, index) => ({ ...ZONE, hosts: [`${index}.test`], ...each })) })

describe('the id of a zone', () => {
  it('is its name, unless it has one of its own', () => {
    expect(zoneOf({ name: 'news' })).toMatchObject({ name: 'news', id: 'news' })
    expect(zoneOf({ name: 'press', id: 'news' })).toMatchObject({ name: 'press', id: 'news' })
  })

  it.each([
    ['', 'expected a string that is not empty'],
    ['a b', 'expected letters, digits, "-", "_" and "."'],
    ['a'.repeat(65), 'expected at most 64 characters'],
    [7, 'expected a string'],
  ])('%j is a fault', (id, message) => {
    expect(zoneFaults({ id }).map((fault) => fault)).toContainEqual({ path: 'zones[0].id', message })
  })

  it('has at most as many characters as a name', () => {
    expect(zoneFaults({ id: 'a'.repeat(64), name: 'a'.repeat(64) })).toEqual([])
    expect(zoneFaults({ name: 'a'.repeat(65) })).toMatchObject([{ path: 'zones[0].name' }])
  })

  it.each([
    [
      'two equal ids',
      [
        { name: 'a', id: 'x' },
        { name: 'b', id: 'x' },
      ],
      'zones[1].id: the same as zones[0].id',
    ],
    [
      'an id that is the name of an earlier zone',
      [{ name: 'a' }, { name: 'b', id: 'a' }],
      'zones[1].id: the same as zones[0].name',
    ],
    [
      'a name that is the id of an earlier zone',
      [{ name: 'a', id: 'b' }, { name: 'b' }],
      'zones[1].name: the same as zones[0].id',
    ],
    ['two equal names, once', [{ name: 'a' }, { name: 'a' }], 'zones[1].name: the same as zones[0].name'],
  ])("is no other zone's: %s is a fault", (_what, names, fault) => {
    expect(zones(...names).map(({ path, message }) => `${path}: ${message}`)).toEqual([fault])
  })

  it('may be the name that another zone had, if that one says its own id', () => {
    expect(zones({ name: 'a', id: 'b' }, { name: 'b', id: 'a' })).toEqual([])
  })
})

describe('the place of ledgers', () => {
  it.each([
    [{ jurisdiction: 'mars' }, 'jurisdiction', 'expected a jurisdiction: eu, us, fedramp, fedramp-high'],
    [{ locationHint: 'paris' }, 'locationHint', expect.stringContaining('expected a location hint: wnam, enam')],
    [{ place: 'eu' }, 'place', 'is not an option here'],
  ])('%j is a fault', (ledger, member, message) => {
    expect(zoneFaults({ ledger })).toEqual([{ path: `zones[0].ledger.${member}`, message }])
    expect(faultsOf({ zones: [ZONE], ledger })).toEqual([{ path: `ledger.${member}`, message }])
  })
})
