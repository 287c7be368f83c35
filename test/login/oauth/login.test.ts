import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import type { NewSession } from '../../../src/rails/login.ts'
import { ISSUER, makeServerKeys, type ServerKeys } from './authserver.ts'
import { type Begun, OAuthWorld } from './world.ts'

let keys: ServerKeys

beforeAll(async () => {
  keys = await makeServerKeys()
})
afterEach(() => void vi.restoreAllMocks())

const HOUR = 3_600_000

function asked({ trip: { location } }: Begun): Record<string, string> {
  return Object.fromEntries(new URL(location).searchParams)
}

async function signedIn(world: OAuthWorld): Promise<NewSession> {
  const ended = await world.finish(await world.begin())
  if (!ended.ok || ended.value.kind !== 'signed-in') throw new Error(JSON.stringify(ended))
  return ended.value.session
}

describe('a trip', () => {
  it('asks for a code, with a challenge, state and nonce of its own, and keeps what the endpoint has', async () => {
    const world = new OAuthWorld(keys, { parameters: { prompt: 'consent', access_type: 'offline' } })
    const one = await world.begin({ offer: 'monthly', languages: 'de-CH, en;q=0.5, *;q=0.1, "x"' })
    expect(asked(one)).toEqual({
      tenant: '1',
      prompt: 'consent',
      access_type: 'offline',
      response_type: 'code',
      client_id: 'news',
      redirect_uri: 'https://a.test/__faregate/return/oauth',
      scope: 'openid offline_access offer:monthly',
      state: one.asked.state,
      nonce: expect.stringMatching(/^[\w-]{43}$/),
      code_challenge: expect.stringMatching(/^[\w-]{43}$/),
      code_challenge_method: 'S256',
      ui_locales: 'de-CH en',
      resource: 'https://www.news.example',
    })
    const other = await world.begin()
    expect(asked(other)['nonce']).not.toBe(asked(one)['nonce'])
    expect(asked(other)['code_challenge']).not.toBe(asked(one)['code_challenge'])
    expect(asked(other)['scope']).toBe('openid offline_access')
  })

  it('names the page that something is bought at, where the scope asks for it', async () => {
    const world = new OAuthWorld(keys, { scopes: [], offers: { article: { scope: 'offer:article:{path}' } } })
    const to = 'https://a.test/articles/a%20b;c?d=e'
    expect(asked(await world.begin({ offer: 'article', to }))['scope']).toBe('offer:article:/articles/a%20b;c')
  })

  it('asks for no page if it is silent, whatever the parameters say', async () => {
    const world = new OAuthWorld(keys, { parameters: { prompt: 'consent' } })
    expect(world.login.isSilent).toBe(true)
    expect(asked(await world.begin({ isSilent: true }))['prompt']).toBe('none')
    const plain = new OAuthWorld(keys, { scopes: [] })
    expect(plain.login.isSilent).toBe(false)
    expect(new OAuthWorld(keys, { scopes: [], silent: true }).login.isSilent).toBe(true)
    expect(new OAuthWorld(keys, { silent: false }).login.isSilent).toBe(false)
    const begun = asked(await plain.begin())
    expect([begun['scope'], begun['nonce']]).toEqual([undefined, undefined])
  })

  it('goes on with the verifier and nonce that it began with', async () => {
    const world = new OAuthWorld(keys)
    const begun = await world.begin({ offer: 'monthly' })
    const again = await world.login.begin({ ...begun.asked, earlier: begun.trip.kept }, world.context)
    expect(again.ok && again.value).toEqual(begun.trip)
  })

  it('names several resources, and an audience', async () => {
    const world = new OAuthWorld(keys, { resource: ['https://a.test/', 'urn:b'], audience: 'https://api.example' })
    const begun = await world.begin()
    expect(new URL(begun.trip.location).searchParams.getAll('resource')).toEqual(['https://a.test/', 'urn:b'])
    expect(asked(begun)['audience']).toBe('https://api.example')
    await world.finish(begun)
    expect(world.server.asked[0]?.form.getAll('resource')).toEqual(['https://a.test/', 'urn:b'])
  })

  it('sends the challenge to a server whose metadata knows none', async () => {
    const world = new OAuthWorld(keys)
    world.server.metadata = { code_challenge_methods_supported: ['plain'] }
    const begun = await world.begin()
    expect(asked(begun)['code_challenge_method']).toBe('S256')
    await world.finish(begun)
    expect(world.server.asked[0]?.form.get('code_verifier')).toMatch(/^[\w-]{43}$/)
  })
})

describe('who signs in', () => {
  it('is an account of the issuer with the claims of its access token', async () => {
    const { claims, refresh, hint, group } = await signedIn(new OAuthWorld(keys))
    expect(claims).toMatchObject({
      issuer: ISSUER,
      account: 'ann',
      entitlements: ['premium'],
      issuedAt: 1_800_000_000,
      signedBy: expect.any(String),
    })
    expect([typeof refresh, hint?.split('.').length, group]).toEqual(['string', 3, 'sid-1'])
  })

  it('has the claims of the ID token, if the configuration says so, and an opaque access token', async () => {
    const world = new OAuthWorld(keys, { claims: 'id-token' })
    world.server.twist = { id: { scope: 'gold' }, members: { access_token: 'opaque' } }
    expect((await signedIn(world)).claims).toMatchObject({ account: 'ann', entitlements: ['gold'] })
  })

  it('shares a sign-in by its time, if the server names none', async () => {
    const world = new OAuthWorld(keys)
    world.server.twist = { id: { sid: undefined, auth_time: 1_799_999_000 } }
    expect((await signedIn(world)).group).toBe('auth_time 1799999000')
    for (const sid of [undefined, 's'.repeat(256)]) {
      world.server.twist = { id: { sid } }
      expect((await signedIn(world)).group).toBeUndefined()
    }
  })

  it.each([
    ['sid-of-the-tokens', 'sid-of-the-tokens'],
    ['s'.repeat(256), undefined],
    ['', undefined],
    [7, undefined],
  ])('shares a sign-in that the server names beside its tokens: %s', async (sid, group) => {
    const world = new OAuthWorld(keys, { scopes: [] })
    world.server.twist = { members: { sid } }
    expect((await signedIn(world)).group).toBe(group)
  })

  it('has bought a receipt, if the token is one', async () => {
    const world = new OAuthWorld(
      keys,
      { scopes: [] },
      {
        issuers: [{ issuer: ISSUER, jwks: { url: `${ISSUER}/jwks` }, audience: 'https://www.news.example' }],
      },
    )
    const facts = { jti: 'p-1', amount: '1', currency: 'EUR', resource: '/articles/1', scope: undefined }
    world.server.twist = { access: facts, accessHeader: { typ: 'payment+jwt' } }
    const ended = await world.finish(await world.begin())
    expect(ended).toMatchObject({ ok: true, value: { kind: 'bought', receipts: [{ jti: 'p-1', issuer: ISSUER }] } })
  })

  it('waits for a token whose time has not come, without another use of the code', async () => {
    const world = new OAuthWorld(keys)
    world.server.twist = { access: { iat: 1_800_000_010, exp: 1_800_000_070 } }
    const begun = await world.begin()
    expect(await world.outcome(begun)).toBe('waiting')
    world.now += 4000
    expect(await world.outcome(begun)).toBe('waiting')
    world.now += 1000 // the tolerance is five seconds
    expect(await world.outcome(begun)).toBe('signed-in')
    expect(world.server.asked).toHaveLength(1)
  })

  it('waits while a payment is late, where the server takes the same code again', async () => {
    const world = new OAuthWorld(keys, { waits: true })
    const begun = await world.begin()
    world.server.answer = () => Response.json({ error: 'authorization_pending' }, { status: 400 })
    expect(await world.outcome(begun)).toBe('waiting')
    world.server.answer = undefined
    expect(await world.outcome(begun)).toBe('signed-in')
  })

  it('is known once the keys of the server are, without another use of the code', async () => {
    const world = new OAuthWorld(keys)
    const begun = await world.begin()
    const verifyOnce = async () => ({ ok: false, error: { reason: 'keys-unavailable' } }) as never
    const { asked: request, trip, query } = begun
    const back = { ...request, kept: trip.kept, parameters: query }
    const silent = { ...world.ending, verifiers: { ...world.ending.verifiers, verifyOnce } }
    expect(await world.login.finish(back, silent)).toMatchObject({ ok: false, error: { kind: 'unavailable' } })
    expect(await world.outcome(begun)).toBe('signed-in')
    expect(world.server.asked).toHaveLength(1)
  })
})

describe('a renewal', () => {
  const renew = async (world: OAuthWorld, account = 'ann') => {
    const { refresh, hint } = await signedIn(world)
    return world.login.renew({ account, refresh, hint }, world.context)
  }

  it('has new claims, and the next refresh token', async () => {
    const world = new OAuthWorld(keys)
    const { claims, refresh, hint } = await signedIn(world)
    world.now += HOUR
    world.server.twist = { access: { scope: 'gold' }, id: { nonce: undefined } }
    const renewed = await world.login.renew({ account: claims.account, refresh, hint }, world.context)
    expect(renewed).toMatchObject({ kind: 'renewed', claims: { account: 'ann', entitlements: ['gold'] } })
    expect(renewed.kind === 'renewed' && renewed.refresh).not.toBe(refresh)
  })

  it.each([
    ['without a refresh token', async () => undefined, 'ended'],
    ['of another account', async (world: OAuthWorld) => renew(world, 'bob'), 'ended'],
  ])('%s', async (_name, act, kind) => {
    const world = new OAuthWorld(keys)
    const renewed =
      (await act(world)) ??
      (await world.login.renew({ account: 'ann', refresh: undefined, hint: undefined }, world.context))
    expect(renewed.kind).toBe(kind)
  })

  it.each([
    ['invalid_grant', 400, 'ended'],
    ['interaction_required', 400, 'ended'],
    ['invalid_client', 401, 'unavailable'],
    ['invalid_request', 400, 'unavailable'],
    ['server_error', 500, 'unavailable'],
    ['too_many', 429, 'unavailable'],
  ])('answered %s with %d: %s', async (error, status, kind) => {
    const world = new OAuthWorld(keys)
    const { refresh, hint } = await signedIn(world)
    world.server.answer = () => Response.json({ error }, { status })
    expect((await world.login.renew({ account: 'ann', refresh, hint }, world.context)).kind).toBe(kind)
  })

  it.each([
    ['another account', { access: { sub: 'bob' }, id: { sub: 'bob', nonce: undefined } }],
    ['two accounts', { access: { sub: 'ann' }, id: { sub: 'bob', nonce: undefined } }],
    ['another issuer', { access: { iss: 'https://evil.example' } }],
    ['a token for another client', { id: { aud: 'other' } }],
  ])('answered with %s is the end of the session', async (_name, twist) => {
    const world = new OAuthWorld(keys)
    const { refresh, hint } = await signedIn(world)
    world.server.twist = twist
    const renewed = await world.login.renew({ account: 'ann', refresh, hint }, world.context)
    expect(renewed.kind).toBe('ended')
  })

  it('keeps what it was given while that is not valid yet', async () => {
    const world = new OAuthWorld(keys)
    const { refresh, hint } = await signedIn(world)
    world.server.twist = { access: { iat: 1_800_000_010, exp: 1_800_000_070 }, id: { nonce: undefined } }
    const session = { account: 'ann', refresh, hint }
    expect((await world.login.renew(session, world.context)).kind).toBe('unavailable')
    world.now += 10_000
    expect((await world.login.renew(session, world.context)).kind).toBe('renewed')
    expect(world.server.asked).toHaveLength(2)
  })
})

describe('the end of a session', () => {
  it('revokes the refresh token, and leads to the page that signs out', async () => {
    const world = new OAuthWorld(keys)
    const { refresh, hint } = await signedIn(world)
    await world.login.revoke?.({ account: 'ann', refresh, hint }, world.context)
    expect(Object.fromEntries(world.server.asked.at(-1)?.form ?? [])).toEqual({
      token: refresh,
      token_type_hint: 'refresh_token',
    })
    const home = 'https://a.test/'
    const page = await world.login.endSession?.({ account: 'ann', refresh, hint, home }, world.context)
    expect(Object.fromEntries(new URL(page ?? '').searchParams)).toEqual({
      id_token_hint: hint,
      client_id: 'news',
      post_logout_redirect_uri: home,
    })
    const long = { account: 'ann', refresh, hint: 'x'.repeat(5000), home }
    expect(await world.login.endSession?.(long, world.context)).not.toContain('id_token_hint')
  })

  it('asks for nothing that the server does not have', async () => {
    const world = new OAuthWorld(keys)
    world.server.metadata = { revocation_endpoint: undefined, end_session_endpoint: undefined }
    const session = { account: 'ann', refresh: 'r', hint: undefined }
    await world.login.revoke?.(session, world.context)
    expect(await world.login.endSession?.({ ...session, home: 'https://a.test/' }, world.context)).toBeUndefined()
    expect(world.server.asked).toEqual([])
  })
})
