import { describe, expect, it } from 'vitest'
import {
  readSession,
  type SessionFacts,
  withWantedAlone,
  writeSession,
} from '../../../src/login/session/rules/facts.ts'
import { bearer, openai } from '../../../src/index.ts'
import { zoneOf } from '../../support/compiled.ts'

const FACTS: SessionFacts = {
  sid: 'abcdefghijklmnopqrstuv',
  login: 'test',
  account: 'ann',
  signedInAt: 1_800_000_000,
  issuedAt: 1_800_000_060.5,
  expires: 1_800_000_180,
  entitlements: ['premium', 'extra'],
  plan: 'Monthly',
  limits: [
    { name: 'pages', quota: 10n ** 20n, unit: 'requests', window: 'P1M', kind: 'sliding', anchor: undefined },
    { name: 'calls', quota: 0n, unit: 'calls', window: 60, kind: 'fixed', anchor: 1_700_000_000 },
  ],
  standing: 'past-due',
  signedBy: 'thumbprint',
  status: { uri: 'https://login.example.net/status/1', idx: 7 },
}
const BARE: SessionFacts = {
  sid: 's',
  login: 'test',
  account: 'ann',
  signedInAt: 1,
  issuedAt: 1,
  expires: 2,
  entitlements: [],
  plan: undefined,
  limits: [],
  standing: 'active',
}

describe('a session in a cookie', () => {
  it.each([
    ['everything', FACTS],
    ['nothing', BARE],
  ])('says what was written of %s', (_what, facts) => {
    const written: unknown = JSON.parse(JSON.stringify(writeSession(facts, 'issuer')))
    expect(readSession(written)).toEqual({ facts, issuer: 'issuer' })
  })

  it('is not read if any member is of another kind', () => {
    const written = writeSession(FACTS, 'issuer')
    for (const name of Object.keys(written))
      for (const other of [null, true, {}, [[]], [null], Number.NaN, name === 'status' ? ['x'] : 'P2D'])
        if (typeof other !== typeof written[name] || Array.isArray(other))
          expect(readSession({ ...written, [name]: other }), `${name}: ${JSON.stringify(other)}`).toBeUndefined()
    for (const other of [undefined, null, 1, 'text', []]) expect(readSession(other)).toBeUndefined()
    expect(readSession({ ...written, standing: 'great' })).toBeUndefined()
  })

  it('that is too long keeps what routes, unmatched targets and meters ask for', () => {
    const secret = { SECRET: 'a key of the provider' }
    const models = { 'gpt-5': { rates: 'catalogue' as const, requires: ['large'] } }
    const zone = zoneOf(
      {
        rails: [bearer()],
        routes: [
          { path: '/a/*', requires: ['one', 'two'] },
          { path: '/free/*', free: true },
          { path: '/v1/*', requires: 'api', meter: openai({ secret: 'SECRET', currency: 'USD', models }) },
        ],
        unmatched: { requires: 'rest' },
      },
      secret,
    )
    const names = ['one', 'x', 'two', 'large', 'y', 'api', 'rest']
    const { entitlements } = withWantedAlone({ entitlements: names }, zone.routes)
    expect(entitlements).toEqual(['one', 'two', 'large', 'api', 'rest'])
  })
})
