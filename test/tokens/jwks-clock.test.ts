import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { makeKey, type TestKey } from '../support/issuer.ts'
import { after, createEndpoint, down, jump, outcomeOf, pass, POLICY, publish, SECOND, until } from './endpoint.ts'

let first: TestKey
let second: TestKey

beforeAll(async () => {
  first = await makeKey('ES256', 'first')
  second = await makeKey('ES256', 'second')
})
afterEach(() => {
  vi.restoreAllMocks()
  vi.useRealTimers()
})

const DAY = 24 * 3600 * SECOND
const { staleMs, cooldownMs } = POLICY

describe('a clock that is set back', () => {
  it('has the keys fetched at the next look, and not when it has caught up', async () => {
    const endpoint = createEndpoint(() => publish(first.jwk))
    await endpoint.find('first')
    await pass(cooldownMs)
    expect(endpoint.generation()).toBe(1)
    endpoint.answer = () => publish(second.jwk)
    jump(-SECOND) // less than the keys are old
    expect(endpoint.generation()).toBeUndefined()
    expect(outcomeOf(await endpoint.find('first'))).toBe('credential-invalid')
    endpoint.answer = () => publish(first.jwk)
    jump(-DAY)
    expect(outcomeOf(await endpoint.find('first'))).toBe(3)
    expect(endpoint.generation()).toBe(3)
  })

  it('while the keys are on their way has them fetched anew as well', async () => {
    const endpoint = createEndpoint(() => after(SECOND, publish(first.jwk)))
    const found = endpoint.find('first')
    await pass(0)
    jump(-DAY)
    void endpoint.find('first')
    await until(found)
    endpoint.answer = () => publish(second.jwk)
    expect(outcomeOf(await endpoint.find('first'))).toBe('credential-invalid')
  })

  it('leaves no key in use for longer than without its issuer', async () => {
    const endpoint = createEndpoint(() => publish(first.jwk))
    await endpoint.find('first')
    endpoint.answer = down
    jump(-DAY)
    expect(outcomeOf(await endpoint.find('first'))).toBe(1)
    await pass(staleMs)
    expect(outcomeOf(await until(endpoint.find('first')))).toBe('keys-unavailable')
  })

  it('is told from a request that has waited for something', async () => {
    const endpoint = createEndpoint(() => publish(first.jwk))
    const began = Date.now()
    await endpoint.find('first')
    await pass(SECOND)
    expect(endpoint.generation()).toBe(1)
    expect(endpoint.generation(began)).toBe(1)
    expect(endpoint.fetched).toHaveLength(1)
  })
})
