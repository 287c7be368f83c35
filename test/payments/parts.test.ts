import { describe, expect, it } from 'vitest'
import { CLIENTS } from '../../tools/payments/clients/clients.ts'
import { hold } from '../../tools/payments/clients/hold.ts'
import { startForFile } from '../slow/startforfile.ts'
import { startPaymentGate, told } from './gate.ts'

const gate = await startForFile(startPaymentGate())
const { url } = gate

describe('a payment for less than a page', () => {
  it('by HEAD is checked, and not settled: it is good for the page afterwards', async () => {
    const payment = await hold(CLIENTS.x402Fetch, `${url}/orders/head`)
    const effects = await gate.during(async () => {
      const head = await payment.send(undefined, { method: 'HEAD' })
      expect([head.status, head.headers.has('payment-response')]).toEqual([200, false])
    })
    expect(effects).toMatchObject({ units: 0n, intents: 0 })
    expect(effects.calls).not.toContain('settle')
    expect(await told(payment.send())).toBe('200 the page /orders/head')
  })

  it('is one for all parts of a page', async () => {
    const target = `${url}/reports/cached/parts`
    gate.origin.behave('/reports/cached/parts', { headers: { etag: '"1"' } })
    await (await CLIENTS.x402Fetch(target)).text()
    const payment = await hold(CLIENTS.x402Fetch, target)
    const part = (range: string): Promise<Response> => payment.send(undefined, { headers: { range } })
    const effects = await gate.during(async () => {
      const first = await part('bytes=0-3')
      expect([first.status, await first.text()]).toEqual([206, 'the '])
      const second = await part('bytes=4-7')
      expect([second.status, await second.text()]).toEqual([206, 'page'])
    })
    expect(effects).toMatchObject({ units: 750_000n, runs: 0 })
    expect(effects.calls.filter((call) => call === 'settle')).toHaveLength(1)
  })
})
