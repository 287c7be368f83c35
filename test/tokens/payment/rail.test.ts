import { beforeAll, describe, expect, it } from 'vitest'
import { readCredentials } from '../../../src/rails/carried.ts'
import { bearer, receipt } from '../../../src/index.ts'
import { capture } from '../../../src/http/capture.ts'
import { forward } from '../../../src/content/forward.ts'
import { cachePartitionOf } from '../../../src/cache/rules/key.ts'
import { decide } from '../../../src/access/decide.ts'
import { present } from '../../../src/standing/present.ts'
import { match } from '../../../src/access/route.ts'
import { sign } from '../../support/issuer.ts'
import { claims, goodToken, makeParties, NEWS, NOW, type Parties } from '../hostile/parties.ts'
import { createGate, type Gate, receiptToken, request, type Sending, verdictOf } from './gate.ts'

let parties: Parties
let gate: Gate
let premium: string
let basic: string
let paid: string
let poor: string
let expired: string

beforeAll(async () => {
  parties = await makeParties()
  gate = createGate(parties)
  premium = await goodToken(parties)
  basic = await goodToken(parties, { entitlements: ['basic'] })
  paid = await receiptToken(parties)
  poor = await receiptToken(parties, { amount: '0.01' })
  expired = await goodToken(parties, { iat: NOW - 600, exp: NOW - 300 })
})

const asked = async (sending: Sending): Promise<string> => verdictOf(await gate.judge(request(sending)))

describe('a receipt comes', () => {
  it('in Authorization or in Faregate-Receipt', async () => {
    expect(await asked({ bearer: paid })).toBe('served')
    expect(await asked({ receipt: paid })).toBe('served')
    expect(await asked({})).toBe('payment-required')
  })

  it.each([
    ['two fields', (token: string) => [token, token], 'credential-ambiguous'],
    ['a list', (token: string) => [`${token},x`], 'credential-ambiguous'],
    ['two words', (token: string) => [`${token} x`], 'credential-malformed'],
    ['a scheme before it', (token: string) => [`Bearer ${token}`], 'credential-malformed'],
    ['nothing', () => [''], 'credential-malformed'],
    ['padding', (token: string) => [`${token}=`], 'credential-malformed'],
    ['quotes', (token: string) => [`"${token}"`], 'credential-malformed'],
    ['half of it', (token: string) => [token.slice(0, 100)], 'credential-malformed'],
    ['more than eight kilobytes', () => ['x'.repeat(8193)], 'credential-malformed'],
  ])('but not as %s', async (_name, values, reason) => {
    const fields = values(paid).map((value) => ['faregate-receipt', value] as const)
    expect(await asked({ fields })).toBe(reason)
  })

  it('once: two receipts are ambiguous, wherever they are', async () => {
    expect(await asked({ bearer: paid, receipt: paid })).toBe('credential-ambiguous')
    expect(await asked({ bearer: paid, receipt: poor })).toBe('credential-ambiguous')
  })

  it('not over plain http, but on the machine itself', async () => {
    for (const credential of [{ receipt: paid }, { bearer: paid }]) {
      const exposed = await gate.judge(request({ ...credential, base: 'http://news.example' }))
      expect(exposed).toMatchObject({ refusal: { reason: 'credential-invalid', check: 'transport' } })
      expect(await asked({ ...credential, base: 'http://localhost:8787' })).toBe('served')
    }
  })
})

describe('an entitlement and a receipt together', () => {
  const cases: [name: string, sending: () => Sending, outcome: string][] = [
    ['the entitlement where it covers', () => ({ path: '/paid/1', bearer: premium, receipt: paid }), 'entitlement'],
    [
      'the entitlement where both would do',
      () => ({ path: '/both/1', bearer: premium, receipt: anyPath() }),
      'entitlement',
    ],
    [
      'the entitlement, though the receipt is bad',
      () => ({ path: '/both/1', bearer: premium, receipt: 'x' }),
      'entitlement',
    ],
    [
      'the receipt where the entitlement does not cover',
      () => ({ path: '/both/1', bearer: basic, receipt: anyPath() }),
      'receipt',
    ],
    ['the receipt rather than credit', () => ({ bearer: premium, receipt: paid }), 'receipt'],
    ['the receipt beside an expired entitlement', () => ({ bearer: expired, receipt: paid }), 'receipt'],
    ['the receipt beside a broken entitlement', () => ({ bearer: 'x.y.z', receipt: paid }), 'receipt'],
    ['the receipt in Authorization beside a cookie', () => ({ bearer: paid, fields: cookie(basic) }), 'receipt'],
    [
      'the entitlement in a cookie beside a receipt',
      () => ({ path: '/both/1', bearer: anyPath(), fields: cookie(premium) }),
      'entitlement',
    ],
    ['neither: the receipt is short', () => ({ bearer: basic, receipt: poor }), 'payment-insufficient'],
    ['neither: the receipt is bad', () => ({ path: '/both/1', bearer: basic, receipt: 'x' }), 'credential-malformed'],
    [
      'neither, where no receipt would open it',
      () => ({ path: '/paid/1', bearer: basic, receipt: paid }),
      'entitlement-insufficient',
    ],
    [
      'neither, where the entitlement expired',
      () => ({ path: '/paid/1', bearer: expired, receipt: paid }),
      'credential-expired',
    ],
    [
      'neither where two tokens are in one field',
      () => ({ receipt: paid, fields: [['authorization', 'Bearer a, Bearer b']] }),
      'credential-ambiguous',
    ],
  ]
  const anyPath = (): string => everywhere
  let everywhere = ''
  const cookie = (token: string) => [['cookie', `__Host-faregate=${token}`]] as const

  beforeAll(async () => {
    everywhere = await receiptToken(parties, { resource: '/*' })
  })

  it.each(cases)('are answered by %s', async (_name, sending, outcome) => {
    const decision = await gate.judge(request(sending()))
    expect(decision.action === 'serve' ? decision.proof?.kind : verdictOf(decision)).toBe(outcome)
  })

  it('a held account is not opened by a payment', async () => {
    const held = await goodToken(parties, { standing: 'on-hold' })
    expect(await asked({ bearer: held, receipt: paid })).toBe('security-hold')
  })

  it('a receipt is not spent while no one knows whether the entitlement covers', async () => {
    const { services, site } = gate
    const unknown = { ...services, verify: () => Promise.resolve(unavailable) }
    const exchange = capture(request({ path: '/both/1', bearer: premium, receipt: everywhere }), NOW * 1000)
    const matched = match(site.zone.routes, exchange.target, 'GET')
    if (!matched.ok) throw new Error('no route')
    const call = { now: NOW * 1000, waitUntil: () => undefined }
    const presented = await present(exchange, site, matched.value, unknown, call)
    expect(verdictOf(decide(matched.value.terms, presented, exchange))).toBe('keys-unavailable')
  })
})

const unavailable = {
  ok: false,
  error: { reason: 'keys-unavailable', detail: 'x', check: 'key', retryAfterSeconds: 5 },
} as const

describe('a cookie that another site has sent', () => {
  const limited = (): Promise<string> =>
    goodToken(parties, { limits: [{ name: 'requests', quota: 5, window: 60 }], entitlements: ['premium'] })
  const from = (token: string, fields: Readonly<Record<string, string>>) => [
    ['cookie', `__Host-faregate=${token}`] as const,
    ...Object.entries(fields),
  ]
  const opening = { 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' }

  const ways: [how: string, fields: Readonly<Record<string, string>>, outcome: string][] = [
    ['an image of another site', { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors' }, 'payment-required'],
    ['a script of a sibling host', { 'sec-fetch-site': 'same-site', 'sec-fetch-mode': 'cors' }, 'payment-required'],
    ['a page of ours', { 'sec-fetch-site': 'same-origin' }, 'served'],
    ['a link elsewhere', { 'sec-fetch-site': 'cross-site', ...opening }, 'served'],
    ['a browser that says nothing', {}, 'served'],
  ]
  it.each(ways)(
    'by %s counts a quota where the page is opened, and pays nothing: %s, %s',
    async (_how, fields, outcome) => {
      expect(await asked({ path: '/paid/1', fields: from(await limited(), fields) })).toBe(outcome)
      expect(await asked({ path: '/counted/1', fields: from(premium, fields) })).toBe(outcome)
      expect(await asked({ path: '/paid/1', fields: from(premium, fields) })).toBe('served')
      expect(await asked({ path: '/reports/1', fields: from(premium, fields) })).toBe('payment-required')
    },
  )
})

describe('on its way to the origin', () => {
  it('a receipt is left out, in either field, whichever rails there are', async () => {
    for (const rails of [[bearer(), receipt()], [receipt()]]) {
      const { site } = createGate(parties, rails)
      for (const path of ['/reports/1', '/free/1']) {
        for (const sending of [
          { bearer: paid },
          { receipt: paid },
          { fields: [['Faregate_Receipt', paid] as const] },
        ]) {
          const sent = request({ ...sending, path })
          const exchange = capture(sent, NOW * 1000)
          const matched = match(site.zone.routes, exchange.target, 'GET')
          if (!matched.ok) throw new Error('no route')
          const route = matched.value
          const partition = cachePartitionOf(exchange, route, undefined)
          const admitted = {
            zone: site.zone,
            route,
            exchange,
            proof: undefined,
            observed: undefined,
            request: sent,
            partition,
          }
          const fields = Array.from(forward(admitted, rails).headers, ([name, value]) => `${name}: ${value}`)
          expect(fields.join('\n')).not.toContain(paid.slice(-40))
        }
      }
    }
  })

  it('says nothing of the payer, and shares no copy of an account', async () => {
    const { site } = gate
    const decision = await gate.judge(request({ receipt: paid }))
    const sent = request({ receipt: paid })
    const exchange = capture(sent, NOW * 1000)
    const matched = match(site.zone.routes, exchange.target, 'GET')
    if (!matched.ok || decision.proof === undefined) throw new Error('not served')
    for (const by of ['off', 'account', 'plan'] as const) {
      const route = { ...matched.value, cache: { ...matched.value.cache, partition: by } }
      const partition = cachePartitionOf(exchange, route, decision.proof)
      expect(partition.name).toBeUndefined()
      const { proof } = decision
      const admitted = { zone: site.zone, route, exchange, proof, observed: undefined, request: sent, partition }
      const names = Array.from(forward(admitted, site.rails).headers, ([name]) => name)
      expect(names.filter((name) => name.startsWith('faregate-'))).toEqual([])
    }
  })
})

describe('the challenge', () => {
  const offer = { entitlements: [], onSale: true, title: undefined, description: undefined, resource: '/reports/*' }
  const price = { units: 250_000_000n, currency: 'USD' }
  const refused = { reason: 'payment-required', detail: '', check: undefined, retryAfterSeconds: undefined } as const

  it('says what a receipt must say, where one would help', () => {
    const { zone } = gate.site
    const exchange = capture(request({}), NOW * 1000)
    const asked = { zone, refusal: refused, offer: { ...offer, price }, exchange }
    const said = (changes: Partial<typeof asked>): unknown => receipt().challenge({ ...asked, ...changes }).fields
    expect(said({})).toEqual([
      [
        'WWW-Authenticate',
        'Bearer realm="news", token_type="payment+jwt", resource="/reports/*", amount="0.25", currency="USD"',
      ],
    ])
    expect(receipt().challenge({ ...asked, offer: { ...offer, price: undefined } }).fields).toEqual([])
    expect(said({ offer: { ...offer, price, onSale: false } })).toEqual([])
    expect(receipt().challenge({ ...asked, refusal: { ...refused, reason: 'security-hold' } }).fields).toEqual([])
  })

  it('shows its owner what was looked at', async () => {
    const own = receipt()
    const { zone, reading } = gate.site
    const sent = (sending: Sending) => {
      const exchange = capture(request(sending), NOW * 1000)
      return { exchange, zone, ...readCredentials(exchange, reading) }
    }
    expect(own.peek(sent({ receipt: paid }))).toMatchObject({ kind: 'payment', field: 'Faregate-Receipt' })
    expect(own.peek(sent({ bearer: paid }))).toMatchObject({ kind: 'payment', field: 'Authorization' })
    expect(own.peek(sent({ bearer: premium }))).toBeUndefined()
    expect(bearer().peek(sent({ bearer: paid }))).toBeUndefined()
    expect(bearer().peek(sent({ bearer: premium }))).toMatchObject({ kind: 'entitlement' })
  })
})

it('an entitlement token of any other issuer is left to the bearer rail', async () => {
  const strange = await sign(parties.es, claims({ iss: 'https://else.example' }), { typ: 'at+jwt' })
  expect(await asked({ path: '/paid/1', bearer: strange })).toBe('credential-invalid')
  expect(await asked({ path: '/paid/1', bearer: premium, base: NEWS })).toBe('served')
})
