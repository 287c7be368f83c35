import { describe, expect, it } from 'vitest'
import { createStripeClient, formOf } from '../../src/stripe/api.ts'
import { type CallFault, createStripeDouble, DOUBLE_KEY } from './double/index.ts'

const AT_MS = Date.UTC(2026, 10, 2)
const API = { url: 'https://api.stripe.com', key: DOUBLE_KEY }

describe('parameters', () => {
  it('are written with their nesting, without what is undefined', () => {
    const written = formOf({ a: 1, b: { c: 'x y', d: undefined }, line_items: [{ price: 'p', quantity: 1 }], e: true })
    const decoded = [...new URLSearchParams(written)]
    expect(decoded).toEqual([
      ['a', '1'],
      ['b[c]', 'x y'],
      ['line_items[0][price]', 'p'],
      ['line_items[0][quantity]', '1'],
      ['e', 'true'],
    ])
  })
})

describe('an act', () => {
  const world = (...faults: (CallFault | undefined)[]) => {
    const double = createStripeDouble({ clock: () => AT_MS, faults: { call: () => faults.shift() } })
    const warned: string[] = []
    const client = createStripeClient(API, double.fetch, (problem) => warned.push(problem))
    return { double, client, warned }
  }

  it('is one act for one key, though the first answer was lost', async () => {
    const { double, client, warned } = world('lost')
    const post = () => client.post('/v1/customers', { email: 'ada@example.com' }, 'key-1')
    expect(await post()).toEqual({ ok: false, error: { kind: 'unavailable' } })
    expect(await post()).toMatchObject({ ok: true })
    expect(double.state.customers.size).toBe(1)
    expect(warned).toEqual(['TypeError'])
  })

  it('is refused, absent or unavailable, by what Stripe says', async () => {
    const { client } = world(undefined, undefined, '500', '429')
    const refused = { kind: 'refused', code: 'parameter_unknown' }
    expect(await client.post('/v1/customers', { colour: 'red' }, 'a')).toEqual({ ok: false, error: refused })
    expect(await client.remove('/v1/subscriptions/sub_none', 'b')).toMatchObject({ error: { kind: 'absent' } })
    expect(await client.post('/v1/customers', {}, 'c')).toEqual({ ok: false, error: { kind: 'unavailable' } })
    expect(await client.post('/v1/customers', {}, 'd')).toEqual({ ok: false, error: { kind: 'unavailable' } })
  })
})
