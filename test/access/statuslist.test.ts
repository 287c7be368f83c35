import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isAllowedUri, STATUS_BITS, statusAt, valueAt } from '../../src/access/statuslist.ts'

describe('the statuses in a list', () => {
  it('are packed from the least significant bit on, whatever they are and however many bits each has', () => {
    const list = fc.record({
      bits: fc.constantFrom(...STATUS_BITS),
      bytes: fc.uint8Array({ minLength: 1, maxLength: 40 }),
    })
    fc.assert(
      fc.property(list, ({ bits, bytes }) => {
        // All of it as one number, of which the first status is the lowest digit.
        const whole = bytes.reduceRight((sum, byte) => sum * 256n + BigInt(byte), 0n)
        const count = (bytes.length * 8) / bits
        for (let idx = 0; idx < count; idx++) {
          expect(valueAt({ bits, bytes }, idx)).toBe(Number((whole >> BigInt(idx * bits)) % (1n << BigInt(bits))))
        }
        for (const beyond of [count, count + 1, 2 ** 32, 2 ** 32 + 1, Number.MAX_SAFE_INTEGER])
          expect(valueAt({ bits, bytes }, beyond)).toBeUndefined()
      }),
    )
  })

  it('mean valid, invalid or suspended, and whatever else is no good word', () => {
    const bytes = Uint8Array.from({ length: 256 }, (_, value) => value)
    const meanings = Array.from(bytes, (idx) => statusAt({ bits: 8, bytes }, idx))
    expect(meanings.slice(0, 3)).toEqual(['valid', 'invalid', 'suspended'])
    expect(new Set(meanings.slice(3))).toEqual(new Set(['invalid']))
    expect(statusAt({ bits: 8, bytes }, 256)).toBeUndefined()
    expect(statusAt({ bits: 1, bytes: new Uint8Array() }, 0)).toBeUndefined()
  })
})

const HOST = 'https://billing.example'
const ALLOW = [`${HOST}/status/*`, `${HOST}/lists/one.jwt?v=%41`, 'http://127.0.0.1:8789/status/*']

describe('an allow-list', () => {
  const allowed = [
    `${HOST}/status/1`,
    `${HOST}/status/`,
    `${HOST}/status/a/b-c_d.e~f/2.jwt`,
    `${HOST}/status/..a`,
    `${HOST}/status/...`,
    `${HOST}/lists/one.jwt?v=%41`,
    'http://127.0.0.1:8789/status/1',
  ]
  it.each(allowed)('lets %s pass', (uri) => expect(isAllowedUri(uri, ALLOW)).toBe(true))

  const escapes = [
    `${HOST}/status`,
    `${HOST}/statuses/1`,
    `${HOST}/status/../keys`,
    `${HOST}/status/a/../../keys`,
    `${HOST}/status/.`,
    `${HOST}/status/..`,
    `${HOST}/status/%2e%2e/keys`,
    `${HOST}/status/%2E./keys`,
    `${HOST}/status/..%2fkeys`,
    `${HOST}/status/%2e%2e%2fkeys`,
    `${HOST}/status/%252e%252e%252fkeys`,
    `${HOST}/status/..\\keys`,
    `${HOST}/status/..;/keys`,
    `${HOST}/status/1?to=2`,
    `${HOST}/status/1#2`,
    `${HOST}/status/1 `,
    ` ${HOST}/status/1`,
    `${HOST}/status/1\n`,
    `${HOST}/st\tatus/1`,
    `${HOST}/status/é`,
    `${HOST}/status/\ud800`,
    `${HOST}/STATUS/1`,
    `${HOST}/lists/one.jwt?v=A`,
    `${HOST}/lists/one.jwt?v=%41#x`,
    `${HOST}/lists/two.jwt`,
    `${HOST}:443/status/1`,
    `${HOST}:8443/status/1`,
    `${HOST}./status/1`,
    `${HOST}.evil.example/status/1`,
    `${HOST}@evil.example/status/1`,
    'https://evil.example@billing.example/status/1',
    'https://billing.example\\@evil.example/status/1',
    'https:/billing.example/status/1',
    'https:billing.example/status/1',
    'HTTPS://billing.example/status/1',
    'https://BILLING.example/status/1',
    'http://billing.example/status/1',
    'http://127.0.0.1/status/1',
    'http://127.1:8789/status/1',
    'http://localhost:8789/status/1',
    '//billing.example/status/1',
    '/status/1',
    'data:,x',
    '',
    '*',
  ]
  it.each(escapes)('stops %j', (uri) => expect(isAllowedUri(uri, ALLOW)).toBe(false))

  it('lets nothing pass that a URL parser would take elsewhere', () => {
    const piece = fc.constantFrom(
      '..',
      '.',
      '/',
      '%2f',
      '%2e',
      '@',
      ':',
      '\\',
      '?',
      '#',
      'a',
      '1',
      ';',
      '%',
      '\t',
      '//',
    )
    const rest = fc.array(piece, { maxLength: 8 }).map((pieces) => pieces.join(''))
    fc.assert(
      fc.property(rest, (end) => {
        const uri = `${HOST}/status/${end}`
        if (!isAllowedUri(uri, ALLOW)) return
        const { href, origin, pathname, search, hash } = new URL(uri)
        expect([href, origin, search, hash]).toEqual([uri, HOST, '', ''])
        expect(decodeURIComponent(pathname)).toBe(pathname)
        expect(pathname.startsWith('/status/')).toBe(true)
        expect(pathname.split('/')).not.toContain('..')
      }),
      { numRuns: 2000 },
    )
  })
})
