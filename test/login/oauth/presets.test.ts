import { describe, expect, it } from 'vitest'
import type { IssuerOptions } from '../../../src/config/signers.ts'
import { auth0, cognito, entra, keycloak, supabase } from '../../../src/index.ts'
import { unmet } from '../../../src/access/claims.ts'
import { idTokenIssuer } from '../../../src/login/oauth/rules/idtokenissuer.ts'
import { zoneOf } from '../../support/compiled.ts'

const TENANT = '11111111-2222-3333-4444-555555555555'

const PRESETS: readonly { name: string; preset: IssuerOptions | undefined; idToken: Record<string, unknown> }[] = [
  { name: 'auth0', preset: auth0({ domain: 'x.eu.auth0.com', audience: 'api' }), idToken: { nonce: 'n' } },
  {
    name: 'cognito',
    preset: cognito({ region: 'eu-west-1', userPoolId: 'eu-west-1_x', clientId: 'news' }),
    idToken: { token_use: 'id', at_hash: 'h', nonce: 'n' },
  },
  {
    name: 'entra',
    preset: entra({ tenants: [TENANT], audience: 'api' })[0],
    idToken: { tid: TENANT, oid: 'ann', ver: '2.0', nonce: 'n' },
  },
  {
    name: 'keycloak',
    preset: keycloak({ issuer: 'https://id.example/realms/x', clientId: 'news' }),
    idToken: { typ: 'ID', azp: 'news', at_hash: 'h', nonce: 'n' },
  },
  { name: 'supabase', preset: supabase({ project: 'x' }), idToken: { role: 'authenticated', nonce: 'n' } },
]

describe.each(PRESETS)('the ID token of $name', ({ preset, idToken }) => {
  const [issuer] = preset === undefined ? [] : zoneOf({ issuers: [preset] }).issuers
  if (issuer === undefined) throw new Error('no issuer')
  const signer = idTokenIssuer(issuer, 'news')

  it('is none that a client may send, and says who it is where it was asked for', () => {
    expect(unmet(idToken, issuer.claims)).toBeDefined()
    expect(unmet(idToken, signer.claims)).toBeUndefined()
    expect([signer.audience, signer.claims.audience]).toEqual(['news', undefined])
    expect(signer.keys).toBe(issuer.keys)
  })

  it('is never a logout token', () => {
    expect(unmet({ ...idToken, events: {} }, signer.claims)).toBe('events')
  })
})

it.each([
  ['entra', { tid: 'another' }, 'tid'],
  ['supabase', { role: 'anon' }, 'role'],
  ['supabase', { is_anonymous: true }, 'is_anonymous'],
])('of %s, what says who may sign in is demanded of the ID token too', (name, claims, source) => {
  const found = PRESETS.find((one) => one.name === name)
  const [issuer] = zoneOf({ issuers: [found?.preset] }).issuers
  if (issuer === undefined) throw new Error('no issuer')
  expect(unmet({ ...found?.idToken, ...claims }, idTokenIssuer(issuer, 'news').claims)).toBe(source)
})
