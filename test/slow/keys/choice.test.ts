import { describe, expect, it } from 'vitest'
import { makeKey, type TestKey } from '../../support/issuer.ts'
import { startBoth, freshToken, type Gate, type JwksServer, outcome, answerKeys, SERVED } from './gate.ts'

/** Through the bundle as it is deployed: minified, so that the classes of errors have other names there. */

const [first, second] = [await makeKey('RS256', 'a'), await makeKey('RS256', 'b')]
let gate: Gate
let jwks: JwksServer

/** The keys are young throughout, and any number of fetches is allowed for a `kid` that is not known. */
async function publishing(...keys: readonly TestKey[]): Promise<void> {
  const policy = { refreshMs: 60_000, staleMs: 60_000, cooldownMs: 1, timeoutMs: 5000 }
  ;({ gate, jwks } = await startBoth(answerKeys(...keys), policy))
}

describe('a token without a kid', () => {
  it('is refused where two keys fit, in words that say so, and nothing is fetched for it', async () => {
    await publishing(first, second)
    expect(await outcome(gate, await freshToken(first))).toBe(SERVED)
    for (let round = 0; round < 3; round++) {
      const authorization = `Bearer ${await freshToken(first, { kid: undefined })}`
      const response = await fetch(gate.page, { headers: { authorization, accept: 'application/json' } })
      expect(response.status).toBe(402)
      expect(await response.json()).toMatchObject({
        reason: 'credential-invalid',
        detail: 'The token has no "kid", and its issuer has several keys that fit.',
      })
    }
    expect(jwks.asked).toBe(1)
  })

  it('opens where the two are one key', async () => {
    await publishing(first, { ...first, jwk: { ...first.jwk, kid: 'b' } })
    expect(await outcome(gate, await freshToken(first, { kid: undefined }))).toBe(SERVED)
  })
})

describe('a token with a kid', () => {
  it('opens where its key is published twice', async () => {
    await publishing(first, first)
    expect(await outcome(gate, await freshToken(first))).toBe(SERVED)
    expect(jwks.asked).toBe(1)
  })

  it('opens where another key has the same kid, whichever of them signed', async () => {
    const namesake = { ...second, kid: 'a', jwk: { ...second.jwk, kid: 'a' } }
    await publishing(first, namesake)
    const forger = await makeKey('RS256', 'a')
    for (const key of [first, namesake]) expect(await outcome(gate, await freshToken(key))).toBe(SERVED)
    expect(await outcome(gate, await freshToken(forger))).toBe('402 credential-invalid')
    expect(jwks.asked).toBe(1)
  })
})
