import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { claimAt, compileClaimPath } from '../../src/access/claims.ts'
import { emptyPlaces, missedClaims } from '../../src/access/missedclaims.ts'
import { compileMapping } from '../../src/config/mapping.ts'

type Given = Parameters<typeof compileMapping>[0]

const mapped = (claims: Given['claims'], more: Partial<Given> = {}) =>
  compileMapping({ claims, isForeign: true, ...more })

describe('what a configuration looks for', () => {
  const facts = (given: Given): string[] => compileMapping(given).expected.map(({ fact }) => fact)

  it.each<[string, Given, string[]]>([
    ['the entitlements of a foreign issuer', { isForeign: true }, ['entitlements']],
    ['nothing, where every account has a grant', { isForeign: true, grants: ['staff'] }, []],
    [
      'what is mapped all the same',
      { isForeign: true, grants: ['staff'], claims: { entitlements: ['r'] } },
      ['entitlements'],
    ],
    [
      'each claim that is mapped',
      { isForeign: true, claims: { plan: 'p', limits: 'l' } },
      ['entitlements', 'plan', 'limits'],
    ],
    ['nothing in tokens of our own, which may lack every claim', { isForeign: false }, []],
    ['what is mapped in tokens of our own', { isForeign: false, claims: { standing: 's' } }, ['standing']],
  ])('is %s', (_what, given, wanted) => {
    expect(facts(given)).toEqual(wanted)
  })
})

describe('a token that lacks a claim', () => {
  const token = {
    sub: 'u',
    realm_access: { roles: ['premium'] },
    resource_access: { 'web.app': { roles: ['x'] }, web: { roles: [] } },
    'https://example.com/role': 'premium',
    user_metadata: { a: { b: { c: { roles: 'too deep' } } } },
  }

  it.each<[string, Given['claims'], string[], Record<string, string[]>]>([
    ['has it', { entitlements: ['realm_access.roles'] }, [], {}],
    ['has it in one of two places', { entitlements: ['realm_access.roles', 'groups'] }, [], { groups: [] }],
    ['has it empty', { entitlements: ['resource_access.web.roles'] }, [], {}],
    [
      'has others of that name',
      { entitlements: ['roles'] },
      ['entitlements'],
      {
        roles: [
          'realm_access.roles',
          '/resource_access/web.app/roles',
          'resource_access.web.roles',
          'https://example.com/role',
        ],
      },
    ],
    [
      'has none of that name',
      { entitlements: ['permissions'], plan: 'tier' },
      ['entitlements', 'plan'],
      { permissions: [], tier: [] },
    ],
  ])('%s', (_what, claims, missed, places) => {
    const mapping = mapped(claims)
    expect(missedClaims(token, mapping).map(({ fact }) => fact)).toEqual(missed)
    expect(Object.fromEntries(emptyPlaces(token, mapping).map(({ path, similar }) => [path, similar]))).toEqual(places)
  })

  it('is shown places by which a configuration finds something, whatever the token is', () => {
    const name = fc.oneof(
      fc.constantFrom('roles', 'Role', 'a.roles', 'x/roles', '/roles', '~roles', 'https://e.example/roles'),
      fc.string(),
    )
    const claims = fc.dictionary(
      name,
      fc.oneof(
        fc.constant('v'),
        fc.dictionary(name, fc.oneof(fc.constant('v'), fc.dictionary(name, fc.constant('v')))),
      ),
    )
    fc.assert(
      fc.property(claims, (said) => {
        for (const { similar } of emptyPlaces(said, mapped({ entitlements: ['not.there.roles'] })))
          for (const path of similar) expect(claimAt(said, compileClaimPath(path))).toBeDefined()
      }),
    )
  })

  it('is not searched without end', () => {
    const wide = Object.fromEntries(Array.from({ length: 100_000 }, (_, index) => [`c${index}`, index]))
    expect(emptyPlaces({ ...wide, z: { roles: [] } }, mapped({ entitlements: ['roles'] }))).toMatchObject([
      { similar: [] },
    ])
  })
})
