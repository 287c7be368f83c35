import { describe, expect, it } from 'vitest'
import { namedIdentity, publicUrl } from '../../../src/rails/crawl/rules/agent.ts'
import { agentKeysIn, freshMs, keyInUse, keysOfMetadata } from '../../../src/rails/crawl/rules/keys.ts'
import { lacksToCharge, offeredPrice, underpaid } from '../../../src/rails/crawl/rules/prices.ts'
import { readSignatures } from '../../../src/rails/crawl/rules/signatures.ts'
import { HOSTILE_URLS } from './hostileurls.ts'
import vectors from './vectors.json' with { type: 'json' }

const KEYID = 'poqkLGiymh_W0uP6PZFw-dvez3QJT5SolqXBCW38r0U'
const BYTES = ':jdq0SqOwHdyHr9+r5jw3iYZH6aNGKijYp/EstF4RQTQdi5N5YYKrD+mCT1HA1nZDsi6nJKuHxUi/5Syp3rLWBA==:'

interface Sent {
  readonly covered?: string
  readonly parameters?: string
  readonly agent?: string
  readonly signature?: string
}

const read = ({
  covered = '"@authority" "signature-agent";key="a"',
  parameters = `;created=1;expires=2;keyid="${KEYID}";tag="web-bot-auth"`,
  agent = 'a="https://bot.example"',
  signature = `s=${BYTES}`,
}: Sent) =>
  readSignatures(new Headers({ 'signature-input': `s=(${covered})${parameters}`, signature, 'signature-agent': agent }))

const placeOf = (sent: Sent) => {
  const found = read(sent)
  return found?.ok === true ? found.value[0]?.agent : found
}

describe('readSignatures()', () => {
  it('finds nothing in a request without a signature of this kind', () => {
    expect(readSignatures(new Headers())).toBeUndefined()
    expect(read({ parameters: `;created=1;expires=2;keyid="${KEYID}";tag="other"` })).toBeUndefined()
    expect(readSignatures(new Headers({ signature: `s=${BYTES}` }))).toBeUndefined()
  })

  it.each<[string, Sent]>([
    ['no component of the authority', { covered: '"@path" "signature-agent";key="a"' }],
    ['an authority with a parameter', { covered: '"@authority";req "signature-agent";key="a"' }],
    ['the member of another', { covered: '"@authority"' }],
    ['the whole field in place of its member', { covered: '"@authority" "signature-agent"' }],
    ['a component twice', { covered: '"@authority" "@authority" "signature-agent";key="a"' }],
    ['a name in upper case', { covered: '"@Authority" "signature-agent";key="a"' }],
    ['33 components', { covered: Array.from({ length: 33 }, (_, at) => `"x-${at}"`).join(' ') }],
    ['a keyid that is no thumbprint', { parameters: ';created=1;expires=2;keyid="me";tag="web-bot-auth"' }],
    ['no keyid', { parameters: ';created=1;expires=2;tag="web-bot-auth"' }],
    ['no time of expiry', { parameters: `;created=1;keyid="${KEYID}";tag="web-bot-auth"` }],
    ['a time with a fraction', { parameters: `;created=1.5;expires=2;keyid="${KEYID}";tag="web-bot-auth"` }],
    ['HMAC', { parameters: `;created=1;expires=2;keyid="${KEYID}";alg="hmac-sha256";tag="web-bot-auth"` }],
    ['no bytes', { signature: 's="x"' }],
    ['bytes of another label', { signature: `t=${BYTES}` }],
    ['bytes with bits to spare', { signature: `s=${BYTES.replace('BA==', 'BB==')}` }],
    ['bytes without their padding', { signature: `s=${BYTES.replace('==', '')}` }],
    ['a field that is no dictionary', { signature: ',' }],
    ['more than 8 KB', { signature: `s=${BYTES}, t="${'x'.repeat(8192)}"` }],
  ])('is an error for %s', (_what, sent) => {
    expect(read(sent)).toMatchObject({ ok: false })
  })

  it.each<[string, Sent, unknown]>([
    ['a member', {}, { discovery: 'directory', identity: 'https://bot.example' }],
    ['an origin with its slash', { agent: 'a="https://bot.example/"' }, { identity: 'https://bot.example' }],
    ['a type named', { agent: 'a="https://bot.example";type=directory' }, { identity: 'https://bot.example' }],
    [
      'a key set',
      { agent: 'a="https://bot.example/keys.json";type=jwks_uri' },
      { discovery: 'jwks_uri', identity: 'https://bot.example/keys.json', url: 'https://bot.example/keys.json' },
    ],
    ['metadata', { agent: 'a="https://bot.example/card";type=cimd' }, { discovery: 'cimd' }],
    ['a type unknown', { agent: 'a="https://bot.example";type=dns' }, undefined],
    ['a type that is a string', { agent: 'a="https://bot.example";type="directory"' }, undefined],
    ['a directory with a path', { agent: 'a="https://bot.example/x"' }, undefined],
    ['a member of another name', { agent: 'b="https://bot.example"' }, undefined],
    ['a list', { agent: 'a=("https://bot.example")' }, undefined],
    [
      'the older form',
      { covered: '"@authority" "signature-agent"', agent: '"https://bot.example"' },
      { identity: 'https://bot.example' },
    ],
  ])('finds the place of the keys: %s', (_what, sent, place) => {
    if (place === undefined) expect(placeOf(sent)).toBeUndefined()
    else expect(placeOf(sent)).toMatchObject(place as object)
  })

  it('reads four signatures of a request at most', () => {
    const labels = ['a', 'b', 'c', 'd', 'e']
    const terms = `;created=1;expires=2;keyid="${KEYID}";tag="web-bot-auth"`
    const found = readSignatures(
      new Headers({
        'signature-input': labels
          .map((label) => `${label}=("@authority" "signature-agent";key="a")${terms}`)
          .join(', '),
        signature: labels.map((label) => `${label}=${BYTES}`).join(', '),
        'signature-agent': 'a="https://bot.example"',
      }),
    )
    expect(found?.ok === true && found.value.length).toBe(4)
  })
})

describe('publicUrl()', () => {
  it.each(HOSTILE_URLS)('fetches nothing from %s', (url) => {
    expect(publicUrl(url)).toBeUndefined()
    expect(namedIdentity(url)).toBeUndefined()
    const place = placeOf({ agent: `a="${url.replaceAll(/[^\x20-\x7e]|["\\]/g, '')}"` })
    expect(place === undefined || ('ok' in place && !place.ok)).toBe(true)
  })

  it('names an agent as its signature does', () => {
    expect(['https://bot.example', 'https://bot.example/', 'https://bot.example/keys.json'].map(namedIdentity)).toEqual(
      ['https://bot.example', 'https://bot.example', 'https://bot.example/keys.json'],
    )
  })
})

describe('agentKeysIn()', () => {
  const { ed25519: ed, 'rsa-pss': rsa } = vectors.keys

  it('names keys by their thumbprints, whatever the directory says', () => {
    expect([...(agentKeysIn({ keys: [{ ...ed, kid: 'x' }, rsa] })?.keys() ?? [])]).toEqual([
      KEYID,
      'oD0HwocPBSfpNy5W3bpJeyFGY_IQ_YpqxSjQ3Yd-CLA',
    ])
  })

  it.each<[string, object]>([
    ['a shared secret', { kty: 'oct', k: 'AAAA' }],
    ['a private key', { ...ed, d: 'AAAA' }],
    ['a key for encryption', { ...ed, use: 'enc' }],
    ['another curve', { kty: 'OKP', crv: 'X25519', x: ed.x }],
    ['a short modulus', { ...rsa, n: rsa.n.slice(0, 170) }],
    ['no object', []],
  ])('passes over %s', (_what, key) => {
    expect(agentKeysIn({ keys: [key] })?.size).toBe(0)
  })

  it('takes 32 keys, and no set with more', () => {
    expect(agentKeysIn({ keys: Array.from({ length: 32 }, () => ed) })?.size).toBe(1)
    expect(agentKeysIn({ keys: Array.from({ length: 33 }, () => ed) })).toBeUndefined()
    expect(agentKeysIn([ed])).toBeUndefined()
  })

  it('uses a key within the times that it states', () => {
    const keys = agentKeysIn({ keys: [{ ...ed, nbf: 10, exp: 20 }] }) ?? new Map()
    expect([9_999, 10_000, 19_999, 20_000].map((now) => keyInUse(keys, KEYID, now) !== undefined)).toEqual([
      false,
      true,
      true,
      false,
    ])
  })

  it('finds keys of metadata in it, or by its URL', () => {
    expect(keysOfMetadata({ jwks: { keys: [ed] } })).toMatchObject({
      keys: new Map([[KEYID, { algorithm: 'ed25519' }]]),
    })
    expect(keysOfMetadata({ jwks_uri: 'https://bot.example/keys' })).toEqual({ url: 'https://bot.example/keys' })
    expect(keysOfMetadata({ client_id: 'https://bot.example/card' })).toBeUndefined()
  })
})

it.each([
  [null, 3600],
  ['max-age=600', 600],
  ['max-age=1', 60],
  ['max-age=9999999', 86_400],
  ['no-store', 60],
  ['max-age=nonsense', 60],
])('a directory with Cache-Control %s is fresh for %d seconds', (field, seconds) => {
  expect(freshMs(field)).toBe(seconds * 1000)
})

describe('the price of a page', () => {
  const USD75 = { units: 750_000_000n, currency: 'USD' }

  it.each<[Record<string, string>, string | undefined]>([
    [{ 'crawler-exact-price': 'USD 0.75' }, undefined],
    [{ 'crawler-exact-price': 'USD 0.750' }, undefined],
    [{ 'crawler-exact-price': 'USD 0.74' }, 'InvalidCrawlerExactPrice'],
    [{ 'crawler-exact-price': 'USD 1' }, 'InvalidCrawlerExactPrice'],
    [{ 'crawler-exact-price': 'EUR 0.75' }, 'InvalidCrawlerExactPrice'],
    [{ 'crawler-max-price': 'USD 1.00' }, undefined],
    [{ 'crawler-max-price': 'USD 0.75' }, undefined],
    [{ 'crawler-max-price': 'USD 0.749999999' }, 'InvalidCrawlerMaxPrice'],
    [{ 'crawler-max-price': 'EUR 1.00' }, 'InvalidCrawlerMaxPrice'],
    [{ 'crawler-max-price': 'USD 1', 'crawler-exact-price': 'USD 1' }, 'ConflictingPriceHeaders'],
    ...['', '0.75', 'USD', 'usd 0.75', 'USD  0.75', 'USD 0,75', 'USD -1', 'USD 1e3', 'USD .5', 'USD 1, USD 2'].map(
      (value): [Record<string, string>, string] => [{ 'crawler-exact-price': value }, 'InvalidCrawlerPriceValue'],
    ),
  ])('%j: %s', (fields, error) => {
    const offered = offeredPrice(new Headers(fields))
    expect(offered?.ok === true ? underpaid(offered.value, USD75) : offered?.error).toBe(error)
  })

  it('nothing is offered without a price field', () => {
    expect(offeredPrice(new Headers({ 'crawler-price': 'USD 0.75' }))).toBeUndefined()
  })

  it('a signature pays that covers method, target and price, and is five minutes old at most', () => {
    const offered = { field: 'crawler-max-price', price: USD75 } as const
    const all = ['@method', '@target-uri', 'crawler-max-price'].map((name) => [name, new Map()] as const)
    const lacks = (components: typeof all, ageSeconds = 0) =>
      lacksToCharge({ components, created: 1000 }, offered, (1000 + ageSeconds) * 1000)
    expect(lacks(all, 300)).toBeUndefined()
    expect(lacks(all, 301)).toContain('five minutes')
    for (const [at, [name]] of all.entries()) {
      expect(lacks(all.toSpliced(at, 1))).toContain(name)
      expect(lacks(all.with(at, [name, new Map([['req', true]]) as never]))).toContain(name)
    }
    expect(lacks([['@authority', new Map()] as const, ...all.slice(2)])).toContain('@method')
  })
})
