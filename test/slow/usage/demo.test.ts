import { createHmac } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startBilling } from '../../../demo/billing.ts'
import type { Listening } from '../../../demo/listen.ts'

const usageSecret = 'a secret for the tests, of thirty-two bytes'
let billing: Listening

beforeAll(async () => {
  billing = await startBilling({ usageSecret })
})
afterAll(() => billing.close())

const event = (id: string) => ({
  specversion: '1.0',
  id,
  source: 'faregate/demo',
  type: 'faregate.usage.charge',
  subject: 'ann',
  time: '2026-11-22T21:26:10.933Z',
  data: {
    charge: id,
    paidBy: 'account',
    request: {},
    change: { counts: { requests: '1' } },
    kept: { counts: { requests: '1' } },
  },
})

interface Signing {
  readonly secret?: string
  readonly at?: number
}

async function post(batch: unknown, { secret = usageSecret, at = Date.now() / 1000 }: Signing = {}): Promise<number> {
  const body = JSON.stringify(batch)
  const seconds = Math.floor(at)
  const mac = createHmac('sha256', secret).update(`${seconds}.${body}`).digest('hex')
  const headers = {
    'content-type': 'application/cloudevents-batch+json',
    'faregate-signature': `t=${seconds},v1=${mac}`,
  }
  return (await fetch(`${billing.url}/usage`, { method: 'POST', headers, body })).status
}

async function ids(): Promise<string[]> {
  const shown = (await (await fetch(`${billing.url}/usage`)).json()) as { readonly id: string }[]
  return shown.map(({ id }) => id)
}

describe('the billing backend of the demo', () => {
  it('takes what the gate tells it, once, and shows the newest first', async () => {
    expect(await post([event('a'), event('b')])).toBe(204)
    expect(await post([event('b'), event('c')])).toBe(204)
    expect(await ids()).toEqual(['c', 'b', 'a'])
    expect(await (await fetch(billing.url)).text()).toContain('3, the latest of kind charge')
  })

  it('takes nothing that is not signed, or was signed long ago, or is no batch', async () => {
    const before = await ids()
    expect(await post([event('forged')], { secret: 'another' })).toBe(401)
    expect(await post([event('old')], { at: Date.now() / 1000 - 3600 })).toBe(401)
    expect((await fetch(`${billing.url}/usage`, { method: 'POST', body: '[]' })).status).toBe(401)
    expect(await post({ id: 'no batch' })).toBe(500)
    expect(await post([{ id: 7 }])).toBe(500)
    expect(await ids()).toEqual(before)
  })

  it('takes a whole batch of a hundred, and keeps the last two hundred', async () => {
    for (const batch of ['x', 'y', 'z']) {
      const events = Array.from({ length: 100 }, (_, index) => ({
        ...event(`${batch}${index}`),
        padding: 'p'.repeat(500),
      }))
      expect(await post(events)).toBe(204)
    }
    const shown = await ids()
    expect(shown).toHaveLength(200)
    expect(shown[0]).toBe('z99')
  })
})
