import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Bound, Breakdown, Meter, MeteredAmount } from '../../../src/index.ts'
import { refusal } from '../../../src/core/problem.ts'
import { createWorld, type World } from '../../support/world.ts'
import { type Client, createClient, meteredGate } from './gate.ts'

/** Words of the request are bounded by its length, at a price of a nano each. Lowers nothing unless `isApplied`. */
function worded(isApplied: boolean): Meter {
  return {
    name: 'worded',
    counted: ['words'],
    currency: 'USD',
    content: { maxBytes: 100, mostMs: 1000 },
    classify: ({ target }) => (target.path.endsWith('/free') ? 'free' : 'metered'),
    bound({ content }) {
      const text = new TextDecoder().decode(content)
      if (text === 'unreadable') {
        return { ok: false, error: refusal('request-malformed', 'This is no request.', { check: 'cover' }) }
      }
      const units = BigInt(text.length)
      const amount: MeteredAmount = {
        counts: [{ name: 'words', units }],
        price: { units, currency: 'USD' },
      }
      const breakdown: Breakdown = {
        of: 'words',
        basis: 'reserved',
        lines: [{ name: 'word', units, rate: '0.000000001' }],
        rates: 'configured',
      }
      const explain: Bound['explain'] = (available) => ({
        breakdown,
        ...(available && { fitting: { counts: available.counts, isApplied } }),
      })
      return { ok: true, value: { amount, explain } }
    },
    measure: (response) => ({ ok: true, value: { response, used: () => undefined } }),
  }
}

let world: World
beforeEach(async () => {
  world = await createWorld()
})
afterEach(() => world.end())

interface View {
  decision: { action: string; reason?: string; detail?: string }
  bound?: Record<string, unknown>
  checks: { check: string; outcome: string }[]
}

async function explain(client: Client, body: string, path = '/metered/x'): Promise<View> {
  const init = await client.withToken({ method: 'POST', body, headers: { 'content-type': 'text/plain' } })
  const { text } = await client.visit(`/__faregate/explain?target=${path}`, init)
  return JSON.parse(text) as View
}

describe('explain, asked with the content of a metered request', () => {
  it('says what it would reserve, by which rates, and what is left, and charges nothing', async () => {
    const client = createClient(meteredGate(worded(false)), world, 50)
    await client.grant(70n)
    const { decision, bound, checks } = await explain(client, 'x'.repeat(40))
    expect(decision.action).toBe('serve')
    expect(bound).toEqual({
      units: { words: '40' },
      price: { amount: '0.00000004', currency: 'USD' },
      breakdown: {
        of: 'words',
        basis: 'reserved',
        lines: [{ name: 'word', units: '40', rate: '0.000000001' }],
        rates: 'configured',
      },
      left: { units: { words: '50' }, price: { amount: '0.00000007', currency: 'USD' } },
    })
    expect(checks.find(({ check }) => check === 'charge')?.outcome).toBe('pass')
    expect([await client.charged(), await client.credit()]).toEqual([0, 70n])
  })

  it.each([
    ['credit', 10n, 'credit-insufficient'],
    ['units', 1000n, 'usage-limit-reached'],
  ])('says that it would be refused for a lack of %s, and what would fit', async (_what, credit, reason) => {
    const client = createClient(meteredGate(worded(false)), world, 50)
    await client.grant(credit)
    const { decision, bound, checks } = await explain(client, 'x'.repeat(credit === 10n ? 40 : 60))
    expect(decision).toMatchObject({ action: 'refuse', reason })
    expect(bound).toMatchObject({ wouldFit: { words: '50' } })
    expect(checks.find(({ check }) => check === 'charge')?.outcome).toBe('fail')
  })

  it('says that the gate lowers it by itself', async () => {
    const client = createClient(meteredGate(worded(true)), world, 50)
    await client.grant(1000n)
    const { decision, bound } = await explain(client, 'x'.repeat(60))
    expect(decision.action).toBe('serve')
    expect(bound).toMatchObject({ wouldFit: { words: '50' }, isLowered: true })
  })

  it('tells a refusal of the meter, content that is too large, and nothing of what is free', async () => {
    const client = createClient(meteredGate(worded(false)), world, 50)
    expect((await explain(client, 'unreadable')).decision).toMatchObject({ reason: 'request-malformed' })
    expect((await explain(client, 'x'.repeat(101))).decision).toMatchObject({ reason: 'content-too-large' })
    expect((await explain(client, 'x', '/metered/free')).bound).toBeUndefined()
  })

  it('reads no content of whoever it would refuse anyway', async () => {
    const client = createClient(meteredGate(worded(false)), world, 50)
    const { status, text } = await client.visit('/__faregate/explain?target=/metered/x', {
      method: 'POST',
      body: 'unreadable',
    })
    expect(status).toBe(200)
    expect(JSON.parse(text)).toMatchObject({ decision: { action: 'refuse', reason: 'payment-required' } })
  })
})
