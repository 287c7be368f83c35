import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { OWN_MAPPING } from '../../src/access/ownclaims.ts'
import type { BillingEvent, StandingChange } from '../../src/standing/rules/event.ts'
import type { Issuer } from '../../src/access/issuer.ts'
import { readEvent } from '../../src/standing/eventtoken.ts'
import { BILLING, NEWS, NOW, SHOP } from '../tokens/hostile/parties.ts'

const DAY = 86_400
const issuer: Issuer = {
  issuer: BILLING,
  audience: NEWS,
  algorithms: ['ES256'],
  keys: { kind: 'inline', keys: [] },
  types: { entitlement: ['entitlement+jwt'], event: ['secevent+jwt'] },
  allowsAbsentType: false,
  claims: OWN_MAPPING,
  clockToleranceSeconds: 5,
  maxLifetimeSeconds: 3600,
}

type Members = Record<string, unknown>

const OURS = 'urn:faregate:event:'
const SESSION_REVOKED = 'https://schemas.openid.net/secevent/caep/event-type/session-revoked'
const of = (type: string, payload: unknown): Members => ({ [`${OURS}${type}`]: payload })
const PAST_DUE = of('standing-changed', { standing: 'past-due' })
const GOOD = { iss: BILLING, aud: NEWS, iat: NOW, jti: 'event-1', toe: NOW, sub: 'account', events: PAST_DUE }
const subId = (members: Members): Members => ({ sub: undefined, sub_id: members })
const times = (iat: number, toe = iat): Members => ({ iat: NOW + iat, toe: NOW + toe })

function read(over: Members): ReturnType<typeof readEvent> {
  return readEvent({ ...GOOD, ...over }, issuer, NOW * 1000)
}

describe('of whom an event is', () => {
  const named: [string, Members, string | undefined][] = [
    ['in "sub"', {}, 'account'],
    ['as iss_sub', subId({ format: 'iss_sub', iss: BILLING, sub: 'a' }), 'a'],
    ['as opaque', subId({ format: 'opaque', id: 'a' }), 'a'],
    ['twice alike', { sub_id: { format: 'opaque', id: 'account' } }, 'account'],
    ['nowhere, where a token is', { sub: undefined, events: of('tokens-revoked', { jti: 't' }) }, undefined],
  ]
  it.each(named)('is read %s', (_name, over, account) => {
    expect(read(over)).toMatchObject({ ok: true, value: { account } })
  })

  const bad: [string, Members][] = [
    ['of another issuer', subId({ format: 'iss_sub', iss: SHOP, sub: 'a' })],
    ['of no issuer', subId({ format: 'iss_sub', sub: 'a' })],
    ['of another format', subId({ format: 'email', email: 'a@b.example' })],
    ['of no format', subId({ id: 'a' })],
    ['with a member too many', subId({ format: 'opaque', id: 'a', sub: 'a' })],
    ['with a member that no format has', subId({ format: 'iss_sub', iss: BILLING, sub: 'a', x: 1 })],
    ['that is empty', subId({ format: 'opaque', id: '' })],
    ['that is a number', subId({ format: 'opaque', id: 7 })],
    ['in a list', { sub: undefined, sub_id: [{ format: 'opaque', id: 'a' }] }],
    ['that is null', { sub: undefined, sub_id: null }],
    ['in a "sub" that is a number', { sub: 7 }],
    ['in an empty "sub"', { sub: '' }],
    [
      'nowhere, where an account is meant too',
      { sub: undefined, events: { ...PAST_DUE, ...of('tokens-revoked', { jti: 't' }) } },
    ],
  ]
  it.each(bad)('is refused %s', (_name, over) => {
    expect(read(over)).toMatchObject({ ok: false, error: { reason: 'credential-invalid', check: 'claims' } })
  })
})

describe('what an event tells', () => {
  const says = (statement: Members): StandingChange[] => [{ kind: 'statement', statement } as StandingChange]
  const told: [string, Members, readonly StandingChange[], Members?][] = [
    [
      'a standing',
      of('standing-changed', { standing: 'active' }),
      says({ at: NOW, kind: 'standing', standing: 'active' }),
    ],
    [
      'entitlements',
      of('entitlements-changed', { entitlements: ['a', { value: 'b' }] }),
      says({ at: NOW, kind: 'entitlements', names: ['a', 'b'] }),
    ],
    ['none', of('entitlements-changed', { entitlements: [] }), says({ at: NOW, kind: 'entitlements', names: [] })],
    ['the end of all tokens', of('tokens-revoked', {}), says({ at: NOW, kind: 'tokens-revoked' })],
    ['of those before', of('tokens-revoked', { before: 7 }), says({ at: 7, kind: 'tokens-revoked' })],
    ['of those before half a second', of('tokens-revoked', { before: 7.5 }), says({ at: 7.5, kind: 'tokens-revoked' })],
    ['of a session', { [SESSION_REVOKED]: { reason_admin: { en: 'x' } } }, says({ at: NOW, kind: 'tokens-revoked' })],
    ['of one token', of('tokens-revoked', { jti: 't' }), [{ kind: 'token-revoked', jti: 't', at: NOW }]],
    [
      'of one token that was so before it was said, or by a clock that is behind, as of when it is heard',
      of('tokens-revoked', { jti: 't' }),
      [{ kind: 'token-revoked', jti: 't', at: NOW }],
      times(-5, -3 * DAY),
    ],
    [
      'of some tokens, each once',
      of('tokens-revoked', { jtis: ['t', 'u', 't'] }),
      ['t', 'u'].map((jti) => ({ kind: 'token-revoked', jti, at: NOW })),
    ],
    [
      'credit',
      of('credit-granted', { amount: '5', currency: 'USD' }),
      [{ kind: 'credit-granted', money: { units: 5_000_000_000n, currency: 'USD' } }],
    ],
    [
      'credit that is taken back',
      of('credit-taken', { amount: '5', currency: 'USD' }),
      [{ kind: 'credit-taken', money: { units: 5_000_000_000n, currency: 'USD' } }],
    ],
    [
      'credit that is taken back of a grant',
      of('credit-taken', { amount: '5', currency: 'USD', grant: 'payment-1' }),
      [{ kind: 'credit-taken', money: { units: 5_000_000_000n, currency: 'USD' }, grant: 'payment-1' }],
    ],
    ['a hold', of('hold-placed', {}), says({ at: NOW, kind: 'hold', isLifted: false })],
    ['its end', of('hold-lifted', {}), says({ at: NOW, kind: 'hold', isLifted: true })],
  ]
  it.each(told)('may be %s', (_name, events, changes, over = {}) => {
    expect(read({ events, ...over })).toMatchObject({ ok: true, value: { changes } })
  })

  it('may be several things at once, in order', () => {
    const events = { ...PAST_DUE, ...of('hold-placed', {}), ...of('credit-granted', { amount: '1', currency: 'EUR' }) }
    const event = read({ events })
    expect(event.ok && event.value.changes.map(({ kind }) => kind)).toEqual([
      'statement',
      'statement',
      'credit-granted',
    ])
  })

  const bad: [string, Members, Members?][] = [
    ['of no standing', of('standing-changed', {})],
    ['of a standing that there is not', of('standing-changed', { standing: 'gold' })],
    ['of a standing and more', of('standing-changed', { standing: 'active', plan: 'Gold' })],
    ['of no entitlements', of('entitlements-changed', {})],
    ['of entitlements in one string', of('entitlements-changed', { entitlements: 'a b' })],
    ['of entitlements without a name', of('entitlements-changed', { entitlements: [''] })],
    ['of tokens that are misspelt', of('tokens-revoked', { jits: ['t'] })],
    ['of a token and all before', of('tokens-revoked', { jti: 't', before: NOW })],
    ['of tokens yet to come', of('tokens-revoked', { before: NOW + 6 })],
    ['of tokens before no time', of('tokens-revoked', { before: '-1h' })],
    ['of a token without a name', of('tokens-revoked', { jti: '' })],
    ['of no tokens', of('tokens-revoked', { jtis: [] })],
    ['of tokens in one string', of('tokens-revoked', { jtis: 't' })],
    [
      'of more tokens than a request can tell',
      of('tokens-revoked', { jtis: Array.from({ length: 41 }, (_, n) => `${n}`) }),
    ],
    ['of credit that floats', of('credit-granted', { amount: 5, currency: 'USD' })],
    ['of no credit', of('credit-granted', { amount: '0', currency: 'USD' })],
    ['of credit in no currency', of('credit-granted', { amount: '5' })],
    ['of no credit to take', of('credit-taken', { amount: '0', currency: 'USD' })],
    ['of less than no credit to take', of('credit-taken', { amount: '-5', currency: 'USD' })],
    ['of a grant that is no name', of('credit-taken', { amount: '5', currency: 'USD', grant: 7 })],
    [
      'of credit that is granted and taken at once',
      {
        ...of('credit-granted', { amount: '5', currency: 'USD' }),
        ...of('credit-taken', { amount: '5', currency: 'USD' }),
      },
    ],
    ['of a hold with a reason', of('hold-placed', { reason: 'x' })],
    ['of a hold that may have been lifted and forgotten', of('hold-placed', {}), times(0, -7 * DAY - 1)],
    ['of nothing', of('hold-placed', null)],
    ['of a list', of('hold-placed', [])],
    ['of no type', { '': {} }],
    ['of the type of every object', JSON.parse('{"__proto__": {}}')],
  ]
  it.each(bad)('is refused %s', (_name, events, over = {}) => {
    expect(read({ events, ...over })).toMatchObject({
      ok: false,
      error: { reason: 'credential-invalid', check: 'claims' },
    })
  })

  it('whatever it is, gives an event of the right shape or a refusal, and never throws', () => {
    const rarely = (good: unknown): fc.Arbitrary<unknown> =>
      fc.oneof({ weight: 20, arbitrary: fc.constant(good) }, { weight: 1, arbitrary: fc.jsonValue() })
    const value = fc.oneof(fc.constantFrom('active', 'USD', '5', ['a'], 7, NOW), fc.jsonValue())
    const member = fc.constantFrom(
      'standing',
      'entitlements',
      'before',
      'jti',
      'jtis',
      'amount',
      'currency',
      '__proto__',
    )
    const payload = fc.oneof(fc.constant({}), fc.dictionary(member, value, { maxKeys: 2 }), fc.jsonValue())
    const names = [
      'standing-changed',
      'entitlements-changed',
      'tokens-revoked',
      'credit-granted',
      'credit-taken',
      'hold-placed',
    ]
    const type = fc.constantFrom(...names.map((name) => `${OURS}${name}`), SESSION_REVOKED, '__proto__', 'x')
    const events = fc.oneof(fc.dictionary(type, payload, { maxKeys: 2 }), fc.jsonValue())
    const format = fc.constantFrom('opaque', 'iss_sub')
    const subject = fc.record({ format, id: value, iss: fc.constant(BILLING), sub: value }, { requiredKeys: [] })
    const claim = fc.record({
      iat: rarely(NOW),
      toe: rarely(NOW),
      exp: rarely(undefined),
      nbf: rarely(undefined),
      jti: rarely('event-1'),
      sub: rarely(undefined),
      sub_id: fc.oneof(fc.constant({ format: 'opaque', id: 'a' }), subject, fc.jsonValue()),
      events,
    })
    let taken = 0
    fc.assert(
      fc.property(claim, (some) => {
        const event = read(some)
        if (event.ok) {
          check(event.value)
          taken += 1
        } else expect(event.error.reason).toMatch(/^credential-(?:invalid|expired|not-yet-valid)$/)
      }),
      { numRuns: 3000 },
    )
    expect(taken).toBeGreaterThan(20)
  })

  /** Seconds since 1970, or a part of one: no more than a number in JSON can say, and never before. */
  function isTime(at: number): boolean {
    return Number.isFinite(at) && at >= 0
  }

  function check({ id, issuer, account, changes }: BillingEvent): void {
    expect([typeof id, issuer]).toEqual(['string', BILLING])
    expect(account === undefined || (typeof account === 'string' && account !== '')).toBe(true)
    expect(changes.length).toBeGreaterThan(0)
    for (const change of changes) {
      if ('money' in change) expect(change.money.units > 0n).toBe(true)
      else if ('trip' in change) expect(change.trip).toMatch(/^[\w-]{32}$/)
      else expect(change.kind === 'statement' ? change.statement.at : change.at).toSatisfy(isTime)
      if (change.kind !== 'token-revoked' && !('trip' in change)) expect(account).toBeDefined()
    }
  }
})
