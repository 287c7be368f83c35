import { createHmac } from 'node:crypto'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { verifyUsage } from '../../src/billing/index.ts'
import { bindingsOf } from '../../src/config/rules/bindings.ts'
import { readUsageBatch } from '../../src/billing/rules/usagerecord.ts'
import { limitOfMoney } from '../../src/access/limit.ts'
import { watchLimits } from '../../src/ledger/rules/thresholds.ts'
import { eventOf } from '../../src/usage/cloudevents.ts'
import { signed } from '../../src/usage/webhook.ts'
import { PureLedger } from '../ledger/rules/pureledger.ts'
import { recordsOf } from '../usage/records.ts'

const SECRET = 'a secret of the tests, of thirty-two bytes'
const URL = 'https://billing.test/usage'

/** What the gate posts of two charges, as billing gets it. */
async function delivery(now: number): Promise<{ body: string; headers: Record<string, string> }> {
  const posted: { body: string; headers: Record<string, string> }[] = []
  const post = async (_url: unknown, init?: RequestInit): Promise<Response> => {
    posted.push({
      body: typeof init?.body === 'string' ? init.body : '',
      headers: init?.headers as Record<string, string>,
    })
    return new Response(null, { status: 204 })
  }
  const platform = { fetch: post as typeof fetch, clock: () => now, bindings: bindingsOf({ SECRET }) }
  await signed({ url: URL, secret: 'SECRET' }).create(platform, () => undefined)(recordsOf(new PureLedger(), 2))
  const [first] = posted
  if (first === undefined) throw new Error('nothing was posted')
  return first
}

const NOW = 1_800_000_000_000
const genuine = await delivery(NOW)
const request = (over: { body?: string; signature?: string } = {}): Request => {
  const headers = {
    ...genuine.headers,
    'faregate-signature': over.signature ?? genuine.headers['faregate-signature'] ?? '',
  }
  return new Request(URL, { method: 'POST', headers, body: over.body ?? genuine.body })
}

describe('a delivery of usage', () => {
  it('is taken as the gate posts it', async () => {
    const read = await verifyUsage(request(), SECRET, { now: NOW })
    expect(read.ok && read.value.map(({ kind, paidBy, subject }) => [kind, paidBy, subject])).toEqual([
      ['charge', 'account', 'cus_ann'],
      ['amend', 'account', 'cus_ann'],
      ['charge', 'account', 'cus_ann'],
      ['amend', 'account', 'cus_ann'],
    ])
    expect(read.ok && read.value[0]).toMatchObject({
      source: 'faregate/news',
      request: { route: '/api/*', method: 'GET' },
      change: { counts: { requests: '3' } },
    })
  })

  it('may say that a share of a limit is used, and what that is a share of', () => {
    const ledger = new PureLedger(watchLimits([75]))
    ledger.now = NOW
    ledger.grant(100n * 1_000_000_000n, 'g', 'USD')
    const spending = limitOfMoney({ units: 100n * 1_000_000_000n, currency: 'USD' }, 'P1M')
    const price = { units: 80n * 1_000_000_000n, currency: 'USD' }
    const facts = { zone: 'news', account: 'ann' }
    ledger.charge({ price, counts: [{ name: spending.name, units: price.units }], limits: [spending], facts })
    const [, read] = readUsageBatch(JSON.stringify(ledger.records().map(eventOf))) ?? []
    expect(read).toMatchObject({ kind: 'threshold', subject: 'ann', change: { counts: {} }, kept: { counts: {} } })
    expect(read?.limit).toEqual({
      name: 'spending',
      threshold: 75,
      quota: '100',
      used: '80',
      currency: 'USD',
      window: 'P1M',
      kind: 'fixed',
      since: '2027-01-01T00:00:00.000Z',
      resets: '2027-02-01T00:00:00.000Z',
    })
  })

  it('is taken under any secret that counts while it is replaced', async () => {
    expect(await verifyUsage(request(), ['another secret', SECRET], { now: NOW })).toMatchObject({ ok: true })
  })

  const mac = genuine.headers['faregate-signature']?.split('v1=')[1] ?? ''
  const bad: readonly (readonly [name: string, over: Parameters<typeof request>[0], reason: string])[] = [
    ['of another body', { body: genuine.body.replace('cus_ann', 'cus_bob') }, 'signature'],
    ['of another body of the same length', { body: genuine.body.replace('"3"', '"2"') }, 'signature'],
    ['without a signature', { signature: '' }, 'signature'],
    ['with a signature cut short', { signature: `t=1800000000,v1=${mac.slice(2)}` }, 'signature'],
    ['with a signature in capitals', { signature: `t=1800000000,v1=${mac.toUpperCase()}` }, 'signature'],
    ['with another time', { signature: `t=1800000001,v1=${mac}` }, 'signature'],
    ['with another spelling of its time', { signature: `t=01800000000,v1=${mac}` }, 'signature'],
    ['with two signatures', { signature: `t=1800000000,v1=${mac},v1=${mac}` }, 'signature'],
    ['without a time', { signature: `v1=${mac}` }, 'signature'],
    ['with an old time', { signature: `t=1799999699,v1=${mac}` }, 'time'],
    ['with a time to come', { signature: `t=1800000301,v1=${mac}` }, 'time'],
  ]
  it.each(bad)('%s is refused', async (_name, over, reason) => {
    expect(await verifyUsage(request(over), SECRET, { now: NOW })).toMatchObject({
      ok: false,
      error: { reason, status: 401 },
    })
  })

  it('is refused once it is five minutes old', async () => {
    expect(await verifyUsage(request(), SECRET, { now: NOW + 300_000 })).toMatchObject({ ok: true })
    expect(await verifyUsage(request(), SECRET, { now: NOW + 300_001 })).toMatchObject({ error: { reason: 'time' } })
  })

  it('under another secret is refused', async () => {
    expect(await verifyUsage(request(), `${SECRET}.`, { now: NOW })).toMatchObject({ error: { reason: 'signature' } })
    expect(await verifyUsage(request(), [], { now: NOW })).toMatchObject({ error: { reason: 'signature' } })
  })

  it.each([[''], [['', 'short']], [[]]])('was taken from anyone by a backend without a secret: %j', async (secret) => {
    const seconds = String(NOW / 1000)
    const keys = typeof secret === 'string' ? [secret] : secret
    for (const key of ['', ...keys]) {
      const mac = createHmac('sha256', key).update(`${seconds}.${genuine.body}`).digest('hex')
      const signature = `t=${seconds},v1=${mac}`
      const read = verifyUsage(request({ signature }), secret, { now: NOW })
      await expect(read).resolves.toMatchObject({ error: { reason: 'signature', status: 401 } })
    }
  })

  it('was taken at any time by a clock that is no number', async () => {
    const read = await verifyUsage(request(), SECRET, { now: Number.NaN })
    expect(read).toMatchObject({ error: { reason: 'time' } })
  })

  it('that is too large is refused before all of it is read', async () => {
    const read = await verifyUsage(request(), SECRET, { now: NOW, maxBytes: genuine.body.length - 1 })
    expect(read).toMatchObject({ error: { reason: 'too-large', status: 413 } })
  })
})

describe('a record of usage', () => {
  const money = fc.record({ units: fc.bigInt({ min: -(10n ** 21n), max: 10n ** 21n }), currency: fc.constant('USD') })
  const amount = fc.record({
    counts: fc.uniqueArray(
      fc.record({ name: fc.string(), units: fc.bigInt({ min: -(10n ** 30n), max: 10n ** 30n }) }),
      { selector: ({ name }) => name },
    ),
    price: fc.option(money, { nil: undefined }),
    uses: fc.integer({ min: -1_000_000, max: 1_000_000 }),
  })
  const text = fc.string({ minLength: 1 })
  const record = fc.record({
    position: fc.nat(),
    id: text,
    kind: fc.constantFrom('charge', 'amend', 'unsettled', 'settled', 'reversed'),
    charge: text,
    repeats: fc.option(text, { nil: undefined }),
    at: fc.nat(),
    delivery: fc.constantFrom(undefined, 'complete', 'broken', 'none'),
    kept: amount,
    change: amount,
    facts: fc.dictionary(text, fc.oneof(text, fc.integer(), fc.boolean(), fc.constant(null))),
  })

  it('is read as it is meant, whatever the gate writes', () => {
    fc.assert(
      fc.property(record, (each) => {
        const written = eventOf(each)
        const [read] = readUsageBatch(JSON.stringify([written])) ?? []
        expect(read).toMatchObject({
          id: each.id,
          kind: each.kind,
          charge: each.charge,
          change: JSON.parse(JSON.stringify(written.data.change)) as object,
          kept: JSON.parse(JSON.stringify(written.data.kept)) as object,
        })
        const counts = Object.entries(read?.kept.counts ?? {})
        for (const { name, units } of each.kept.counts)
          expect(BigInt(counts.find(([key]) => key === name)?.[1] ?? '0')).toBe(units)
      }),
      { numRuns: 500 },
    )
  })
})
