import { createExecutionContext } from 'cloudflare:test'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { faregate } from '../../../../src/platform/cloudflare/index.ts'
import type { Config } from '../../../../src/index.ts'
import good from '../../../support/config.ts'

afterEach(() => vi.restoreAllMocks())

/** Asks the gate of a configuration in a Worker that exports nothing. */
function ask(config: Config, path: string, init: RequestInit = {}): Promise<Response> {
  const { Gate } = faregate(config)
  return Promise.resolve(Gate.fetch(new Request(`https://news.test${path}`, init), {}, createExecutionContext()))
}

describe('a Worker with a broken configuration', () => {
  it('logs every fault at start, and answers 503 misconfigured to everything', async () => {
    const error = vi.spyOn(console, 'error').mockImplementation(() => undefined)
    const broken: Config = { zones: [], log: { accountKey: 'ABSENT' } }
    for (const path of ['/', '/free/1', '/articles/1', '/__faregate/explain?target=/']) {
      const response = await ask(broken, path)
      expect(response.status, path).toBe(503)
      expect(response.headers.get('retry-after')).not.toBeNull()
      expect(await response.json()).toMatchObject({
        reason: 'misconfigured',
        type: 'urn:faregate:problem:misconfigured',
      })
    }
    const logged = String(error.mock.calls[0]?.[0])
    expect(logged).toContain('expected at least one zone')
    expect(logged).toContain('log.accountKey')
  })
})

describe('a Worker that does not export its Origin', () => {
  it('answers 503 misconfigured, and never content', async () => {
    vi.spyOn(console, 'log').mockImplementation(() => undefined)
    const fetching = vi.spyOn(globalThis, 'fetch')
    // The tests' own Worker exports one; a context without it is what such a Worker has.
    const { Gate } = faregate(good)
    const ctx = Object.create(createExecutionContext(), { exports: { value: {} } }) as ExecutionContext
    const response = await Gate.fetch(new Request('https://news.test/free/1'), {}, ctx)
    expect(response.status).toBe(503)
    expect(fetching).not.toHaveBeenCalled()
  })
})
