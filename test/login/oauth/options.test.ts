import {
  compactVerify,
  decodeJwt,
  exportPKCS8,
  exportSPKI,
  generateKeyPair,
  importJWK,
  importSPKI,
  exportJWK,
} from 'jose'
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { bearer, oauth, oidc, session } from '../../../src/index.ts'
import { importClientKey } from '../../../src/login/oauth/clientkey.ts'
import { localesOf } from '../../../src/login/oauth/rules/locales.ts'
import { zoneFaults } from '../../support/compiled.ts'
import { AUDIENCE, ISSUER, makeServerKeys, SECRET, type ServerKeys } from './authserver.ts'
import { OAuthWorld } from './world.ts'

let keys: ServerKeys

beforeAll(async () => {
  keys = await makeServerKeys()
})
afterEach(() => void vi.restoreAllMocks())

const GOOD = { issuer: ISSUER, clientId: 'news', secret: 'CLIENT_SECRET', scopes: ['openid'] }
const BINDINGS = { CLIENT_SECRET: SECRET, SHORT: 'short', GATE_SECRET: 'x'.repeat(40), KEY: 'no key, but long enough' }

function faults(options: Record<string, unknown>, zone: Record<string, unknown> = {}): readonly string[] {
  const issuers = [oidc({ issuer: ISSUER, jwksUri: `${ISSUER}/jwks`, audience: AUDIENCE })]
  const logins = [oauth({ ...GOOD, ...options })]
  const found = zoneFaults({ issuers, rails: [bearer(), session()], logins, ...zone }, BINDINGS)
  return found.map(({ path }) => path).filter((path) => path !== 'secrets.gate')
}

describe('the options of oauth()', () => {
  it.each<[string, Record<string, unknown>, string]>([
    ['a name that is no path', { name: 'A/b' }, 'name'],
    ['an issuer that the zone does not have', { issuer: 'https://other.example' }, 'issuer'],
    ['an issuer in the clear', { issuer: 'http://login.example' }, 'issuer'],
    ['no client', { clientId: '' }, 'clientId'],
    ['a secret that the environment lacks', { secret: 'OTHER' }, 'secret'],
    ['a short secret', { secret: 'SHORT' }, 'secret'],
    ['a key beside a secret', { key: 'KEY' }, 'key'],
    ['a key that is none', { secret: undefined, key: 'KEY' }, 'key'],
    ['a scope that is two', { scopes: ['openid', 'a b'] }, 'scopes[1]'],
    ['a resource with a fragment', { resource: 'https://a.test/#b' }, 'resource'],
    ['a parameter of ours', { parameters: { state: 'x' } }, 'parameters'],
    ['a parameter that changes how answers come back', { parameters: { response_mode: 'form_post' } }, 'parameters'],
    ['an offer without scope', { offers: { monthly: { title: 'Monthly' } } }, 'offers.monthly.scope'],
    ['waits: false', { waits: false }, 'waits'],
    ['other claims', { claims: 'userinfo' }, 'claims'],
    ['claims of an ID token that nobody asks for', { claims: 'id-token', scopes: [] }, 'scopes'],
    ['an endpoint in the clear', { endpoints: { authorization: ISSUER, token: 'http://a.test' } }, 'endpoints.token'],
    ['what is no option', { redirectUri: 'https://a.test' }, 'redirectUri'],
  ])('%s is a fault', (_name, options, path) => {
    expect(faults(options)).toContain(`zones[0].logins[0].${path}`)
  })

  it('are good as documented, and need the rail of sessions', () => {
    expect(faults({})).toEqual([])
    expect(faults({}, { rails: [bearer()] })).toEqual(['zones[0].rails'])
  })

  it('quote no secret in a fault', () => {
    const logins = [oauth({ ...GOOD, key: 'KEY', secret: 'CLIENT_SECRET' })]
    const text = JSON.stringify(zoneFaults({ logins }, BINDINGS))
    for (const secret of [SECRET, BINDINGS.KEY]) expect(text).not.toContain(secret)
  })
})

describe('the key of a client', () => {
  it.each(['ES256', 'ES384', 'Ed25519', 'RS256'])(
    '%s signs an assertion for the issuer, from PEM or JWK',
    async (alg) => {
      const pair = await generateKeyPair(alg, { extractable: true })
      const pem = await exportPKCS8(pair.privateKey)
      const jwk = JSON.stringify({ ...(await exportJWK(pair.privateKey)), kid: 'k1' })
      const publicKey = await importSPKI(await exportSPKI(pair.publicKey), alg)
      for (const key of [pem, pem.replaceAll('\n', '\\n'), jwk]) {
        const world = new OAuthWorld(keys, { secret: undefined, key: 'KEY' } as never, {}, { KEY: key })
        expect(await world.outcome()).toBe('signed-in')
        const form = world.server.asked[0]?.form
        const assertion = form?.get('client_assertion') ?? ''
        const { protectedHeader } = await compactVerify(assertion, publicKey)
        expect([protectedHeader.alg, protectedHeader['kid']]).toEqual([alg, key === jwk ? 'k1' : undefined])
        expect(decodeJwt(assertion)).toMatchObject({ aud: ISSUER, iss: 'news', sub: 'news' })
        expect(form?.get('client_secret')).toBeNull()
      }
    },
  )

  it('is no public key', async () => {
    const { publicKey } = await generateKeyPair('ES256', { extractable: true })
    const jwk = await exportJWK(publicKey)
    await expect(importClientKey(JSON.stringify(jwk))).rejects.toThrow('not a private key')
    expect(await importJWK(jwk, 'ES256')).toBeDefined()
  })
})

describe('the languages of a reader', () => {
  it.each([
    [undefined, undefined],
    ['', undefined],
    ['*', undefined],
    ['de', 'de'],
    ['en;q=0.5, de-CH;q=0.9, fr', 'fr de-CH en'],
    ['de;q=0, en;q=x, fr;q=0.1', 'fr'],
    ['a, "><script>, de_DE, zh-Hant-TW', 'zh-Hant-TW'],
    ['aa,bb,cc,dd,ee,ff', 'aa bb cc dd ee'],
  ])('%s: %s', (field, locales) => {
    expect(localesOf(field)).toBe(locales)
  })
})
