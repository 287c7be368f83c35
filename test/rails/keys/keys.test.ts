import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createSite, GENERATIONS, type Isolate, ISSUER, makeKeyAt, OTHER_ISSUER } from './site.ts'

const NOW = new Date('2026-11-28T12:00:00Z')
const HOUR = 3_600_000
const DAY = 24 * HOUR
/** The revocation bound. */
const BOUND = 5000

beforeEach(() => {
  vi.useFakeTimers({ now: NOW, toFake: ['Date'] })
})
afterEach(() => void vi.useRealTimers())

const later = (ms: number): unknown => vi.setSystemTime(Date.now() + ms)

const REFUSED = (reason: string, check?: string) => ({ status: 402, json: { reason, ...(check && {}) } })

/** Where a client may put a key. */
const CARRIERS: Readonly<Record<string, (key: string) => Record<string, string>>> = {
  'a bearer token': (key) => ({ authorization: `Bearer ${key}` }),
  'X-Api-Key': (key) => ({ 'x-api-key': key }),
  'X-Goog-Api-Key': (key) => ({ 'x-goog-api-key': key }),
  'Api-Key': (key) => ({ 'api-key': key }),
  'a password': (key) => ({ authorization: `Basic ${btoa(`user:${key}`)}` }),
  'a user name': (key) => ({ authorization: `Basic ${btoa(`${key}:`)}` }),
  'a scheme of the operator': (key) => ({ authorization: `Token ${key}` }),
  'a cookie of the operator': (key) => ({ cookie: `a=1; session=${key}` }),
}
const carriers = Object.entries(CARRIERS)

describe('an API key', () => {
  it.each(carriers)('opens what its record says, from %s, and does not reach the origin', async (_name, carry) => {
    const isolate = createSite().isolate()
    const { key } = await makeKeyAt(isolate)
    expect(await isolate.ask('/paid', carry(key))).toMatchObject({ status: 200 })
    expect(await isolate.ask('/api', carry(key))).toMatchObject(REFUSED('entitlement-insufficient'))
    // On a free route with a copy for everyone nobody reads credentials, and they are stripped all the same.
    expect(await isolate.ask('/free', { ...carry(key), 'faregate-tag': 'x' })).toMatchObject({ status: 200 })
    const sent = isolate.received.flatMap(({ url, headers }) => [
      url,
      ...Array.from(headers, (pair) => pair.join(': ')),
    ])
    expect(isolate.received).toHaveLength(2)
    expect(sent.join('\n')).not.toMatch(/fg_|Zmdf|faregate-tag/)
  })

  it('leaves the keys of other services to the origin', async () => {
    const isolate = createSite().isolate()
    const others = { 'x-api-key': 'sk-other', 'api-key': 'a, b', authorization: `Basic ${btoa('admin:secret')}` }
    expect(await isolate.ask('/free', others)).toMatchObject({ status: 200 })
    expect(Object.fromEntries(isolate.received[0]?.headers ?? [])).toMatchObject(others)
    expect(await isolate.ask('/paid', others)).toMatchObject(REFUSED('payment-required'))
  })

  it('is one key and nothing else', async () => {
    const isolate = createSite().isolate()
    const { key } = await makeKeyAt(isolate)
    expect(await isolate.ask('/paid', { 'x-api-key': `${key}, ${key}` })).toMatchObject(REFUSED('credential-ambiguous'))
    expect(await isolate.ask('/paid', { 'x-api-key': `Bearer ${key}` })).toMatchObject(REFUSED('credential-ambiguous'))
    expect(await isolate.ask('/paid', { 'x-api-key': 'fg_x' })).toMatchObject(REFUSED('credential-malformed'))
  })

  it('in Basic authorises nothing from another site, and no unsafe method by itself', async () => {
    const isolate = createSite().isolate()
    const { key } = await makeKeyAt(isolate)
    const basic = CARRIERS['a password']?.(key) ?? {}
    const foreign = { ...basic, 'sec-fetch-site': 'cross-site' }
    expect(await isolate.ask('/metered', foreign)).toMatchObject(REFUSED('payment-required'))
    expect(await isolate.ask('/paid', basic, { method: 'POST' })).toMatchObject(REFUSED('payment-required'))
    expect(await isolate.ask('/metered', basic)).toMatchObject({ status: 200 })
  })

  it('makes no call once it is remembered, on a route that counts nothing', async () => {
    const { isolate, ledgers } = createSite()
    const { ask, withKey, ...one } = isolate()
    const { key } = await makeKeyAt({ ask, withKey, ...one })
    expect(await withKey(key)).toMatchObject({ status: 200 })
    ledgers.calls = 0
    for (let at = 0; at < 20; at++) {
      later(2000)
      expect(await withKey(key)).toMatchObject({ status: 200 })
    }
    expect(ledgers.calls).toBe(0)
    later(DAY)
    expect(await withKey(key)).toMatchObject({ status: 200 })
    expect(ledgers.calls).toBe(1)
  })

  it('of another zone, of another gate or of an issuer that is gone is invalid, and asks nobody', async () => {
    const { isolate, ledgers } = createSite()
    const { key } = await makeKeyAt(isolate())
    ledgers.calls = 0
    const others: [Isolate, string][] = [
      [isolate({ id: 'b' }), 'The API key is not one of this site.'],
      [isolate({ gate: 'GATE_2' }), 'The API key is not one of this site.'],
      [isolate({ gate: [GENERATIONS[0]] }), 'The API key was made under a secret that is not in use.'],
      [isolate({ issuers: [OTHER_ISSUER] }), "The API key's account is of an issuer that this site does not trust."],
    ]
    for (const [one, detail] of others)
      expect(await one.withKey(key)).toMatchObject({ status: 402, json: { reason: 'credential-invalid', detail } })
    expect(ledgers.calls).toBe(0)
    expect(await isolate({ issuers: [OTHER_ISSUER, ISSUER] }).withKey(key)).toMatchObject({ status: 200 })
  })

  it('that no ledger knows is invalid, and is asked about once in the bound', async () => {
    const { isolate, ledgers } = createSite()
    const one = isolate()
    const { key, id } = await makeKeyAt(one)
    await one.order({ action: 'remove', account: 'ann', id })
    ledgers.calls = 0
    for (let at = 0; at < 5; at++) expect(await one.withKey(key)).toMatchObject(REFUSED('credential-invalid'))
    expect(ledgers.calls).toBe(1)
    later(BOUND)
    await one.withKey(key)
    expect(ledgers.calls).toBe(2)
  })

  it('is not judged while its ledger is away, and a remembered one is served', async () => {
    const { isolate, ledgers } = createSite()
    const [one, other] = [isolate(), isolate()]
    const { key } = await makeKeyAt(one)
    expect(await one.withKey(key)).toMatchObject({ status: 200 })
    ledgers.isUp = false
    expect(await one.withKey(key)).toMatchObject({ status: 200 })
    expect(await other.withKey(key)).toMatchObject({ status: 503, json: { reason: 'ledger-unavailable' } })
    ledgers.isUp = true
    expect(await other.withKey(key)).toMatchObject({ status: 200 })
  })

  it('ends when its record says, and not before', async () => {
    const isolate = createSite().isolate()
    const { key } = await makeKeyAt(isolate, { expires: '2026-11-28T13:00:00Z' })
    expect(await isolate.withKey(key)).toMatchObject({ status: 200 })
    later(HOUR - 1)
    expect(await isolate.withKey(key)).toMatchObject({ status: 200 })
    later(1)
    expect(await isolate.withKey(key)).toMatchObject(REFUSED('credential-expired'))
  })

  it('has no end if its record has none', async () => {
    const isolate = createSite().isolate()
    const { key } = await makeKeyAt(isolate)
    later(5000 * DAY)
    expect(await isolate.withKey(key)).toMatchObject({ status: 200 })
  })

  it('is void with a hold of its account, in every isolate within the bound', async () => {
    const { isolate } = createSite()
    const [one, other] = [isolate(), isolate()]
    const { key } = await makeKeyAt(one)
    expect(await other.withKey(key)).toMatchObject({ status: 200 })
    await one.order({ account: 'ann' }, 'hold', 'hold')
    expect(await one.withKey(key)).toMatchObject(REFUSED('security-hold'))
    later(BOUND)
    expect(await other.withKey(key)).toMatchObject(REFUSED('security-hold'))
    expect(await isolate().withKey(key)).toMatchObject(REFUSED('security-hold'))
    await one.order({ account: 'ann', lift: true }, 'hold', 'hold')
    later(BOUND)
    expect(await other.withKey(key)).toMatchObject({ status: 200 })
  })

  it('was void for a day in an isolate that had first read it during a hold, after the hold was lifted', async () => {
    const { isolate } = createSite()
    const [one, other] = [isolate(), isolate()]
    const { key } = await makeKeyAt(one)
    await one.order({ account: 'ann' }, 'hold', 'hold')
    expect(await other.withKey(key)).toMatchObject(REFUSED('security-hold'))
    later(BOUND)
    await one.order({ account: 'ann', lift: true }, 'hold', 'hold')
    later(BOUND)
    expect(await other.withKey(key)).toMatchObject({ status: 200 })
  })

  it('is shown by explain without what is secret in it', async () => {
    const isolate = createSite().isolate()
    const { key, id } = await makeKeyAt(isolate)
    const shown = await isolate.ask('/__faregate/explain?target=/paid', { authorization: `Bearer ${key}` })
    expect(shown).toMatchObject({ status: 200, json: { decision: { action: 'serve' } } })
    expect(shown.text).toContain(id)
    expect(shown.text).not.toContain(key.slice(0, 12))
  })

  it('stands in no line of the log', async () => {
    const { isolate, lines } = createSite()
    const { key } = await makeKeyAt(isolate())
    await isolate().withKey(key)
    expect(JSON.stringify(lines)).not.toContain('fg_')
  })
})

describe('a tag', () => {
  it('is refused if it is malformed, and never reaches the origin', async () => {
    const isolate = createSite().isolate()
    const { key } = await makeKeyAt(isolate)
    for (const tag of ['a b', 'x'.repeat(65), 'é', 'a,b'])
      expect(await isolate.withKey(key, '/paid', { 'faregate-tag': tag })).toMatchObject({ status: 400 })
    expect(await isolate.withKey(key, '/paid', { 'faregate-tag': 'team/search:1' })).toMatchObject({ status: 200 })
    expect(isolate.received[0]?.headers.get('faregate-tag')).toBeNull()
  })
})

describe('invented keys', () => {
  it('make no call, and push nothing out', async () => {
    const { isolate, ledgers } = createSite()
    const one = isolate()
    const { key } = await makeKeyAt(one)
    await one.withKey(key)
    ledgers.calls = 0
    for (let at = 0; at < 500; at++) {
      const invented = `${key.slice(0, 40)}${String(at).padStart(5, '0')}${key.slice(45)}`
      expect(await one.withKey(invented)).toMatchObject(REFUSED('credential-invalid'))
    }
    expect(await one.withKey(key)).toMatchObject({ status: 200 })
    expect(ledgers.calls).toBe(0)
  })
})

it.each([
  ['a URL that a client repeats', 'referer', 'https://a.test/x?a=1&key=KEY', 'https://a.test/x?a=1&key='],
  ['such a URL with escapes', 'referer', 'https://a.test/x?a=%20&key=KEY', 'https://a.test/x?a=%20&key='],
  ['a URL that hides it in escapes', 'referer', 'https://a.test/x?key=%66KEY', ''],
  ['another cookie', 'cookie', 'a=1; other=KEY; b=2', 'a=1; other=; b=2'],
  ['a field of no place', 'x-auth-token', 'KEY', ''],
])('the origin was told a key in %s', async (_what, field, sent, received) => {
  const one = createSite().isolate()
  const { key } = await makeKeyAt(one)
  await one.ask('/free', { [field]: sent.replace('%66KEY', `%66${key.slice(1)}`).replace('KEY', key) })
  expect(one.received[0]?.headers.get(field)).toBe(received)
})

it('the origin was told a key that came as a user name with a password', async () => {
  const one = createSite().isolate()
  const { key } = await makeKeyAt(one)
  const basic = (pair: string) => ({ authorization: `Basic ${btoa(pair)}` })
  await one.ask('/free', basic(`${key}:x`))
  await one.ask('/free', basic('origin:its-own'))
  expect(one.received.map(({ headers }) => headers.get('authorization'))).toEqual([
    null,
    basic('origin:its-own').authorization,
  ])
})
