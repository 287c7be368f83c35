import { describe, expect, it } from 'vitest'
import { sessionSetIn } from '../../../src/http/rules/sessioncookie.ts'

const NOW = Date.parse('2026-11-28T12:00:00Z')
const set = (value: string, seconds?: number, isStrict = false) => ({ kind: 'set', value, seconds, isStrict })
const removed = { kind: 'removed' }

describe('the cookie that signs a reader in, as an origin sets it,', () => {
  it.each<[string, unknown]>([
    ['__Host-faregate=a.b.c', set('a.b.c')],
    ['__Host-faregate=a.b.c; Path=/; Secure; HttpOnly; SameSite=Lax', set('a.b.c')],
    ['__Host-faregate=a.b.c;Max-Age=60;samesite=STRICT', set('a.b.c', 60, true)],
    ['__Host-faregate=a.b.c; max-age=60; Max-Age=70', set('a.b.c', 70)],
    ['__Host-faregate=a.b.c; Expires=Sat, 28 Nov 2026 12:01:00 GMT', set('a.b.c', 60)],
    ['__Host-faregate=a.b.c; Expires=Sat, 28-Nov-2026 12:01:00 GMT; Max-Age=5', set('a.b.c', 5)],
    ['__Host-faregate=a.b.c; Expires=soon; Max-Age=1e9', set('a.b.c')],
    ['__Host-faregate=a.b.c; Domain=example.com; Path=/account', set('a.b.c')],
    ['__Host-faregate=; Path=/', removed],
    ['__Host-faregate=a.b.c; Max-Age=0', removed],
    ['__Host-faregate=a.b.c; Max-Age=-1', removed],
    ['__Host-faregate=+; expires=Thu, 01-Jan-1970 00:00:01 GMT', removed],
    ['__Host-faregate=deleted; expires=Thu, 01 Jan 1970 00:00:01 GMT', removed],
  ])('is read: %s', (field, outcome) => {
    expect(sessionSetIn(['session=1', field, '__Host-faregate-trip-1=x'], NOW)).toEqual(outcome)
  })

  it.each([
    '__host-faregate=a.b.c',
    ' __Host-faregate=a.b.c',
    '=__Host-faregate=a.b.c',
    '__Host-faregate =a.b.c',
    '__Host-faregate= a.b.c',
    '__Host-faregate=a b',
    '__Host-faregate="a.b.c"',
    '__Host-faregate=a,b',
    '__Host-faregate',
    '__Host-faregate-gift=a.b.c',
    '__Host-faregate-receipt-AAAAAAAA=a.b.c',
    'x__Host-faregate=a.b.c',
    'session=__Host-faregate=a.b.c',
    '',
  ])('is not read where it is spelt otherwise: %j', (field) => {
    expect(sessionSetIn([field], NOW)).toBeUndefined()
  })

  it.each([
    ['twice', ['__Host-faregate=a.b.c', '__Host-faregate=d.e.f']],
    ['twice, once in another spelling', ['__Host-faregate=a.b.c', '__HOST-faregate=d.e.f']],
    ['set and removed', ['__Host-faregate=a.b.c', '__Host-faregate=; Max-Age=0']],
  ])('is not read where it stands %s', (_how, fields) => {
    expect(sessionSetIn(fields, NOW)).toBeUndefined()
  })
})
