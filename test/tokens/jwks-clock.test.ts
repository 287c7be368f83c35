import { describe, expect, it } from 'vitest'
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

const DAY = 24 * 3600 * SECOND
const { staleMs, cooldownMs } = POLICY

describe('a clock that is set back', () => {
  it('has the keys fetched at the next look, and not when it has caught up', async () => {
    const endpoint = createEndpoint(() => jwksResponse(first.jwk))
    await endpoint.find('first')
    await advanceTime(cooldownMs)
    expect(endpoint.generation()).toBe(1)
    endpoint.answer = () => jwksResponse(second.jwk)
    skipTime(-SECOND) // less than the keys are old
    expect(endpoint.generation()).toBeUndefined()
    expect(outcomeOf(await endpoint.find('first'))).toBe('credential-invalid')
    endpoint.answer = () => jwksResponse(first.jwk)
    skipTime(-DAY)
    expect(outcomeOf(await endpoint.find('first'))).toBe(3)
    expect(endpoint.generation()).toBe(3)
  })

  it('while the keys are on their way has them fetched anew as well', async () => {
    const endpoint = createEndpoint(() => delayed(SECOND, jwksResponse(first.jwk)))
    const found = endpoint.find('first')
    await advanceTime(0)
    skipTime(-DAY)
    void endpoint.find('first')
    await runUntilDone(found)
    endpoint.answer = () => jwksResponse(second.jwk)
    expect(outcomeOf(await endpoint.find('first'))).toBe('credential-invalid')
  })

  it('leaves no key in use for longer than without its issuer', async () => {
    const endpoint = createEndpoint(() => jwksResponse(first.jwk))
    await endpoint.find('first')
    endpoint.answer = refuseConnection
    skipTime(-DAY)
    expect(outcomeOf(await endpoint.find('first'))).toBe(1)
    await advanceTime(staleMs)
    expect(outcomeOf(await runUntilDone(endpoint.find('first')))).toBe('keys-unavailable')
  })

  it('is told from a request that has waited for something', async () => {
    const endpoint = createEndpoint(() => jwksResponse(first.jwk))
    const began = Date.now()
    await endpoint.find('first')
    await advanceTime(SECOND)
    expect(endpoint.generation()).toBe(1)
    expect(endpoint.generation(began)).toBe(1)
    expect(endpoint.fetched).toHaveLength(1)
  })
})
