import { describe, expect, it } from 'vitest'
import { compileMapping } from '../../src/config/mapping.ts'
import { unmet } from '../../src/access/claims.ts'

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
