import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createAccountHash } from '../../../src/log.ts'
import { timeText } from '../../../src/http/date.ts'
import { accountLedger } from '../../support/ledger.ts'
import {
  ask,
  withToken,
  createWorld,
  linesOf,
  postOrder,
  eventsClaim,
  postEvent,
  type World,
} from '../../support/world.ts'
import { ledgerOf } from '../objects.ts'

let world: World
let sub = ''
let number = 0

beforeEach(async () => {
  world = await createWorld()
  sub = `account ${++number} of audit.test.ts`
})
afterEach(() => world.end())

const line = () => linesOf(world).at(-1) ?? {}
const HASH = expect.stringMatching(/^[\w-]{16}$/) as unknown

describe('the hash of an account in the log', () => {
  it('is another for another zone, issuer or account, and for no other reason', async () => {
    const hash = createAccountHash('a key of sixteen bytes')
    const all: [string, string, string][] = [
      ['news', 'https://a.test', 'ann'],
      ['shop', 'https://a.test', 'ann'],
      ['news', 'https://b.test', 'ann'],
      ['news', 'https://a.test', 'bob'],
      ['news', 'https://a.test","x', 'ann'],
      ['news","https://a.test', 'x', 'ann'],
    ]
    const hashes = await Promise.all(all.map(async (each) => hash(...each)))
    expect(new Set(hashes).size).toBe(all.length)
    expect(await createAccountHash('a key of sixteen bytes')('news', 'https://a.test', 'ann')).toBe(hashes[0])
  })

  it('is as the documentation says how to make it', async () => {
    const bytes = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text).slice()
    const hmac = { name: 'HMAC', hash: 'SHA-256' }
    const key = await crypto.subtle.importKey('raw', bytes('a key for the tests, and no other'), hmac, false, ['sign'])
    await ask('/articles/1', withToken(await world.token({ sub })))
    const mac = await crypto.subtle.sign('HMAC', key, bytes(JSON.stringify(['news', 'https://billing.test', sub])))
    const text = btoa(String.fromCharCode(...new Uint8Array(mac).subarray(0, 12)))
    expect(line()['account']).toBe(text.replaceAll('+', '-').replaceAll('/', '_'))
  })
})

describe('the time of a line', () => {
  it.each([0, 1, 999, 1000, 1_800_000_000_007, 1_800_000_000_120, 1_799_999_999_999, 951_782_400_000])(
    'at %d ms is as RFC 3339 has it',
    (ms) => expect(timeText(ms)).toBe(new Date(ms).toISOString()),
  )

  it('is when the request came', async () => {
    vi.setSystemTime(1_900_000_000_123)
    await ask('/articles/1')
    expect(line()['time']).toBe('2030-03-17T17:46:40.123Z')
  })
})

describe('a line', () => {
  it.each([
    [{ aud: 'https://shop.test' }, 'audience'],
    [{ exp: 1 }, 'lifetime'],
    [{ entitlements: ['sports'] }, 'cover'],
  ])('of a refusal says which check failed: %j', async (claims, check) => {
    await ask('/articles/1', withToken(await world.token({ sub, ...claims })))
    expect(line()).toMatchObject({ decision: 'refuse', check })
  })

  it('says what was reserved of a plan, of credit and of a receipt, and whether that went on with an earlier charge', async () => {
    const limits = [{ name: 'calls', quota: 5, window: 3600 }]
    const reader = withToken(await world.token({ sub, limits, entitlements: ['premium'] }))
    await (await ask('/metered/1', reader)).text()
    expect(line()).toMatchObject({ status: 200, charged: { units: { calls: '1' } } })
    await ledgerOf(accountLedger(sub)).grant({ id: 'g', units: 600_000_000n, currency: 'USD' })
    await (await ask('/reports/1', reader)).text()
    expect(line()['charged']).toMatchObject({ price: { amount: '0.25', currency: 'USD' } })
    const paid = { jti: sub, amount: '0.25', currency: 'USD', resource: '/reports/*' }
    const range = { headers: { ...withToken(await world.receipt(paid)).headers, range: 'bytes=0-2' } }
    world.origin = () => new Response('the', { status: 206, headers: { etag: '"1"', 'content-range': 'bytes 0-2/9' } })
    for (const charged of [{ uses: 1 }, { joined: true }]) {
      await (await ask('/reports/2', range)).text()
      expect(line()['charged']).toEqual(charged)
    }
  })

  it('says of nothing that it was charged where it was not', async () => {
    world.origin = () => new Response('none', { status: 404 })
    const reader = withToken(await world.token({ sub, entitlements: ['premium'] }))
    for (const path of ['/metered/1', '/articles/1', '/free/1']) {
      await ask(path, reader)
      expect(line()).not.toHaveProperty('charged')
    }
  })
})

describe('an act at the gate’s own endpoints', () => {
  const credit = { amount: '5', currency: 'EUR' }

  it.each([
    ['credit', () => ({ account: sub, id: sub, ...credit }), { action: 'credit', granted: '5 EUR' }, true],
    ['hold', () => ({ account: sub }), { action: 'hold' }, true],
    ['hold', () => ({ account: sub, lift: true }), { action: 'lift' }, true],
    ['hold', () => ({ jti: sub }), { action: 'hold', token: HASH }, false],
    ['purge', () => ({ everything: true }), { action: 'purge' }, false],
  ])('is in the log with who did what to whom: %s', async (scope, body, audit, isOfAccount) => {
    const token = await world.operator({ scope, sub: 'olga', iss: 'https://billing.test' })
    const response = await ask(`/__faregate/${scope}`, postOrder(token, { issuer: 'https://billing.test', ...body() }))
    expect(line()).toMatchObject({ status: response.status, audit: { by: 'olga', ...audit } })
    if (isOfAccount) expect(line()['account']).toEqual(HASH)
    expect(JSON.stringify(line())).not.toContain(sub)
  })

  it('is there too where it was refused, with what was known by then', async () => {
    const token = await world.operator({ scope: 'purge', sub: 'olga' })
    await ask('/__faregate/credit', postOrder(token, { account: sub, id: sub, ...credit }))
    expect(line()).toMatchObject({ status: 403, audit: { action: 'credit', by: 'olga', done: false } })
    await ask('/__faregate/credit', postOrder(`${token}x`, {}))
    expect(line()).toMatchObject({ status: 401, reason: expect.any(String), audit: { action: 'credit', done: false } })
    expect(line()['audit']).not.toHaveProperty('by')
  })

  it('is there where billing told it', async () => {
    const event = await world.event({ sub, events: eventsClaim({ 'standing-changed': { standing: 'inactive' } }) })
    expect((await ask('/__faregate/events', postEvent(event))).status).toBe(202)
    expect(line()).toMatchObject({ account: HASH, audit: { action: 'event', by: 'https://billing.test', done: true } })
    expect(JSON.stringify(line())).not.toContain(sub)
  })
})
