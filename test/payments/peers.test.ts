import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type Client, CLIENTS } from '../../tools/payments/clients/clients.ts'
import { hold } from '../../tools/payments/clients/hold.ts'
import { type Peer, startMppxEvm, startMppxStripe, startX402Hono } from '../../tools/payments/clients/peers.ts'
import { type Chain, startChain } from '../../tools/payments/stack/chain.ts'
import type { Facilitator } from '../../tools/payments/stack/facilitator.ts'
import { PAY_TO, USDC } from '../../tools/payments/stack/names.ts'
import { startFacilitator } from '../../tools/payments/stack/reference.ts'
import { json, serve } from '../../tools/payments/stack/serve.ts'
import { startStripe, type StripeDouble } from '../../tools/payments/stack/stripe.ts'

let chain: Chain
let facilitator: Facilitator
let stripe: StripeDouble
let x402: Peer
let card: Peer
let wallet: Peer
beforeAll(async () => {
  chain = await startChain()
  facilitator = await startFacilitator(chain)
  stripe = await startStripe()
  x402 = await startX402Hono(facilitator.url)
  card = await startMppxStripe(stripe.url)
  wallet = await startMppxEvm(facilitator.url)
})
afterAll(() => Promise.all([x402, card, wallet, stripe, facilitator, chain].map((one) => one.stop())))
beforeEach(() => facilitator.reset())

const moved = async (what: () => Promise<void>): Promise<bigint> => {
  const before = await chain.received()
  await what()
  return (await chain.received()) - before
}

describe('the servers of those who publish the clients', () => {
  it.each<[string, Client, () => Peer]>([
    ['@x402/fetch', CLIENTS.x402Fetch, () => x402],
    ['@x402/axios', CLIENTS.x402Axios, () => x402],
    ['mppx with a wallet', CLIENTS.mppxEvm, () => wallet],
  ])('are paid by %s on the chain', async (_, client, peer) => {
    const units = await moved(async () => {
      const response = await client(`${peer().url}/reports/a`)
      expect([response.status, await response.text()]).toEqual([200, 'the report a'])
    })
    expect(units).toBe(750_000n)
    expect(facilitator.calls).toContain('settle')
  })

  it('are paid by x402-fetch, whose version 1 none of them offers now, on the chain', async () => {
    const v1 = await startVersion1(facilitator.url)
    const units = await moved(async () => {
      expect((await CLIENTS.x402FetchV1(v1.url)).status).toBe(200)
    })
    expect(units).toBe(750_000n)
    await v1.stop()
  })

  it('are paid by mppx with a card', async () => {
    const response = await CLIENTS.mppxStripe(`${card.url}/reports/a`)
    expect([response.status, await response.text()]).toEqual([200, 'the report a'])
    expect(stripe.intents.map(({ amount, status }) => [amount, status])).toEqual([[75, 'succeeded']])
    expect(response.headers.get('payment-receipt')).not.toBeNull()
  })
})

describe('what the same servers do with the money of whoever paid, which ours must not', () => {
  it('@x402/hono: one payment sent ten times at once runs the origin more than once', async () => {
    const payment = await hold(CLIENTS.x402Fetch, `${x402.url}/reports/b`)
    const before = x402.runs()
    const units = await moved(async () => {
      const answers = await Promise.all(Array.from({ length: 10 }, () => payment.send()))
      await Promise.all(answers.map((answer) => answer.text()))
    })
    expect(units).toBe(750_000n)
    expect(x402.runs() - before).toBeGreaterThan(1)
  })

  it('@x402/hono: an answer of settle that is lost takes the money and gives 402', async () => {
    facilitator.failSettle('settle-then-drop')
    let status = 0
    const units = await moved(async () => {
      status = (await CLIENTS.x402Fetch(`${x402.url}/reports/c`)).status
    })
    expect([status, units]).toEqual([402, 750_000n])
  })

  it('mppx: an answer of Stripe that is lost has its own client pay twice', async () => {
    stripe.reset()
    stripe.fail('drop')
    const response = await CLIENTS.mppxStripe(`${card.url}/reports/d`)
    expect([response.status, stripe.intents.length]).toEqual([200, 2])
  })
})

/** Asks for a payment of version 1, and has it settled. */
const startVersion1 = (facilitatorUrl: string) =>
  serve(async ({ headers }, response) => {
    const offer = {
      scheme: 'exact',
      network: 'base-sepolia',
      maxAmountRequired: '750000',
      asset: USDC,
      payTo: PAY_TO,
      resource: 'http://127.0.0.1/',
      description: '',
      mimeType: '',
      maxTimeoutSeconds: 60,
      extra: { name: 'USDC', version: '2' },
    }
    const payment = headers['x-payment']
    if (payment === undefined) return json(response, 402, { x402Version: 1, error: 'pay', accepts: [offer] })
    const paymentPayload: unknown = JSON.parse(Buffer.from(String(payment), 'base64').toString())
    const settled = await fetch(`${facilitatorUrl}/settle`, {
      method: 'POST',
      body: JSON.stringify({ x402Version: 1, paymentPayload, paymentRequirements: offer }),
    })
    const { success } = (await settled.json()) as { success: boolean }
    return json(response, success ? 200 : 402, {})
  })
