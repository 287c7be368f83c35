import { afterEach, describe, expect, it, vi } from 'vitest'
import { SessionWorld } from './world.ts'

afterEach(() => vi.restoreAllMocks())

describe('a session', () => {
  it.each([
    ['all tokens of the account were revoked', { kind: 'tokens-revoked' as const }, '402 credential-expired'],
    ['the account is held', { kind: 'hold' as const, isLifted: false }, '402 security-hold'],
  ])('with new claims is void once %s after its sign-in', async (_what, statement, answered) => {
    const world = await SessionWorld.make()
    const reader = await world.reader()
    world.now += 61_000
    const saidAt = world.now / 1000
    world.now += 1000
    expect(await reader.reason('/paid/1')).toBe('200')
    await world.tell({ ...statement, at: saidAt })
    expect(await reader.reason('/paid/1')).toBe(answered)
    expect(await reader.reason('/counted/1')).toBe(answered)
    world.now += 130_000
    expect(await reader.reason('/paid/1')).toBe(answered)
    expect([world.other.renewals, reader.cookie]).toEqual([1, undefined])
  })

  it('stays void after its hold was lifted, while the next sign-in is good', async () => {
    const world = await SessionWorld.make()
    const reader = await world.reader()
    world.now += 2000
    await world.tell({ kind: 'hold', isLifted: false })
    world.now += 2000
    await world.tell({ kind: 'hold', isLifted: true })
    expect(await reader.reason('/paid/1')).toBe('402 credential-expired')
    world.now += 130_000
    expect(await reader.reason('/paid/1')).toBe('402 credential-expired')
    expect(world.other.renewals).toBe(0)
    expect(await (await world.reader()).reason('/paid/1')).toBe('200')
  })

  it('is not renewed for days after its account was told to sign in again', async () => {
    const world = await SessionWorld.make({ times: { seconds: 30 * 86_400, renewSeconds: 3600 } })
    const reader = await world.reader()
    world.now += 10_000
    await world.tell({ kind: 'tokens-revoked' })
    world.now += 20 * 86_400_000
    expect(await reader.reason('/paid/1', {}, world.isolate())).toBe('402 credential-expired')
    expect(world.other.renewals).toBe(0)
  })

  it('stands as billing said last, until its claims are newer', async () => {
    const world = await SessionWorld.make()
    const reader = await world.reader()
    world.now += 2000
    await world.tell({ kind: 'standing', standing: 'past-due' })
    expect(await reader.reason('/paid/1')).toBe('402 payment-declined')
    world.now += 61_000
    expect(await reader.reason('/paid/1')).toBe('200')
  })

  it('stands as billing says for an account that it speaks for, however new the claims are', async () => {
    const world = await SessionWorld.make({ change: (given) => spokenFor(given) })
    const reader = await world.reader()
    world.now += 2000
    await world.tell({ kind: 'standing', standing: 'inactive' })
    for (let day = 0; day < 3; day++) {
      world.now += 61_000
      expect(await reader.reason('/paid/1')).toBe('402 subscription-inactive')
    }
    expect(await (await world.reader()).reason('/paid/1')).toBe('402 subscription-inactive')
  })

  it('is void with the key that signed its claims, and is not renewed', async () => {
    const world = await SessionWorld.make()
    const reader = await world.reader()
    const distrust = { keys: { 'thumbprint-of-the-key': world.now / 1000 }, revokedBefore: {} }
    await world.services.bulletins?.proclaim(world.zone, { distrust }, { action: 'distrust', by: 'night-shift' })
    expect(await reader.reason('/paid/1')).toBe('402 credential-invalid')
    world.now += 61_000
    expect(await reader.reason('/paid/1')).toBe('402 credential-expired')
    expect(world.other.renewals).toBe(0)
  })
})

/** Billing, and not the login, says how the accounts stand. */
function spokenFor(given: SessionWorld['given']): SessionWorld['given'] {
  const [zone] = given.zones
  const [issuer] = zone?.issuers ?? []
  if (zone === undefined || issuer === undefined) throw new Error('no issuer')
  const mapped = { ...issuer, types: { entitlement: ['at+jwt'] } }
  const billing = { ...issuer, issuer: 'https://billing.example', speaksFor: [issuer.issuer] }
  return { ...given, zones: [{ ...zone, issuers: [mapped, billing] }] }
}
