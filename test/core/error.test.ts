import { describe, expect, it } from 'vitest'
import { loggableAddress, causeOf, withoutSecrets } from '../../src/core/error.ts'

describe('what the log says of a URL', () => {
  it.each([
    ['https://billing.test/usage', 'https://billing.test/usage'],
    ['https://billing.test', 'https://billing.test/'],
    ['https://ann:sesame@billing.test:8443/usage', 'https://billing.test:8443/usage'],
    ['https://billing.test/usage?key=sesame#sesame', 'https://billing.test/usage'],
  ])('holds no password and no query: %s', (url, said) => expect(loggableAddress(url)).toBe(said))

  it('holds neither where a failure names the URL', () => {
    const url = 'https://ann:sesame@billing.test/keys?key=sesame'
    const message = `Request cannot be constructed from a URL that includes credentials: ${url}`
    expect(withoutSecrets(message, url)).not.toContain('sesame')
    expect(withoutSecrets('status 500', url)).toBe('status 500')
  })
})

describe('the cause of a failure', () => {
  it.each([
    [new TypeError('connect ECONNREFUSED sesame'), 'TypeError: connection refused'],
    [new Error('Network connection lost. sesame'), 'Error: connection lost'],
    [new DOMException('sesame took too long', 'TimeoutError'), 'TimeoutError: no answer in time'],
    [new Error('sesame'), 'Error'],
    ['sesame', 'unknown'],
  ])('is told in words of ours: %s', (error, cause) => expect(causeOf(error)).toBe(cause))
})
