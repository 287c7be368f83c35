import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Meter } from '../../../src/index.ts'
import { words } from '../../meters/toy.ts'
import { createWorld, type World } from '../../support/world.ts'
import type { Gate } from '../cache/gate.ts'
import { type Client, createClient, meteredGate, ONE, piecesOf, textOf } from '../meters/gate.ts'

let world: World
let gate: Gate
let client: Client

const wish = {
  method: 'POST',
  body: JSON.stringify({ words: 40, models: ['small'] }),
  headers: { 'content-type': 'application/json' },
}

/** Counts words for money, and says of which model. */
function telling(): Meter {
  const meter = words({ models: { small: ONE }, nanos: 1_000_000n })
  const lines = (units: bigint) => [{ name: 'words', units, rate: '0.001' }]
  return {
    ...meter,
    async bound(request) {
      const bound = await meter.bound(request)
      if (!bound.ok) return bound
      const breakdown = { of: 'small', basis: 'reserved', lines: lines(40n) } as const
      return { ok: true, value: { ...bound.value, amount: { ...bound.value.amount, breakdown } } }
    },
    async measure(response, attempt, options) {
      const measured = await meter.measure(response, attempt, options)
      if (!measured.ok) return measured
      const used = async () => {
        const amount = await measured.value.used()
        const units = amount?.counts[0]?.units ?? 0n
        const breakdown = { of: 'small-2', basis: 'measured', lines: lines(units), rates: 'configured' } as const
        return amount && { ...amount, breakdown }
      }
      return { ok: true, value: { ...measured.value, used } }
    },
  }
}

beforeEach(async () => {
  world = await createWorld()
  gate = meteredGate(telling())
  client = createClient(gate, world, 1000)
  await client.grant(1_000_000_000n)
  world.origin = () => new Response(piecesOf(textOf(12)))
})
afterEach(() => world.end())

async function read(path: string, of: Client = client, init: RequestInit = {}) {
  const { status, text, headers } = await of.visit(`/__faregate/${path}`, await of.withToken(init))
  return { status, headers, body: JSON.parse(text === '' ? '{}' : text) as Record<string, unknown> }
}

const visited = async (fields = {}, of = client) =>
  (await of.visit('/metered/x', await of.withToken({ ...wish, headers: { ...wish.headers, ...fields } }))).headers.get(
    'faregate-charge',
  ) ?? ''

describe('a charge', () => {
  it('is shown to its account: what was reserved and kept, and how it came about', async () => {
    const id = await visited()
    const { status, headers, body } = await read(`charges/${id}`)
    expect([status, headers.get('access-control-allow-origin')]).toEqual([200, '*'])
    expect(body['charge']).toEqual({
      id,
      time: { at: expect.any(String), seconds: expect.any(Number) },
      route: '/metered/*',
      method: 'POST',
      meter: 'words',
      model: 'small-2',
      state: 'settled',
      delivery: 'complete',
      reserved: { counts: { words: '40', requests: '1' }, price: { amount: '0.04', currency: 'USD' } },
      kept: { counts: { words: '12', requests: '1' }, price: { amount: '0.012', currency: 'USD' } },
      breakdown: {
        of: 'small-2',
        basis: 'measured',
        lines: [{ name: 'words', units: '12', rate: '0.001' }],
        rates: 'configured',
      },
    })
  })

  it('is one with all its tries, by the id of any', async () => {
    const key = { 'idempotency-key': crypto.randomUUID() }
    world.origin = () => Promise.reject(new Error('down'))
    await visited(key)
    world.origin = () => new Response(piecesOf(textOf(12)))
    const id = await visited(key)
    const { body } = await read(`charges/${id}`)
    const { tries } = body['charge'] as { tries: { id: string; state: string }[] }
    expect(body['charge']).toMatchObject({ id, kept: { price: { amount: '0.012' } }, delivery: 'complete' })
    expect(tries).toMatchObject([{ id, delivery: 'none' }, { delivery: 'complete' }])
    expect((await read(`charges/${tries[1]?.id}`)).body['charge']).toEqual(body['charge'])
  })

  it('of another account is as unknown as one that never was', async () => {
    const id = await visited()
    const other = createClient(gate, world, 1000)
    const theirs = await read(`charges/${id}`, other)
    const none = await read(`charges/${crypto.randomUUID()}`, createClient(gate, world, 1000))
    expect([theirs.status, none.status]).toEqual([404, 404])
    expect({ ...theirs.body, instance: '' }).toEqual({ ...none.body, instance: '' })
  })

  it('that is not in memory is looked for every few seconds', async () => {
    expect((await read('charges/unknown')).status).toBe(404)
    const again = await read('charges/unknown')
    expect([again.status, again.headers.get('retry-after')]).toEqual([429, '3'])
  })

  it.each(['charges', 'charges/', 'charges/%2e%2e', 'charges/a/b'])('is not at %s', async (path) => {
    expect((await read(path)).status).toBe(404)
  })

  it('is shown to nobody else', async () => {
    const id = await visited()
    for (const path of [`charges/${id}`, 'usage']) {
      const anonymous = await client.visit(`/__faregate/${path}`, {})
      expect([anonymous.status, anonymous.headers.get('www-authenticate')?.startsWith('Bearer')]).toEqual([401, true])
      const receipt = await client.visit(`/__faregate/${path}`, await client.receipt({}, crypto.randomUUID()))
      expect(receipt.status).toBe(401)
      const inactive = await client.withToken({}, { exp: 1 })
      expect((await client.visit(`/__faregate/${path}`, inactive)).status).toBe(402)
    }
  })
})

describe('what an account used', () => {
  const today = () => new Date().toISOString().slice(0, 10)

  it('is told by day and model, exactly', async () => {
    await visited()
    await visited()
    const day = {
      day: today(),
      charges: 2,
      counts: { words: '24', requests: '2' },
      money: [{ amount: '0.024', currency: 'USD' }],
    }
    expect((await read('usage?group=model')).body).toMatchObject({
      group: 'model',
      next: null,
      sums: [{ ...day, model: 'small-2' }],
    })
    expect((await read('usage')).body['sums']).toEqual([day])
    expect((await read('usage?group=key')).body['sums']).toEqual([{ ...day, key: null }])
    expect((await read('usage', createClient(gate, world, 10))).body['sums']).toEqual([])
  })

  it('is told for 31 days at a time, and where to go on', async () => {
    await visited()
    const first = (await read('usage?from=2026-01-01&to=2026-03-01T00:00:00Z')).body
    expect(first).toMatchObject({ from: '2026-01-01T00:00:00.000Z', to: '2026-02-01T00:00:00.000Z', sums: [] })
    expect((await read(`usage?from=${String(first['next'])}&to=2026-03-01`)).body['next']).toBeNull()
  })

  it.each([
    ['from=yesterday', '"from" and "to" are dates'],
    ['from=2026-01-01T12:00:00Z', 'sums are by day'],
    ['from=2026-01-02&to=2026-01-02', '"from" is a day before "to"'],
    ['group=account', '"group" is one of model, meter, route, key, tag'],
  ])('is not told of %s', async (query, detail) => {
    const { status, body } = await read(`usage?${query}`)
    expect([status, body['detail']]).toEqual([400, expect.stringContaining(detail)])
  })
})
