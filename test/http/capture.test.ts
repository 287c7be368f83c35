import { describe, expect, it } from 'vitest'
import { capture } from '../../src/http/capture.ts'

/** What is captured of a request for this URL, with this `Host`. */
function captured(url: string, host?: string): string {
  const request = new Request(url, host === undefined ? {} : { headers: { host } })
  const { ambiguity, scheme, origin, target } = capture(request, 0)
  return ambiguity?.reason ?? `${scheme} ${origin} ${target.path} ${target.query}`
}

describe('what is captured', () => {
  const requests: [url: string, host: string | undefined, found: string][] = [
    ['http://a.test/x?y=1', 'a.test', 'http http://a.test /x ?y=1'],
    ['http://a.test/', 'a.test', 'http http://a.test / '],
    ['http://a.test/x/y', 'a.test', 'http http://a.test /x/y '],
    ['http://a.test/x?y=?/', 'a.test', 'http http://a.test /x ?y=?/'],
    ['http://a.test/x#y', 'a.test', 'host-unknown'],
    ['http://a.test/x', 'a.test/z', 'host-unknown'],
    ['http://a.test/x', undefined, 'http http://a.test /x '],
    ['https://a.test/x', 'a.test', 'https https://a.test /x '],
    ['http://a.test.evil.test/x', 'a.test.evil.test', 'http http://a.test.evil.test /x '],
    ['http://a.test:8080/x', 'a.test:8080', 'http http://a.test:8080 /x '],
    ['http://a.test/X%2e%2e', 'a.test', 'http http://a.test /X.. '],
  ]

  it.each(requests)('of %s with Host %s is the same, whatever was captured before', (url, host, found) => {
    for (const [before, itsHost] of requests) {
      captured(before, itsHost)
      expect(captured(url, host), `after ${before}`).toBe(found)
      expect(captured(url, host)).toBe(found)
    }
  })
})
