import { describe, expect, it } from 'vitest'
import { bearer, crawl } from '../../src/index.ts'
import { zoneFaults, zoneOf } from '../support/compiled.ts'

const jwks = (issuer: string) => ({ issuer, jwks: { url: `${issuer}/jwks` } })
const BILLING = jwks('https://billing.test')
const LOGIN = { ...jwks('https://login.test'), types: { entitlement: 'JWT' } }
const OTHER = { ...jwks('https://other.test'), types: { absent: true } }
const speaking = (...speaksFor: unknown[]) => ({ ...BILLING, speaksFor })
const place = (issuer: number, at = 0) => `zones[0].issuers[${issuer}].speaksFor[${at}]`

describe('an issuer that speaks for others', () => {
  it.each([
    ['for one', [speaking(LOGIN.issuer), LOGIN], []],
    ['for two', [speaking(LOGIN.issuer, OTHER.issuer), LOGIN, OTHER], []],
    ['at two audiences', [speaking(LOGIN.issuer), { ...speaking(LOGIN.issuer), audience: 'b' }, LOGIN], []],
    ['for one at two audiences', [speaking(LOGIN.issuer), LOGIN, { ...LOGIN, audience: 'b' }], []],
    ['though it signs no entitlements', [{ ...speaking(LOGIN.issuer), types: { entitlement: false } }, LOGIN], []],
    ['for itself', [speaking(BILLING.issuer)], [place(0)]],
    ['for a stranger', [speaking(LOGIN.issuer, 'https://x.test'), LOGIN], [place(0, 1)]],
    ['for one that signs events', [speaking('https://b.test'), jwks('https://b.test')], [place(0)]],
    ['though its types are mapped', [LOGIN, { ...OTHER, speaksFor: [LOGIN.issuer] }], [place(1)]],
    ['for nobody', [speaking()], ['zones[0].issuers[0].speaksFor']],
    ['for what is no name', [speaking(7)], [place(0)]],
    [
      'as another does',
      [speaking(LOGIN.issuer), { ...jwks('https://b.test'), speaksFor: [LOGIN.issuer] }, LOGIN],
      [place(1)],
    ],
  ])('may or may not speak %s', (_what, issuers, paths) => {
    expect(zoneFaults({ issuers }).map(({ path }) => path)).toEqual(paths)
  })

  it('may speak for the accounts that a rail recognises, which no token names', () => {
    const rails = [bearer(), crawl({ any: true })]
    expect(zoneFaults({ issuers: [speaking('web-bot-auth')], rails })).toEqual([])
    expect(zoneFaults({ issuers: [speaking('web-bot-auth')] }).map(({ path }) => path)).toEqual([place(0)])
  })

  it('speaks for those whose standing is then billing’s alone', () => {
    expect(zoneOf({ issuers: [speaking(LOGIN.issuer), LOGIN, OTHER] }).standing.spokenFor).toEqual(
      new Set([LOGIN.issuer]),
    )
    expect(zoneOf({ issuers: [BILLING, LOGIN] }).standing).not.toHaveProperty('spokenFor')
  })
})

describe('an issuer that signs no entitlements', () => {
  it('has no type for them, and signs events and what else it may', () => {
    const [issuer] = zoneOf({ issuers: [{ ...BILLING, types: { entitlement: false } }] }).issuers
    expect(issuer?.types).toEqual({ event: ['secevent+jwt'] })
  })

  it.each([[{ entitlement: false, absent: true }], [{ entitlement: true }], [{ entitlement: [] }]])(
    'is said in one way: not %j',
    (types) => {
      expect(zoneFaults({ issuers: [{ ...BILLING, types }] })).not.toEqual([])
    },
  )
})
