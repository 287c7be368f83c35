import { describe, expect, it } from 'vitest'
import { zoneFaults, zoneOf } from '../support/compiled.ts'

const env = { HS_SECRET: '0123456789abcdef0123456789abcdef' }
const operator = { issuer: 'https://i.test', jwks: { url: 'https://i.test/jwks' } }
const operatorsOf = (change: Record<string, unknown>) => zoneOf(change, env).operators

describe('the operators of a zone', () => {
  it('are none unless it names them', () => {
    expect(operatorsOf({})).toEqual([])
    expect(operatorsOf({ operators: [] })).toEqual([])
  })

  it('sign operator tokens and nothing else, for an hour at most', () => {
    const [compiled] = operatorsOf({ operators: [operator] })
    expect(compiled).toMatchObject({ issuer: 'https://i.test', audience: 'https://a.test', maxLifetimeSeconds: 3600 })
    expect(compiled?.types).toEqual({ operator: ['operator+jwt'] })
  })

  it('may be configured as issuers may', () => {
    const given = { issuer: 'https://i.test', audience: 'ops', secret: 'HS_SECRET', clockToleranceSeconds: 0 }
    expect(operatorsOf({ operators: [operator, { ...given, maxLifetimeSeconds: 60 }] })[1]).toMatchObject({
      audience: 'ops',
      algorithms: ['HS256'],
      clockToleranceSeconds: 0,
      maxLifetimeSeconds: 60,
    })
  })

  const faults: [name: string, change: Record<string, unknown>, path: string][] = [
    ['no list', { operators: operator }, 'zones[0].operators'],
    ['types of their own', of({ types: { operator: 'entitlement+jwt' } }), 'zones[0].operators[0].types'],
    ['names for claims', of({ claims: { plan: 'x' } }), 'zones[0].operators[0].claims'],
    ['two kinds of keys', of({ secret: 'HS_SECRET' }), 'zones[0].operators[0]'],
    ['no keys', of({ jwks: undefined }), 'zones[0].operators[0]'],
    ['HS256 with public keys', of({ algorithms: ['HS256'] }), 'zones[0].operators[0]'],
    ['keys over plain http', of({ jwks: { url: 'http://i.test/' } }), 'zones[0].operators[0].jwks.url'],
    ['too long a life', of({ maxLifetimeSeconds: 367 * 86_400 }), 'zones[0].operators[0].maxLifetimeSeconds'],
    [
      'the same twice for one audience',
      { operators: [operator, { ...operator, audience: 'https://a.test' }] },
      'zones[0].operators[1].issuer',
    ],
    [
      'their type taken for entitlements',
      { issuers: [{ ...operator, types: { entitlement: ['at+jwt', 'application/OPERATOR+jwt'] } }] },
      'zones[0].issuers[0].types.entitlement',
    ],
  ]
  it.each(faults)('with %s are a fault', (_name, change, path) => {
    expect(zoneFaults(change, env).map((fault) => fault.path)).toEqual([path])
  })
})

function of(change: Record<string, unknown>) {
  return { operators: [{ ...operator, ...change }] }
}
