import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { sign } from '../../support/issuer.ts'
import { ISSUER, makeServerKeys, SECRET, type ServerKeys } from './authserver.ts'
import { OAuthWorld } from './world.ts'

let keys: ServerKeys

beforeAll(async () => {
  keys = await makeServerKeys()
})
afterEach(() => void vi.restoreAllMocks())

const HOUR = 3_600_000

describe('the client shows who it is', () => {
  it.each([
    ['by Basic authentication', {}, undefined, { authorization: `Basic ${btoa('news:the+secret+of+the+client')}` }],
    [
      'by Basic authentication, if the server takes the form too',
      {},
      ['client_secret_post', 'client_secret_basic'],
      { authorization: expect.stringMatching(/^Basic /) },
    ],
    [
      'in the form, if the server takes nothing else',
      {},
      ['client_secret_post'],
      { client_id: 'news', client_secret: SECRET },
    ],
    ['by its name alone, if it is public', { secret: undefined }, undefined, { client_id: 'news' }],
  ])('%s', async (_name, options, methods, shown) => {
    const world = new OAuthWorld(keys, options as never)
    world.server.metadata = { token_endpoint_auth_methods_supported: methods }
    await world.finish(await world.begin())
    const [{ form, authorization } = { form: new URLSearchParams(), authorization: '' }] = world.server.asked
    const sent = Object.fromEntries(form)
    expect({ ...sent, ...(authorization !== null && { authorization }) }).toMatchObject(shown)
  })
})

describe('the metadata of a server', () => {
  const OPENID = '/realm/.well-known/openid-configuration'
  const OAUTH = '/.well-known/oauth-authorization-server/realm'

  it('is read once an hour, and serves on while the server does not answer', async () => {
    const world = new OAuthWorld(keys)
    const fetched = (): number => world.server.fetched.filter((url) => url.includes('.well-known')).length
    await Promise.all([world.begin(), world.begin()])
    expect(fetched()).toBe(1)
    world.now += HOUR
    await world.begin()
    expect(fetched()).toBe(2)
    world.now += HOUR
    world.server.metadataStatus = { [OPENID]: 503 }
    await world.begin()
    await world.begin() // nobody asks again at once
    expect(fetched()).toBe(3)
    world.now += 60_000
    await world.begin()
    expect(fetched()).toBe(4)
  })

  it('is found where RFC 8414 has it, if OpenID Connect has none', async () => {
    const world = new OAuthWorld(keys)
    world.server.metadataStatus = { [OPENID]: 404, [OAUTH]: 200 }
    expect(await world.outcome()).toBe('signed-in')
    const urls = world.server.fetched.filter((url) => url.includes('.well-known'))
    expect(urls).toEqual([`https://login.example${OPENID}`, `https://login.example${OAUTH}`])
  })

  it('is not taken from where a redirect leads', async () => {
    const world = new OAuthWorld(keys)
    const [own, evil] = [`https://login.example${OPENID}`, `https://evil.example${OPENID}`]
    world.server.redirects = { [own]: evil }
    expect(await world.login.begin(world.request(), world.context)).toMatchObject({ error: { code: 'no_metadata' } })
    expect(world.server.fetched).not.toContain(evil)
  })

  it('is not asked for where the endpoints have names', async () => {
    const endpoints = { authorization: `${ISSUER}/authorize`, token: `${ISSUER}/token` }
    const world = new OAuthWorld(keys, { endpoints })
    expect(await world.outcome()).toBe('signed-in')
    expect(world.server.fetched).toEqual([`${ISSUER}/token`, `${ISSUER}/jwks`])
  })
})

describe('a presented token', () => {
  it('is still no ID token, though they say who signs in', async () => {
    const world = new OAuthWorld(keys, { claims: 'id-token' })
    const { verifiers, zone, call } = world.context
    const claims = { iss: ISSUER, sub: 'ann', aud: 'news', iat: 1_800_000_000, exp: 1_800_000_060, nonce: 'n' }
    for (const aud of ['news', 'https://www.news.example']) {
      const token = await sign(keys.own, { ...claims, aud }, { typ: 'JWT' })
      expect(await verifiers.verify(token, zone, call)).toMatchObject({ ok: false })
    }
  })
})
