import { describe, expect, it } from 'vitest'
import type { Entry } from '../../../src/access/statements.ts'
import { asItStands, type Signed } from '../../../src/standing/rules/asitstands.ts'

const CREATED = 1000
const KEY: Extract<Signed, { kind: 'entitlement' }> = {
  kind: 'entitlement',
  issuedAt: CREATED,
  standing: 'active',
  entitlements: ['api', 'premium'],
  key: { createdAt: CREATED },
}

/** How a key stands after what came with its record, and after what came later. */
function stands(said: Partial<Record<'ofAccount' | 'ofToken', Entry>>, ofAccount?: Entry, ofToken?: Entry): unknown {
  const known = { ofAccount: undefined, ofToken: undefined, ...said }
  const found = asItStands({ ...KEY, key: { createdAt: CREATED, said: known } }, ofAccount, ofToken, CREATED + 1000)
  return found.ok ? [found.value.standing, found.value.entitlements] : found.error.reason
}

const inactive = (at: number): Entry => ({ standing: { at, standing: 'inactive' } })
const active = (at: number): Entry => ({ standing: { at, standing: 'active' } })
const entitled = (at: number, ...names: string[]): Entry => ({ entitlements: { at, names } })
const ALL = ['active', ['api', 'premium']]

describe('an API key', () => {
  it.each<[name: string, found: unknown, expected: unknown]>([
    ['nothing was said', stands({}), ALL],
    ['its account was inactive before it was made', stands({ ofAccount: inactive(1) }), ['inactive', ALL[1]]],
    ['that comes late', stands({}, inactive(1)), ['inactive', ALL[1]]],
    ['its account is active again', stands({ ofAccount: inactive(1) }, active(2)), ALL],
    ['the bulletin is behind its record', stands({ ofAccount: inactive(5) }, active(2)), ['inactive', ALL[1]]],
    ['the account may do less', stands({ ofAccount: entitled(1, 'api') }), ['active', ['api']]],
    ['the account may do more', stands({}, entitled(5000, 'api', 'premium', 'staff')), ALL],
    ['the account is held', stands({}, { heldAt: 5 }), 'security-hold'],
    ['the hold was lifted', stands({ ofAccount: { heldAt: 5 } }, { heldAt: 5, liftedAt: 6 }), ALL],
    ['it is held itself', stands({}, undefined, { heldAt: 5 }), 'security-hold'],
    ['it is revoked', stands({ ofToken: { revokedAt: 1 } }), 'subscription-inactive'],
    ['tokens of its time are revoked', stands({}, { revokedAt: CREATED }), 'subscription-inactive'],
    ['earlier tokens are revoked', stands({}, { revokedAt: CREATED - 1 }), ALL],
    ['it is disabled', stands({}, undefined, inactive(2)), 'subscription-inactive'],
    ['it is enabled again', stands({ ofToken: inactive(2) }, undefined, active(3)), ALL],
  ])('stands as billing says, whenever it was said: %s', (_name, found, expected) => {
    expect(found).toEqual(expected)
  })
})
