import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { sessionCookieOf, withSession } from '../../../src/content/samehost.ts'
import type { ZoneOptions } from '../../../src/index.ts'
import { capture } from '../../../src/http/capture.ts'
import type { AdmittedRequest } from '../../../src/ports.ts'
import { zoneFaults } from '../../support/compiled.ts'
import { BILLING, makeParties, NEWS, NOW, type Parties, SHOP } from '../../tokens/hostile/parties.ts'
import { receiptToken } from '../../tokens/payment/gate.ts'
import { sign } from '../../support/issuer.ts'
import { FETCH, HERE, OPENING, PurchaseWorld, shopOptions } from '../purchases/world.ts'

const LOGIN = '/account/sign-in'
const ROUTES: ZoneOptions['routes'] = [
  { path: '/account/*', free: true, billing: 'same-host' },
  { path: '/account/public/*', free: true },
  { path: '/account/orders', free: true },
  { path: '/wp-login.php', free: true, billing: 'same-host' },
  { path: '/free/*', free: true },
  { path: '/paid/*', requires: 'premium' },
  { path: '/mine/*', requires: 'premium', cache: 'off' },
]

let parties: Parties
let world: PurchaseWorld
let token: string

beforeAll(async () => {
  parties = await makeParties()
})
beforeEach(async () => {
  world = new PurchaseWorld(parties, shopOptions(parties, { routes: ROUTES, unmatched: 'free' }))
  token = await world.token()
})
afterAll(() => vi.restoreAllMocks())

/** What billing, or whoever answers, sets from now on. */
function setting(fields: readonly string[], init: ResponseInit = {}): void {
  world.answer = () => {
    const headers = new Headers({ 'cache-control': 'public, max-age=600', expires: 'Fri, 01 Jan 2038 00:00:00 GMT' })
    for (const field of fields) headers.append('set-cookie', field)
    return new Response(init.status === 304 ? null : 'x', { headers, ...init })
  }
}
const cookiesOf = async (path = LOGIN, fields = HERE, init: RequestInit = {}): Promise<string[]> =>
  (await world.open(path, fields, init)).headers.getSetCookie()
const signedIn = (value: string, seconds?: number): string =>
  `__Host-faregate=${value}; Path=/;${seconds === undefined ? '' : ` Max-Age=${seconds};`} Secure; HttpOnly; SameSite=Lax`
const REMOVED = '__Host-faregate=; Path=/; Max-Age=0; Secure; HttpOnly; SameSite=Lax'

describe('Billing on the zone’s own host', () => {
  it('signs its reader in, whatever attributes it writes, for as long as the token lasts', async () => {
    setting([`__Host-faregate=${token}; Domain=example.com; Path=/account; Max-Age=99999; SameSite=None`, 'mine=1'])
    expect(await cookiesOf()).toEqual(['mine=1', signedIn(token, 3600)])
    expect(await world.status('/paid/1')).toBe(200)
    expect(await world.status('/account/')).toBe(200)
    expect(world.received.at(-1)?.headers.get('faregate-subject')).toContain('account-')
    expect(world.received.at(-1)?.headers.get('cookie')).toBe('mine=1')
  })

  it('keeps a shorter time, a cookie until the browser is closed, and a stricter one', async () => {
    setting([`__Host-faregate=${token}; Max-Age=60; SameSite=Strict`])
    expect(await cookiesOf()).toEqual([signedIn(token, 60).replace('Lax', 'Strict')])
    setting([`__Host-faregate=${token}`])
    expect(await cookiesOf()).toEqual([signedIn(token)])
  })

  it('signs its reader out', async () => {
    for (const field of [
      '__Host-faregate=; Path=/',
      '__Host-faregate=x; Max-Age=0',
      `__Host-faregate=${token}; Expires=Thu, 01 Jan 1970 00:00:00 GMT`,
    ]) {
      setting([field])
      expect(await cookiesOf(), field).toEqual([REMOVED])
    }
  })

  it.each<[string, RequestInit, ResponseInit]>([
    ['a form that is posted', { method: 'POST' }, { status: 303 }],
    ['a redirect', {}, { status: 302 }],
    ['a page that says that something failed', {}, { status: 422 }],
    ['an answer to HEAD', { method: 'HEAD' }, {}],
    ['a page not modified', {}, { status: 304 }],
  ])('does so with %s, and nobody keeps the answer', async (_what, init, answered) => {
    setting([`__Host-faregate=${token}`, '__Host-faregate-trip-AAAAAAAA=x'], answered)
    const response = await world.open(LOGIN, HERE, init)
    expect([response.status, response.headers.getSetCookie()]).toEqual([answered.status ?? 200, [signedIn(token)]])
    expect(response.headers.get('cache-control')).toBe('private, no-store')
    expect(response.headers.get('expires')).toBeNull()
  })

  it('is answered for by the gate while it fails, without a cookie', async () => {
    world.answer = () => {
      throw new TypeError('refused')
    }
    const response = await world.open(LOGIN)
    expect([response.status >= 500, response.headers.getSetCookie()]).toEqual([true, []])
  })

  it('has its answers kept by nobody, where it signs nobody in either', async () => {
    setting([])
    expect((await world.open(LOGIN)).headers.get('cache-control')).toBe('private, no-store')
    expect((await world.open('/free/1')).headers.get('cache-control')).toBe('public, max-age=600')
  })

  it('signs nobody in by a handshake', () => {
    const headers = new Headers({ 'set-cookie': `__Host-faregate=${token}`, 'cache-control': 'x' })
    const exchange = capture(new Request(`${NEWS}${LOGIN}`), world.now)
    const admitted = { zone: world.zone, exchange } as unknown as AdmittedRequest
    const handshake = { status: 101, headers } as Response
    const call = { now: world.now, waitUntil: () => undefined }
    expect(sessionCookieOf(handshake, admitted, world.services, call)).toBeUndefined()
    expect(withSession(handshake, signedIn(token)).headers.get('cache-control')).toBe('x')
  })
})

describe('A cookie that billing on the zone’s own host sets leaves without', () => {
  const value = (claims: Record<string, unknown>, typ = 'entitlement+jwt') =>
    sign(parties.es, { iss: BILLING, aud: NEWS, sub: 'ann', iat: NOW - 60, exp: NOW + 60, ...claims }, { typ })
  it.each<[string, () => string | Promise<string>]>([
    ['a forged token', () => sign(parties.forger, { iss: BILLING, aud: NEWS, sub: 'ann', iat: NOW, exp: NOW + 60 })],
    ['a token changed on its way', () => `${token.slice(0, -2)}AA`],
    ['an expired one', () => value({ exp: NOW - 10 })],
    ['one not valid yet', () => value({ iat: NOW + 60, exp: NOW + 120 })],
    ['one for another zone', () => value({ aud: SHOP })],
    ['one of an issuer that nobody knows', () => value({ iss: 'https://evil.example' })],
    ['a receipt', () => receiptToken(parties)],
    ['an operator’s token', () => value({ scope: 'purge' }, 'operator+jwt')],
    ['one too long', () => value({ filler: 'x'.repeat(3800) })],
    ['nothing that is a token', () => 'x'],
    ['a space', () => `${token} `],
  ])('%s', async (_what, make) => {
    const made = await make()
    setting([`__Host-faregate=${made}${made.endsWith(' ') ? 'x' : ''}; Path=/`, 'mine=1'])
    expect(await cookiesOf()).toEqual(['mine=1'])
  })

  it('a second one, whatever it says', async () => {
    for (const second of [`__Host-faregate=${token}`, '__Host-faregate=; Max-Age=0', ' __HOST-FAREGATE=x']) {
      setting([`__Host-faregate=${token}`, second])
      expect(await cookiesOf(), second).toEqual([])
    }
  })

  it('another cookie of the gate', async () => {
    const names = ['-trip-AAAAAAAA', '-receipt-AAAAAAAA', '-confirm', '-gift', 'x']
    setting(names.map((name) => `__Host-faregate${name}=${token}`))
    expect(await cookiesOf()).toEqual([])
  })

  it('a token that was revoked', async () => {
    const revoked = await world.token({ jti: 'gone' })
    await world.say({ kind: 'token-revoked', jti: 'gone', at: NOW })
    setting([`__Host-faregate=${revoked}`])
    expect(await cookiesOf()).toEqual([])
  })
})

describe('A page of the origin that is not billing’s', () => {
  it.each([
    '/free/1',
    '/paid/1',
    '/mine/1',
    '/account/public/1',
    '/account/orders.html',
    '/elsewhere',
    '/ACCOUNT/sign-in',
    '/account/x%2f..%2fpublic/1',
    '/account/public;x/1',
    '/WP-login.php',
    '/wp-login',
  ])('plants no cookie: %s', async (path) => {
    setting([`__Host-faregate=${token}`, '__Host-faregate=; Max-Age=0', 'mine=1'])
    const fields = { ...FETCH, authorization: `Bearer ${token}` }
    const response = await world.open(path, fields)
    expect(response.headers.getSetCookie().filter((one) => one.startsWith('__Host'))).toEqual([])
    setting([`__Host-faregate=${token}`])
    expect(await cookiesOf(path, fields)).toEqual([])
  })

  it('may be a path of billing’s itself, however it ends', async () => {
    setting([`__Host-faregate=${token}`])
    for (const path of ['/wp-login.php', '/wp-login.php?action=login', '/account', '/account/', '/account/a/b.html'])
      expect(await cookiesOf(path), path).toEqual([signedIn(token)])
  })

  it('is told no token over plain http', async () => {
    setting([`__Host-faregate=${token}`])
    const exchange = capture(new Request(`http://news.example${LOGIN}`, { headers: OPENING }), world.now)
    const route = world.zone.routes.entries.find(({ route: { path } }) => path === '/account/*')?.route
    const admitted = { zone: world.zone, exchange, route } as unknown as AdmittedRequest
    const call = { now: world.now, waitUntil: () => undefined }
    expect(await sessionCookieOf(world.answer(new Request(NEWS)), admitted, world.services, call)).toBeUndefined()
  })
})

describe('A route of billing’s', () => {
  const faultOf = (route: object): unknown[] =>
    zoneFaults({ routes: [{ path: '/account/*', ...route }] }).map(({ path }) => path)

  it.each([
    ['paid', { requires: 'premium', billing: 'same-host' }],
    ['closed', { closed: true, billing: 'same-host' }],
    ['cached', { free: true, cache: 'shared', billing: 'same-host' }],
    ['cached for each account', { free: true, cache: { key: 'account' }, billing: 'same-host' }],
    ['elsewhere', { free: true, billing: 'other-host' }],
  ])('is not %s', (_how, route) => {
    expect(faultOf(route)).toEqual([expect.stringMatching(/^zones\[0\]\.routes\[0\]/)])
  })

  it('is free, and has no copies', () => {
    expect([
      faultOf({ free: true, billing: 'same-host' }),
      faultOf({ free: true, cache: 'off', billing: 'same-host' }),
    ]).toEqual([[], []])
  })
})
