import { describe, expect, it } from 'vitest'
import { compileMapping } from '../../src/config/mapping.ts'
import * as fc from 'fast-check'
import { accountOf, canName, unmet } from '../../src/access/claims.ts'

describe('what an issuer’s other claims must not be', () => {
  const mapping = compileMapping({
    claims: { refuses: { 'app.roles': ['guest', 'robot'], demo: true } },
    isForeign: true,
  })

  it.each([
    [{ app: { roles: 'guest' } }, 'app.roles'],
    [{ app: { roles: ['reader', 'robot'] } }, 'app.roles'],
    [{ 'app.roles': ['guest'] }, 'app.roles'],
    [{ demo: [true] }, 'demo'],
    [{ app: { roles: ['reader'] } }, undefined],
    [{ app: { roles: [] }, demo: false }, undefined],
    [{ demo: 'true' }, undefined],
  ])('they are not in a list either: %j', (claims, missed) => {
    expect(unmet(claims, mapping)).toBe(missed)
  })
})

describe('the name of an account', () => {
  const TENANT = '3f2a77de-7e10'
  const can = (claims: Parameters<typeof compileMapping>[0]['claims'], name: string): boolean =>
    canName(name, compileMapping({ claims, isForeign: true }))

  it.each([
    [{}, 'anyone at all', true],
    [{}, '', false],
    [{ account: '{tid}/{oid}' }, `${TENANT}/7335d417`, true],
    [{ account: '{tid}/{oid}' }, `${TENANT}/`, false],
    [{ account: '{tid}/{oid}' }, 'abe@example.com', false],
    [{ account: '{tid}/{oid}' }, 'a/b/c', false],
    [{ account: '{tid}/{oid}', requires: { tid: TENANT } }, `${TENANT}/a`, true],
    [{ account: '{tid}/{oid}', requires: { tid: TENANT } }, 'other/a', false],
    [{ account: 'x.{sub}' }, 'x.a', true],
    [{ account: 'x.{sub}' }, 'xxa', false],
    [{ emptySub: { claim: 'common_name', prefix: 'service:' } }, 'service:a', true],
    [{ emptySub: { claim: 'common_name', prefix: 'service:' } }, 'service:', false],
    [{ account: 'x.{sub}', emptySub: { claim: 'common_name', prefix: 'service:' } }, 'service:a', true],
  ])('can be said by tokens mapped so, or not: %j %j', (claims, name, wanted) => {
    expect(can(claims, name)).toBe(wanted)
  })

  it('is one that can be said, whenever a token says it', () => {
    const claim = fc.oneof(fc.string(), fc.stringMatching(/^[\w-]{1,9}$/))
    const template = fc.constantFrom('{sub}', '{tid}/{oid}', 'u.{sub}', '{oid}:{tid}.x')
    const emptySub = fc.option(fc.constant({ claim: 'common_name', prefix: 'service:' }), { nil: undefined })
    fc.assert(
      fc.property(
        fc.record({ sub: claim, oid: claim, tid: claim, common_name: claim }),
        template,
        emptySub,
        (said, account, stand) => {
          const mapping = compileMapping({ claims: { account, ...(stand && { emptySub: stand }) }, isForeign: true })
          const name = accountOf(said, mapping.account)
          expect(name === undefined || name === '' || canName(name, mapping)).toBe(true)
        },
      ),
    )
  })
})
