import { describe, expect, it } from 'vitest'
import type { Member, Pool } from '../../../src/origin/rules/pool.ts'
import { addressesOf, cookieAtGate, referenceAtGate, textAtGate } from '../../../src/origin/rules/reference.ts'

function poolOf(urls: readonly string[]): Pool {
  const members = urls.map((url): Member => {
    const server = { kind: 'url', url: url.replace(/\/$/, ''), host: new URL(url).host } as const
    return { server, name: url, weight: 1, connectMs: 1, responseMs: 1, maxConcurrent: undefined }
  })
  const health = { failures: 3, ejectMs: 1, maxEjectMs: 1 }
  return { members, choice: 'weight', health, retries: { most: 0, budgetPercent: 0 } }
}

const HOSTS = ['www.news.test', 'news.test', '127.0.0.1']
const AT = 'https://www.news.test/articles/1?a=1'
const SERVERS = [
  'http://127.0.0.1:22088',
  'https://origin.test',
  'http://[fd00::7]:8080',
  'https://deep.test/site/a/',
  'https://www.news.test',
]
const ADDRESSES = addressesOf(poolOf(SERVERS), HOSTS)

/** A reference, and what the client is shown; nothing where it stays as it is. */
const REFERENCES: readonly (readonly [reference: string, shown?: string])[] = [
  ['http://127.0.0.1:22088/x', '/x'],
  ['//127.0.0.1:22088/x', '/x'],
  ['http://127.0.0.1:22088', '/'],
  ['http://127.0.0.1:22088?a=1#b', '/?a=1#b'],
  ['HTTP://127.0.0.1:22088/X?Y', '/X?Y'],
  ['https://127.0.0.1:22088/x', '/x'],
  ['ws://127.0.0.1:22088/x', '/x'],
  ['http:127.0.0.1:22088/x', '/x'],
  ['http:/127.0.0.1:22088/x', '/x'],
  ['http:\\\\127.0.0.1:22088\\x', '/x'],
  ['\\\\127.0.0.1:22088\\x', '/x'],
  ['/\\127.0.0.1:22088/x', '/x'],
  ['\t//127.0.0.1:22088/x', '/x'],
  ['http://user:secret@127.0.0.1:22088/x', '/x'],
  ['http://127.0.0.1:022088/x', '/x'],
  ['http://2130706433:22088/x', '/x'],
  ['http://0x7f.1:22088/x', '/x'],
  ['https://origin.test/x', '/x'],
  ['https://ORIGIN.test/x', '/x'],
  ['https://origin.test./x', '/x'],
  ['https://origin.test:443/x', '/x'],
  ['https://origin.test:/x', '/x'],
  ['https://%6frigin.test/x', '/x'],
  ['http://origin.test/x', '/x'],
  ['http://origin.test:443/x', '/x'],
  ['http://[fd00::7]:8080/x', '/x'],
  ['http://[FD00:0:0:0:0:0:0:7]:8080/x', '/x'],
  ['http://[fd00::7]/x', '/x'],
  ['https://deep.test/site/a/x', '/x'],
  ['https://deep.test/site/a', '/'],
  ['https://deep.test/site/a?b', '/?b'],
  ['https://deep.test/site/away', '/site/away'],
  ['https://deep.test/other', '/other'],
  ['/site/a/x', '/x'],
  ['/site/away'],
  // A path that begins with two slashes would lead to another host.
  ['https://origin.test//elsewhere.test/x', '/.//elsewhere.test/x'],
  ['https://origin.test/\\elsewhere.test/x', '/.//elsewhere.test/x'],
  ['https://deep.test/site/a//elsewhere.test', '/.//elsewhere.test'],
  // What cannot be followed, and names a server, is not shown.
  ['https://origin.test:99999/', ''],
  ['http://[fd00::7', ''],
  // Others' addresses, other services of the same machine, and the gate's own.
  ['https://elsewhere.test/?to=https://origin.test/'],
  ['https://origin.test.elsewhere.test/'],
  ['https://elsewhere.test/origin.test/'],
  ['https://origin.test@elsewhere.test/'],
  ['http://127.0.0.1:22089/x'],
  ['https://origin.test:8443/x'],
  ['http://127.0.0.1/x'],
  ['https://www.news.test/x'],
  ['http://www.news.test/x'],
  ['mailto:someone@origin.test'],
  ['/x'],
  ['x?y'],
  ['?y'],
  ['#z'],
  [''],
]

const ROWS = REFERENCES.map(([reference, shown]) => ({ reference, shown }))

describe('a reference', () => {
  it.each(ROWS)('to $reference is shown as $shown', ({ reference, shown }) => {
    expect(referenceAtGate(reference, AT, ADDRESSES)).toBe(shown)
  })

  it.each(ROWS)('to $reference leads to the gate wherever it is read below it', ({ shown }) => {
    if (shown === undefined || shown === '') return
    const url = new URL(shown, AT)
    expect(url.origin).toBe('https://www.news.test')
    expect(referenceAtGate(shown, AT, ADDRESSES)).toBeUndefined()
  })
})

const TEXTS: readonly (readonly [text: string, shown: string])[] = [
  ['http://127.0.0.1:22088', 'https://www.news.test'],
  [
    "default-src 'self'; img-src https://origin.test/img/ https://cdn.test",
    "default-src 'self'; img-src https://www.news.test/img/ https://cdn.test",
  ],
  ['img-src origin.test *.origin.test data:', 'img-src www.news.test *.origin.test data:'],
  ['connect-src ws://127.0.0.1:22088', 'connect-src wss://www.news.test'],
  [
    '{"group":"a","endpoints":[{"url":"https://origin.test/reports"}]}',
    '{"group":"a","endpoints":[{"url":"https://www.news.test/reports"}]}',
  ],
  ['default="https://deep.test/site/a/reports"', 'default="https://www.news.test/reports"'],
  ['a=//origin.test/x,https://origin.test/y', 'a=//www.news.test/x,https://www.news.test/y'],
  ['Basic realm="http://127.0.0.1:22088/"', 'Basic realm="https://www.news.test/"'],
  ['1.1 origin.test (nginx), 1.1 127.0.0.1:22088', '1.1 www.news.test (nginx), 1.1 www.news.test'],
  ['http://[fd00::7]:8080/x [fd00::7]:8080', 'https://www.news.test/x www.news.test'],
  ['https://elsewhere.test//origin.test/x', 'https://elsewhere.test//origin.test/x'],
  ['someone@origin.test, app://origin.test', 'someone@origin.test, app://origin.test'],
  ['origin.test.elsewhere.test', 'origin.test.elsewhere.test'],
]

describe('a text', () => {
  it.each(TEXTS)('%s is shown as %s', (text, shown) => {
    expect(textAtGate(text, AT, ADDRESSES)).toBe(shown)
    expect(textAtGate(shown, AT, ADDRESSES)).toBe(shown)
  })
})

describe('a cookie', () => {
  it.each([
    ['a=1; Domain=origin.test; Path=/', 'a=1; Path=/'],
    ['a=1; Path=/; domain = .ORIGIN.test', 'a=1; Path=/'],
    ['a=1; Domain=127.0.0.1', 'a=1'],
    ['a=1; Domain=test', 'a=1; Domain=test'],
    ['a=1; Domain=news.test; Secure', 'a=1; Domain=news.test; Secure'],
    ['a=1; Domain=elsewhere.test', 'a=1; Domain=elsewhere.test'],
    ['origin.test=1; Path=/', 'origin.test=1; Path=/'],
  ])('%s is shown as %s', (cookie, shown) => {
    expect(cookieAtGate(cookie, AT, ADDRESSES)).toBe(shown)
  })
})
