import { describe, expect, it } from 'vitest'
import { type Client, CLIENTS } from '../../tools/payments/clients/clients.ts'
import { hold } from '../../tools/payments/clients/hold.ts'
import { startForFile } from '../slow/startforfile.ts'
import { decoded, startPaymentGate, told } from './gate.ts'

const gate = await startForFile(startPaymentGate())
const { url, chain, stripe, origin } = gate
const report = `${url}/reports/a`

describe('one URL, with one 402', () => {
  const HASH = /^0x[\da-f]{64}$/

  it.each<[string, Client, string]>([
    ['@x402/fetch', CLIENTS.x402Fetch, 'PAYMENT-RESPONSE'],
    ['@x402/axios', CLIENTS.x402Axios, 'PAYMENT-RESPONSE'],
    ['x402-fetch 1.2.0', CLIENTS.x402FetchV1, 'X-PAYMENT-RESPONSE'],
  ])('is paid by %s as it is published, on the chain', async (_, client, field) => {
    let response = new Response()
    const effects = await gate.during(async () => {
      response = await client(report)
      expect(await told(response.clone())).toBe('200 the page /reports/a')
    })
    expect(effects).toEqual({ units: 750_000n, intents: 0, runs: 1, calls: ['verify', 'settle'] })
    const settlement = decoded(response, field)
    expect(settlement).toMatchObject({ success: true, payer: expect.stringMatching(/^0x3c44/i) as string })
    expect(settlement?.['transaction']).toMatch(HASH)
    expect(settlement).not.toHaveProperty('requirements')
    const { status } = await chain.client.getTransactionReceipt({ hash: settlement?.['transaction'] as `0x${string}` })
    expect(status).toBe('success')
  })

  it('is paid by mppx as it is published, with a wallet on the chain', async () => {
    const effects = await gate.during(async () => {
      const response = await CLIENTS.mppxEvm(report)
      expect(await told(response.clone())).toBe('200 the page /reports/a')
    })
    expect(effects).toMatchObject({ units: 750_000n, intents: 0, runs: 1 })
  })

  it('is paid by mppx as it is published, with a card', async () => {
    const effects = await gate.during(async () => {
      const response = await CLIENTS.mppxStripe(report)
      expect(await told(response.clone())).toBe('200 the page /reports/a')
      const reference = stripe.intents.at(-1)?.id
      expect(decoded(response, 'Payment-Receipt')).toMatchObject({ status: 'success', method: 'stripe', reference })
      expect(response.headers.get('cache-control')).toContain('private')
    })
    expect(effects).toEqual({ units: 0n, intents: 1, runs: 1, calls: [] })
    expect(stripe.intents.at(-1)).toMatchObject({ amount: 75, currency: 'usd', status: 'succeeded' })
  })

  it('is paid by mppx beside a token of an account that has expired, in a field of its own', async () => {
    const headers = { authorization: `Bearer ${await gate.token(-60)}` }
    const refused = await fetch(report, { headers })
    expect(refused.headers.get('www-authenticate')).toContain('header="Payment-Authorization"')
    expect(await told(CLIENTS.mppxEvm(report, { init: { headers } }))).toBe('200 the page /reports/a')
    expect(await told(CLIENTS.mppxStripe(report, { init: { headers } }))).toBe('200 the page /reports/a')
  })

  it('says all that in fields of 6 KB, and to a version 1 in a body without what its client refuses', async () => {
    const response = await fetch(report)
    expect([response.status, response.headers.get('cache-control')]).toEqual([402, 'no-store'])
    const bytes = [...response.headers].reduce((sum, [name, value]) => sum + name.length + value.length + 4, 0)
    expect(bytes).toBeLessThan(6144)
    const body = (await response.json()) as { x402Version: number; accepts: object[] }
    expect(body).toMatchObject({
      x402Version: 1,
      accepts: [{ scheme: 'exact', network: 'base-sepolia', maxAmountRequired: '750000', resource: report }],
    })
    expect(JSON.stringify(body)).not.toContain('outputSchema')
    expect(decoded(response, 'PAYMENT-REQUIRED')).toMatchObject({
      x402Version: 2,
      resource: { url: report },
      accepts: [{ scheme: 'exact', network: 'eip155:84532', amount: '750000', extra: { name: 'USDC', version: '2' } }],
    })
  })

  it('asks for no card below what Stripe charges', async () => {
    const refused = await fetch(`${url}/dimes/a`)
    expect(refused.headers.get('www-authenticate')).not.toContain('method="stripe"')
    expect(await told(CLIENTS.x402Fetch(`${url}/dimes/a`))).toBe('200 the page /dimes/a')
  })
})

describe('a payment', () => {
  it.each([
    ['x402', CLIENTS.x402Fetch],
    ['x402 of version 1', CLIENTS.x402FetchV1],
    ['MPP', CLIENTS.mppxStripe],
  ])('of %s reaches neither the origin nor the log', async (_, client) => {
    const from = gate.log.length
    const payment = await hold(client, report)
    expect(await told(payment.send())).toBe('200 the page /reports/a')
    expect(Object.values(origin.lastFields()).join(' ')).not.toContain(payment.value)
    expect(origin.lastFields()).not.toHaveProperty(payment.name)
    const served = (): boolean => gate.log.slice(from).some((line) => line.includes('"decision":"serve"'))
    await expect.poll(served).toBe(true)
    for (const secret of secretsIn(payment.value)) expect(gate.log.join('\n')).not.toContain(secret)
  })
})

/** What nobody but the payer and who settles may read: all texts of a payload that are longer than a name. */
function secretsIn(value: string): string[] {
  const bytes = Buffer.from(value.replace('Payment ', ''), value.startsWith('Payment ') ? 'base64url' : 'base64')
  const payload = JSON.stringify((JSON.parse(bytes.toString()) as { payload: unknown }).payload)
  return [...payload.matchAll(/"((?:0x[\da-f]{64,}|spt_\w+))"/g)].map(([, text = '']) => text)
}
