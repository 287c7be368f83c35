import { describe, expect, it, vi } from 'vitest'
import { REASONS } from '../../src/core/problem.ts'
import { makeKeys } from '../support/issuer.ts'
import {
  delayed,
  createEndpoint,
  refuseConnection,
  skipTime,
  outcomeOf,
  advanceTime,
  POLICY,
  jwksResponse,
  SECOND,
  runUntilDone,
} from './endpoint.ts'

const [first, second] = await makeKeys('first', 'second')

const { refreshMs, staleMs, cooldownMs } = POLICY

describe('the keys of an issuer', () => {
  it('are fetched once and kept in memory', async () => {
    const endpoint = createEndpoint(() => jwksResponse(first.jwk))
    expect(endpoint.generation()).toBeUndefined()
    for (let look = 0; look < 5; look++) {
      expect(outcomeOf(await endpoint.find('first'))).toBe(1)
      expect(endpoint.generation()).toBe(1)
      await advanceTime(refreshMs * 0.1)
    }
    expect(endpoint.fetched).toEqual(['https://billing.example/jwks.json'])
  })

  it('are refreshed ahead of time, behind the back of a request that does not wait', async () => {
    const endpoint = createEndpoint(() => jwksResponse(first.jwk))
    await endpoint.find('first')
    endpoint.answer = () => delayed(SECOND, jwksResponse(first.jwk, second.jwk))
    await advanceTime(refreshMs * 0.75)
    expect([endpoint.generation(), endpoint.generation(), endpoint.generation()]).toEqual([1, 1, 1])
    expect(endpoint.fetched).toHaveLength(2)
    await runUntilDone(Promise.all(endpoint.behind))
    expect(endpoint.generation()).toBe(2)
    expect(outcomeOf(await endpoint.find('second'))).toBe(2)
    expect(endpoint.fetched).toHaveLength(2)
  })

  it('keep their generation when they come back the same, and change it when they do not', async () => {
    const endpoint = createEndpoint(() => jwksResponse(first.jwk))
    const seen: unknown[] = []
    for (const keys of [[first], [first], [first, second], [second], [second], [first]]) {
      endpoint.answer = () => jwksResponse(...keys.map(({ jwk }) => jwk))
      await endpoint.find('first')
      seen.push(endpoint.generation())
      await advanceTime(refreshMs)
    }
    expect(seen).toEqual([1, 1, 2, 3, 3, 4])
  })

  it('are waited for once they have aged out', async () => {
    const endpoint = createEndpoint(() => jwksResponse(first.jwk))
    await endpoint.find('first')
    endpoint.answer = () => delayed(2 * SECOND, jwksResponse(second.jwk))
    await advanceTime(refreshMs)
    expect(endpoint.generation()).toBeUndefined()
    const found = endpoint.find('first')
    expect(outcomeOf(await runUntilDone(found))).toBe('credential-invalid')
    expect(outcomeOf(await endpoint.find('second'))).toBe(2)
  })

  it('are used while the issuer is down, and no longer than that is allowed', async () => {
    const endpoint = createEndpoint(() => jwksResponse(first.jwk))
    await endpoint.find('first')
    endpoint.answer = refuseConnection
    await advanceTime(refreshMs)
    for (let passed = 0; passed < staleMs; passed += staleMs / 8) {
      expect(outcomeOf(await endpoint.find('first'))).toBe(1)
      expect(endpoint.generation()).toBe(1)
      await advanceTime(staleMs / 8)
    }
    expect(endpoint.generation()).toBeUndefined()
    expect(outcomeOf(await endpoint.find('first'))).toBe('keys-unavailable')
    endpoint.answer = () => jwksResponse(first.jwk)
    await advanceTime(cooldownMs)
    expect(outcomeOf(await endpoint.find('first'))).toBe(1)
  })

  it('are asked for ever less often while the issuer is down, to once in a cool-down', async () => {
    const endpoint = createEndpoint(refuseConnection)
    for (let request = 0; request < 200; request++) {
      await endpoint.find('first')
      skipTime(SECOND)
    }
    expect(endpoint.fetched.length).toBeLessThanOrEqual(5 + Math.ceil((200 * SECOND) / cooldownMs)) // after 1, 2, 4, 8 and 16 seconds
    expect(endpoint.failures[0]).toBe('https://billing.example/jwks.json connection refused')
  })

  it('of two issuers are two sets, though the URL is one', async () => {
    const endpoint = createEndpoint(() => jwksResponse(first.jwk))
    const call = { now: Date.now(), waitUntil: () => undefined }
    const other = { ...endpoint.issuer, keys: { ...endpoint.issuer.keys } }
    await endpoint.find('first')
    expect(endpoint.keys.generation(other, call.now, call.waitUntil)).toBeUndefined()
    await endpoint.keys.find(other, { alg: 'ES256', kid: 'first' }, call)
    expect(endpoint.fetched).toHaveLength(2)
  })
})

describe('keys of an issuer that is known to be down', () => {
  it('are used without waiting, and asked for behind the request', async () => {
    const endpoint = createEndpoint(() => jwksResponse(first.jwk))
    await endpoint.find('first')
    endpoint.answer = refuseConnection
    await advanceTime(refreshMs)
    expect(outcomeOf(await endpoint.find('first'))).toBe(1)
    endpoint.answer = () => new Promise(() => undefined)
    await advanceTime(cooldownMs)
    expect(endpoint.generation()).toBe(1)
    expect(outcomeOf(await endpoint.find('first'))).toBe(1) // though the fetch never ends
    expect(endpoint.fetched).toHaveLength(3)
  })
})

describe('keys that cannot be had', () => {
  it('are a 503 that says when to try again, never a 402', async () => {
    const endpoint = createEndpoint(refuseConnection)
    for (const kid of ['first', 'forged', undefined]) {
      const found = await endpoint.find(kid)
      expect(found).toMatchObject({ ok: false, error: { reason: 'keys-unavailable', retryAfterSeconds: 1 } })
    }
    expect(REASONS['keys-unavailable'].status).toBe(503)
    expect(endpoint.fetched).toHaveLength(1)
  })

  it('are a 503 too for a kid that an old copy lacks: it may have been published since', async () => {
    const endpoint = createEndpoint(() => jwksResponse(first.jwk))
    await endpoint.find('first')
    endpoint.answer = refuseConnection
    await advanceTime(refreshMs)
    expect(outcomeOf(await endpoint.find('second'))).toBe('keys-unavailable')
    expect(outcomeOf(await endpoint.find('first'))).toBe(1)
  })
})

describe('the age of a copy', () => {
  it('counts from when it was asked for: what was published while it was on its way is not held to be absent', async () => {
    const endpoint = createEndpoint(() => delayed(SECOND, jwksResponse(first.jwk)))
    const asked = Date.now()
    await runUntilDone(endpoint.find('first'))
    const published = asked + SECOND / 2
    expect(Date.now()).toBeGreaterThan(published)
    endpoint.answer = refuseConnection
    skipTime(published + refreshMs - Date.now())
    expect(outcomeOf(await endpoint.find('forged'))).toBe('keys-unavailable')
    expect(outcomeOf(await endpoint.find('second'))).toBe('keys-unavailable')
  })
})

describe('an unknown kid', () => {
  it('is fetched for at most once in a cool-down, however many there are', async () => {
    const endpoint = createEndpoint(() => jwksResponse(first.jwk))
    await endpoint.find('first')
    for (let request = 0; request < 3000; request++) {
      expect(outcomeOf(await endpoint.find(`forged-${request}`))).toBe('credential-invalid')
      skipTime(cooldownMs / 100)
    }
    expect(endpoint.fetched.length).toBeGreaterThan(1)
    expect(endpoint.fetched.length).toBeLessThanOrEqual(31)
  })

  it('that was published a moment ago is found when a cool-down has passed', async () => {
    const endpoint = createEndpoint(() => jwksResponse(first.jwk))
    await endpoint.find('first')
    endpoint.answer = () => jwksResponse(first.jwk, second.jwk)
    expect(outcomeOf(await endpoint.find('second'))).toBe('credential-invalid')
    await advanceTime(cooldownMs)
    expect(outcomeOf(await endpoint.find('second'))).toBe(2)
  })

  it('is looked for in the fetch that is under way', async () => {
    const endpoint = createEndpoint(() => jwksResponse(first.jwk))
    await endpoint.find('first')
    endpoint.answer = () => delayed(SECOND, jwksResponse(first.jwk, second.jwk))
    await advanceTime(cooldownMs)
    const forged = endpoint.find('forged')
    const published = endpoint.find('second')
    const outcomes = (await runUntilDone(Promise.all([forged, published]))).map(outcomeOf)
    expect(outcomes).toEqual(['credential-invalid', 2])
    expect(endpoint.fetched).toHaveLength(2)
  })
})

/** Time passes in steps here, so it is short. */
const SOON = 100

describe('requests at the same time', () => {
  it('share one fetch', async () => {
    const endpoint = createEndpoint(() => delayed(SOON, jwksResponse(first.jwk)))
    const found = Array.from({ length: 8 }, () => endpoint.find('first'))
    expect((await runUntilDone(Promise.all(found))).map(outcomeOf)).toEqual(Array.from({ length: 8 }, () => 1))
    expect(endpoint.fetched).toHaveLength(1)
  })

  it('share one failure, and none of them tries again', async () => {
    const endpoint = createEndpoint(async () => {
      await delayed(SOON, new Response())
      return refuseConnection()
    })
    const found = Array.from({ length: 8 }, () => endpoint.find('first'))
    const outcomes = (await runUntilDone(Promise.all(found))).map(outcomeOf)
    expect(new Set(outcomes)).toEqual(new Set(['keys-unavailable']))
    expect(endpoint.fetched).toHaveLength(1)
  })

  it('are all freed when the one that fetches dies with its client', async () => {
    const endpoint = createEndpoint(() => new Promise(() => undefined), { timeoutMs: SOON })
    const leader = vi.fn()
    void endpoint.find('first').then(leader)
    endpoint.answer = () => delayed(SOON, jwksResponse(first.jwk))
    const followers = Array.from({ length: 8 }, () => endpoint.find('first'))
    expect((await runUntilDone(Promise.all(followers))).map(outcomeOf)).toEqual(Array.from({ length: 8 }, () => 1))
    expect(endpoint.fetched).toHaveLength(2)
    expect(leader).not.toHaveBeenCalled()
  })

  it('that come after one died fetch for themselves', async () => {
    const endpoint = createEndpoint(() => new Promise(() => undefined), { timeoutMs: SOON })
    void endpoint.find('first')
    await advanceTime(SOON * 2)
    endpoint.answer = () => jwksResponse(first.jwk)
    expect(outcomeOf(await endpoint.find('first'))).toBe(1)
  })

  it('leave the fetch to outlive the one that began it', async () => {
    const endpoint = createEndpoint(() => delayed(SOON, jwksResponse(first.jwk)))
    void endpoint.find('first')
    expect(endpoint.behind).toHaveLength(1)
    await runUntilDone(Promise.all(endpoint.behind))
    expect(endpoint.generation()).toBe(1)
  })
})

describe('keys that are not fetched', () => {
  it('are there at once, in one generation for ever', async () => {
    const endpoint = createEndpoint(refuseConnection)
    const call = { now: Date.now(), waitUntil: () => undefined }
    const inline = { ...endpoint.issuer, keys: { kind: 'inline' as const, keys: [first.jwk, second.privateJwk] } }
    const secret = { ...endpoint.issuer, keys: { kind: 'secret' as const, bytes: new Uint8Array(32) } }
    const find = async (issuer: typeof endpoint.issuer, kid: string) =>
      outcomeOf(await endpoint.keys.find(issuer, { alg: 'ES256', kid }, call))
    expect(await find(inline, 'first')).toBe(0)
    expect(await find(inline, 'second')).toBe('credential-invalid')
    expect(await find(inline, 'unknown')).toBe('credential-invalid')
    expect(await find(secret, 'whatever')).toBe(0)
    for (const issuer of [inline, secret]) expect(endpoint.keys.generation(issuer, call.now, call.waitUntil)).toBe(0)
    expect(endpoint.fetched).toEqual([])
  })
})
