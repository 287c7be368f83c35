import { afterEach, describe, expect, it, vi } from 'vitest'
import { signOut } from '../../../src/login/signout.ts'
import { newestGateKey } from '../../../src/secrets/gatekeys.ts'
import { seal } from '../../../src/secrets/sealed.ts'
import type { Browser } from './browser.ts'
import { BINDINGS, FETCH, OURS, SessionWorld, type WorldOptions } from './world.ts'

afterEach(() => vi.restoreAllMocks())

/** The time within which every isolate knows what was said. */
const BOUND = 5000

const makeWorld = (more: WorldOptions = {}) => SessionWorld.make({ endpoints: [signOut()], ...more })

/** Presses the button of the page. */
function leave(
  reader: Browser,
  fields: Record<string, string> = {},
  more: Record<string, string> = {},
): Promise<Response> {
  const headers = { origin: OURS, ...more }
  return reader.ask('/__faregate/sign-out', { method: 'POST', kind: FETCH, body: new URLSearchParams(fields), headers })
}

describe('signing out', () => {
  it('removes every cookie of the gate, and what the browser has stored', async () => {
    const world = await makeWorld()
    const reader = await world.reader()
    for (const name of ['trip-abcdefgh', 'receipt-abcdefgh', 'confirm']) reader.put(`__Host-faregate-${name}`, 'x')
    reader.put('theirs', 'x')
    reader.put('faregate-hint', '1')
    const answer = await leave(reader)
    expect([answer.status, answer.headers.get('location')]).toEqual([303, '/'])
    expect(answer.headers.get('clear-site-data')).toBe('"cache"')
    expect(answer.headers.getSetCookie().filter((one) => one.includes('Domain=example.com;'))).toHaveLength(1)
    expect(reader.names()).toEqual(['theirs'])
    expect(await reader.reason('/paid/1')).toBe('402 payment-required')
  })

  it('leaves a copy of the cookie that opens nothing after the bound, and renews nothing at once', async () => {
    const world = await makeWorld()
    const reader = await world.reader()
    const [thief, isolate] = [reader.copy(), world.isolate()]
    expect(await thief.reason('/paid/1', {}, isolate)).toBe('200')
    await leave(reader)
    world.now += BOUND
    expect(await thief.reason('/paid/1', {}, isolate)).toBe('402 credential-expired')
    expect(await thief.reason('/counted/1', {}, isolate)).toBe('402 credential-expired')
    world.now += 120_000
    expect(await thief.reason('/paid/1', {}, isolate)).toBe('402 credential-expired')
    expect([world.other.renewals, await world.kept()]).toEqual([0, []])
  })

  it('renews nothing for a copy of an old cookie in the very moment', async () => {
    const world = await makeWorld()
    const reader = await world.reader()
    const [thief, isolate] = [reader.copy(), world.isolate()]
    world.now += 130_000
    await leave(reader)
    expect(await thief.reason('/paid/1', {}, isolate)).toBe('402 credential-expired')
    expect(world.other.renewals).toBe(0)
  })

  it('is not undone by a renewal that is answered afterwards: what that brought is revoked', async () => {
    const world = await makeWorld()
    const reader = await world.reader()
    const tab = reader.copy()
    world.now += 70_000
    world.other.answer = async (renewed) => {
      await leave(reader)
      return world.other.rotate(renewed)
    }
    expect(await tab.reason('/paid/1')).toBe('402 credential-expired')
    await world.first.settle()
    expect([tab.cookie, await world.kept()]).toEqual([undefined, []])
    expect(world.other.revoked).toEqual(['refresh-0-secret', world.other.current])
  })

  it('ends what renews the session on the other side, and goes on to its last page', async () => {
    const world = await makeWorld()
    world.other.endsAt = 'https://login.example.net/end'
    const reader = await world.reader()
    const answer = await leave(reader)
    await world.first.settle()
    expect(answer.headers.get('location')).toBe(`https://login.example.net/end?to=${OURS}/`)
    expect(world.other.revoked).toEqual(['refresh-0-secret'])
  })

  it('ends the sessions of the same sign-in on all hosts, and no others', async () => {
    const world = await makeWorld()
    const [one, two, other] = [
      await world.reader({ group: 'g' }),
      await world.reader({ group: 'g' }),
      await world.reader(),
    ]
    await leave(one)
    world.now += BOUND
    expect(await two.reason('/paid/1')).toBe('402 credential-expired')
    expect(await other.reason('/paid/1')).toBe('200')
  })

  it('ends all sessions of the account where that is asked for', async () => {
    const world = await makeWorld()
    const [one, other] = [await world.reader(), await world.reader()]
    await leave(one, { everywhere: '1' })
    world.now += BOUND
    expect(await other.reason('/paid/1')).toBe('402 credential-expired')
    expect(await world.kept()).toEqual([])
  })

  it('is done by pages of the site alone', async () => {
    const world = await makeWorld()
    const reader = await world.reader()
    const kind = { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' }
    const crossed = await reader.ask('/__faregate/sign-out', { method: 'POST', kind })
    const foreign = await reader.ask('/__faregate/sign-out', {
      method: 'POST',
      kind: {},
      headers: { origin: 'https://evil.example' },
    })
    expect([crossed.status, foreign.status, reader.cookie === undefined]).toEqual([403, 403, false])
    expect(await reader.reason('/paid/1')).toBe('200')
  })

  it('is a page with a button, which changes nothing by itself', async () => {
    const world = await makeWorld()
    const reader = await world.reader()
    const answer = await reader.ask('/__faregate/sign-out')
    const page = await answer.text()
    expect(answer.headers.get('referrer-policy')).toBe('same-origin')
    expect(page).toContain('<form method="post" action="/__faregate/sign-out">')
    expect(page).not.toContain('bought')
    expect(await world.kept()).toHaveLength(1)
    reader.put('__Host-faregate-receipt-abcdefgh', 'x')
    expect(await (await reader.ask('/__faregate/sign-out')).text()).toContain('removed as well')
  })

  it('that could not be kept says so, and leaves the cookie to try again', async () => {
    const world = await makeWorld()
    const reader = await world.reader()
    world.isDown = true
    const answer = await leave(reader)
    expect([answer.status, await answer.text()]).toEqual([503, expect.stringContaining('may still be signed in')])
    world.isDown = false
    expect((await leave(reader)).status).toBe(303)
  })

  it('revokes a token in the cookie by its name', async () => {
    const world = await makeWorld()
    const reader = await world.reader()
    const token = await world.token({ jti: 'token-1' })
    reader.put('__Host-faregate', token)
    const thief = reader.copy()
    expect(await thief.reason('/paid/1')).toBe('200')
    await leave(reader)
    expect(reader.cookie).toBeUndefined()
    expect(await thief.reason('/paid/1')).toBe('402 subscription-inactive')
  })

  it('of nobody goes home', async () => {
    const world = await makeWorld()
    const reader = await world.reader()
    reader.put('__Host-faregate', 'garbage')
    const answer = await leave(reader)
    expect([answer.status, answer.headers.get('location'), reader.cookie]).toEqual([303, '/', undefined])
  })
})

describe('a session', () => {
  it.each([
    ['all tokens of the account were revoked', { kind: 'tokens-revoked' }, '402 credential-expired'],
    ['the account is held', { kind: 'hold', isLifted: false }, '402 security-hold'],
  ])('with new claims is void once %s after its sign-in', async (_what, statement, answered) => {
    const world = await makeWorld()
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
    const world = await makeWorld()
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
    const world = await makeWorld({ times: { seconds: 30 * 86_400, renewSeconds: 3600 } })
    const reader = await world.reader()
    world.now += 10_000
    await world.tell({ kind: 'tokens-revoked' })
    world.now += 20 * 86_400_000
    expect(await reader.reason('/paid/1', {}, world.isolate())).toBe('402 credential-expired')
    expect(world.other.renewals).toBe(0)
  })

  it('stands as billing said last, until its claims are newer', async () => {
    const world = await makeWorld()
    const reader = await world.reader()
    world.now += 2000
    await world.tell({ kind: 'standing', standing: 'past-due' })
    expect(await reader.reason('/paid/1')).toBe('402 payment-declined')
    world.now += 61_000
    expect(await reader.reason('/paid/1')).toBe('200')
  })

  it('stands as billing says for an account that it speaks for, however new the claims are', async () => {
    const world = await makeWorld({ change: (given) => spokenFor(given) })
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
    const world = await makeWorld()
    const reader = await world.reader()
    const order = { keys: { 'thumbprint-of-the-key': world.now / 1000 }, revokedBefore: {} }
    await world.services.bulletins?.distrust(world.zone, order, { action: 'distrust', by: 'night-shift' })
    expect(await reader.reason('/paid/1')).toBe('402 credential-invalid')
    world.now += 61_000
    expect(await reader.reason('/paid/1')).toBe('402 credential-expired')
    expect(world.other.renewals).toBe(0)
  })
})

describe('a cookie', () => {
  const altered = (cookie = ''): string => {
    const parts = cookie.split('.')
    const text = parts[3] ?? ''
    parts[3] = `${text.slice(0, 10)}${text[10] === 'A' ? 'B' : 'A'}${text.slice(11)}`
    return parts.join('.')
  }

  it.each<[string, (world: SessionWorld, cookie: string) => string | Promise<string>, string, boolean]>([
    ['that was altered', (_world, cookie) => altered(cookie), 'credential-invalid', true],
    ['of another zone', (world) => sealed(world, { zone: 'other' }), 'credential-invalid', true],
    ['of another use', (world) => sealed(world, { use: 'trips' }), 'credential-invalid', true],
    ['of a key that is not known', (world) => sealed(world, { generation: 9 }), 'credential-invalid', true],
    ['of another version', (world) => sealed(world, {}), 'credential-invalid', true],
    ['of another kind', (world) => sealed(world, { typ: 'trip+jwt' }), 'credential-malformed', false],
    [
      'of a login that is gone',
      (world) => sealed(world, { value: { ...FACTS, login: 'gone' } }),
      'credential-invalid',
      false,
    ],
    [
      'of another issuer',
      (world) => sealed(world, { value: { ...FACTS, iss: 'AAAAAAAA' } }),
      'credential-invalid',
      false,
    ],
  ])('%s opens nothing, and is kept if it may be good elsewhere', async (_what, make, reason, isKept) => {
    const world = await makeWorld()
    const reader = await world.reader()
    reader.put('__Host-faregate', await make(world, reader.cookie ?? ''))
    expect(await reader.reason('/paid/1')).toBe(`402 ${reason}`)
    expect(reader.cookie !== undefined).toBe(isKept)
    expect(world.calls.filter((name) => name === 'leaseSession')).toEqual([])
  })

  it('opens nothing in another place', async () => {
    const world = await makeWorld()
    const reader = await world.reader()
    const headers = { authorization: `Bearer ${reader.cookie}` }
    const answer = await world.ask('/paid/1', { headers })
    expect(await answer.json()).toMatchObject({ reason: 'credential-invalid' })
  })

  it('outlives a new secret of the gate as long as the old one is listed', async () => {
    const world = await makeWorld()
    const reader = await world.reader()
    const rotated = {
      ...world.given,
      secrets: {
        gate: [
          { secret: 'NEW_SECRET', generation: 2 },
          { secret: 'GATE_SECRET', generation: 1 },
        ],
      },
    }
    const isolate = world.isolate(rotated, { ...BINDINGS, NEW_SECRET: 'the next secret of the gate, of as many bytes' })
    expect(await reader.reason('/paid/1', {}, isolate)).toBe('200')
    world.now += 61_000
    expect(await reader.reason('/paid/1', {}, isolate)).toBe('200')
    expect(world.other.renewals).toBe(1)
    expect(await reader.reason('/paid/1')).toBe('402 credential-invalid')
  })
})

const FACTS = { sid: 's', iss: '', login: 'test', sub: 'ann', auth: 1, iat: 1, exp: 2 }

interface Sealing {
  readonly zone?: string
  readonly use?: 'sessions' | 'trips'
  readonly typ?: string
  readonly generation?: number
  readonly value?: Readonly<Record<string, string | number>>
}

/** Seals what a test wants, as this gate does. */
function sealed(
  { zone: { gateKeys, id } }: SessionWorld,
  { zone = id, use = 'sessions', typ = 'session+jwt', generation, value = {} }: Sealing,
): Promise<string> {
  if (gateKeys === undefined) throw new Error('no keys')
  const { bytes } = newestGateKey(gateKeys, use, zone)
  const keys = generation === undefined ? gateKeys : { secrets: [{ generation, bytes }] as const, derived: new Map() }
  return seal(value, { use, typ }, keys, zone)
}

/** Billing, and not the login, says how the accounts stand. */
function spokenFor(given: SessionWorld['given']): SessionWorld['given'] {
  const [zone] = given.zones
  const [issuer] = zone?.issuers ?? []
  if (zone === undefined || issuer === undefined) throw new Error('no issuer')
  const mapped = { ...issuer, types: { entitlement: ['at+jwt'] } }
  const billing = { ...issuer, issuer: 'https://billing.example', speaksFor: [issuer.issuer] }
  return { ...given, zones: [{ ...zone, issuers: [mapped, billing] }] }
}
