import { createHmac } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startBilling } from '../../../demo/billing.ts'
import type { Listening } from '../../../demo/listen.ts'

const alertsSecret = 'a secret for the tests, of thirty-two bytes'
const NOW = Date.parse('2026-11-29T09:33:00Z')
let billing: Listening

beforeAll(async () => {
  billing = await startBilling({ alertsSecret, clock: () => NOW })
})
afterAll(() => billing.close())

async function post(id: string, { secret = alertsSecret, at = NOW } = {}): Promise<number> {
  const body = JSON.stringify({ id, text: `alert ${id}` })
  const seconds = Math.floor(at / 1000)
  const mac = createHmac('sha256', secret).update(`${seconds}.${body}`).digest('hex')
  const headers = { 'content-type': 'application/json', 'faregate-signature': `t=${seconds},v1=${mac}` }
  return (await fetch(`${billing.url}/alerts`, { method: 'POST', headers, body })).status
}

async function ids(): Promise<string[]> {
  const shown = (await (await fetch(`${billing.url}/alerts`)).json()) as { readonly id: string }[]
  return shown.map(({ id }) => id)
}

describe('the receiver of alerts in the demo', () => {
  it('takes an alert once, however often it comes, and shows the latest first', async () => {
    expect([await post('a'), await post('b'), await post('a')]).toEqual([204, 204, 204])
    expect(await ids()).toEqual(['b', 'a'])
  })

  it('takes nothing that is not signed, was signed by another, or was signed long ago', async () => {
    const before = await ids()
    const unsigned = await fetch(`${billing.url}/alerts`, { method: 'POST', body: '{"id":"c","text":"c"}' })
    expect(unsigned.status).toBe(401)
    expect(await post('c', { secret: `${alertsSecret}!` })).toBe(401)
    expect(await post('c', { at: NOW - 301_000 })).toBe(401)
    expect(await ids()).toEqual(before)
  })
})
