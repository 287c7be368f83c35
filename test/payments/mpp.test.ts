import { base64url } from 'jose'
import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { beforeEach, describe, expect, it } from 'vitest'
import { CLIENTS } from '../../tools/payments/clients/clients.ts'
import { hold } from '../../tools/payments/clients/hold.ts'
import { startChain } from '../../tools/payments/stack/chain.ts'
import { startFacilitator } from '../../tools/payments/stack/reference.ts'
import { serve } from '../../tools/payments/stack/serve.ts'
import { startStripe } from '../../tools/payments/stack/stripe.ts'
import { startWorkerd } from '../../tools/workerd.ts'
import { bundleOf } from '../slow/bundles.ts'
import { startForFile } from '../slow/startforfile.ts'

const stripe = await startForFile(startStripe())
let runs = 0
const origin = await startForFile(
  serve(async (request, response) => {
    runs++
    const isGone = request.url?.endsWith('/gone') === true
    response.writeHead(isGone ? 404 : 200, { 'content-type': 'text/plain' }).end(`the page ${request.url}`)
  }),
)
const chain = await startForFile(startChain())
const facilitator = await startForFile(startFacilitator(chain))
const gate = await startForFile(
  startWorkerd({
    module: bundleOf(import.meta.dirname, 'mppworker.ts'),
    objects: { LEDGER: 'Ledger' },
    vars: {
      ORIGIN_URL: origin.url,
      FACILITATOR_URL: facilitator.url,
      STRIPE_URL: stripe.url,
      STRIPE_KEY: 'sk_test_of_the_double',
      GATE_SECRET: 'a secret of the gate for the tests, of 32 bytes',
      TOKEN_SECRET: '0123456789abcdef0123456789abcdef',
    },
  }),
)

beforeEach(() => {
  stripe.reset()
  facilitator.reset()
  runs = 0
})

const receiptIn = ({ headers }: Response): unknown =>
  JSON.parse(new TextDecoder().decode(base64url.decode(headers.get('payment-receipt') ?? '')))
const reasonOf = async (response: Response): Promise<unknown> => [
  response.status,
  ((await response.json()) as { reason: string }).reason,
]

describe('mppx with a card, as it is published', () => {
  it('pays for a page once', async () => {
    const response = await CLIENTS.mppxStripe(`${gate.url}/reports/a?part=1`)
    expect([response.status, await response.text()]).toEqual([200, 'the page /reports/a?part=1'])
    expect(receiptIn(response)).toMatchObject({ status: 'success', method: 'stripe', reference: 'pi_1' })
    expect(response.headers.get('cache-control')).toContain('private')
    expect([runs, stripe.intents.map(({ amount }) => amount)]).toEqual([1, [75]])
  })

  it('pays beside a token of its own, which opens nothing', async () => {
    const init = { headers: { authorization: 'Bearer not-a-token' } }
    const payment = await hold(CLIENTS.mppxStripe, `${gate.url}/reports/b`, { init })
    expect(payment.name).toBe('payment-authorization')
    expect((await payment.send()).status).toBe(200)
    expect(stripe.intents.length).toBe(1)
  })

  it('does not pay again when nobody knows if it has paid, and is served for the same payment', async () => {
    stripe.fail('drop')
    const payment = await hold(CLIENTS.mppxStripe, `${gate.url}/reports/c`)
    const lost = await payment.send()
    expect([lost.headers.get('www-authenticate'), lost.headers.get('retry-after')]).toEqual([null, '2'])
    expect(await reasonOf(lost)).toEqual([503, 'settlement-unknown'])
    expect((await payment.send()).status).toBe(200)
    expect([stripe.intents.length, stripe.requests.length]).toEqual([1, 2])
    stripe.fail('drop')
    expect((await CLIENTS.mppxStripe(`${gate.url}/reports/c`)).status).toBe(503)
    expect(stripe.intents.length).toBe(2)
  })

  it('is not charged for what is not there, and the payment is good for the next try', async () => {
    const response = await CLIENTS.mppxStripe(`${gate.url}/reports/gone`)
    expect([response.status, stripe.requests.length]).toEqual([404, 0])
  })

  it('is charged once for a payment that comes ten times at once', async () => {
    const payment = await hold(CLIENTS.mppxStripe, `${gate.url}/reports/d`)
    const answers = await Promise.all(Array.from({ length: 10 }, () => payment.send()))
    expect(answers.filter(({ status }) => status === 409).length).toBe(9)
    expect([runs, stripe.intents.length]).toEqual([1, 1])
  })

  it('is told that its card was declined, and that its owner would have to act', async () => {
    const token = () => 'spt_decline'
    const declined = await (await hold(CLIENTS.mppxStripe, `${gate.url}/reports/e`, { token })).send()
    expect(await declined.clone().json()).toMatchObject({
      mpp: { type: 'https://paymentauth.org/problems/verification-failed' },
    })
    expect(await reasonOf(declined)).toEqual([402, 'payment-declined'])
    const acting = await hold(CLIENTS.mppxStripe, `${gate.url}/reports/e`, { token: () => 'spt_action' })
    expect(await (await acting.send()).json()).toMatchObject({
      mpp: { type: 'https://paymentauth.org/problems/payment-action-required' },
    })
    expect(runs).toBe(2)
  })
})

describe('the client in the documentation', () => {
  it('pays', async () => {
    const page = await readFile(join(import.meta.dirname, '../../docs/mpp.md'), 'utf8')
    const code = /```js\n([\s\S]+?)```/.exec(page)?.[1]?.replace('spt_…', 'spt_1') ?? ''
    const file = join(import.meta.dirname, '../../tools/payments/node_modules/.documented-mpp.mjs')
    await writeFile(file, code)
    const { pay } = (await import(pathToFileURL(file).href)) as { pay: (url: string) => Promise<Response> }
    expect((await pay(`${gate.url}/reports/documented`)).status).toBe(200)
    expect(stripe.intents.map(({ amount }) => amount)).toEqual([75])
    await rm(file)
  })
})

describe('mppx with a wallet, as it is published', () => {
  const moved = async (what: () => Promise<void>): Promise<bigint> => {
    const before = await chain.received()
    await what()
    return (await chain.received()) - before
  }

  it('pays for a page once, on the chain', async () => {
    const units = await moved(async () => {
      const response = await CLIENTS.mppxEvm(`${gate.url}/reports/a`)
      expect([response.status, await response.text()]).toEqual([200, 'the page /reports/a'])
      expect(receiptIn(response)).toMatchObject({ status: 'success', method: 'evm' })
      expect(receiptIn(response)).toHaveProperty('reference', expect.stringMatching(/^0x[\da-f]{64}$/))
      expect(response.headers.get('payment-response')).toBeNull()
    })
    expect([units, runs, facilitator.calls]).toEqual([750_000n, 1, ['verify', 'settle']])
  })

  it('pays what no card can, and beside a token', async () => {
    const init = { headers: { authorization: 'Bearer not-a-token' } }
    const units = await moved(async () => {
      expect((await CLIENTS.mppxEvm(`${gate.url}/dimes/a`, { init })).status).toBe(200)
    })
    expect(units).toBe(100_000n)
  })

  it('does not pay again when the answer of its settlement was lost, and is served for the same payment', async () => {
    const units = await moved(async () => {
      facilitator.failSettle('settle-then-drop')
      const payment = await hold(CLIENTS.mppxEvm, `${gate.url}/reports/b`)
      const lost = await payment.send()
      expect(lost.headers.get('www-authenticate')).toBeNull()
      expect(await reasonOf(lost)).toEqual([503, 'settlement-unknown'])
      expect((await payment.send()).status).toBe(200)
    })
    expect([units, runs]).toEqual([750_000n, 1])
  })

  it('pays by an authorization that is one payment also as x402', async () => {
    const units = await moved(async () => {
      const payment = await hold(CLIENTS.mppxEvm, `${gate.url}/reports/c`)
      const asked = await fetch(`${gate.url}/reports/c`)
      const { accepts } = JSON.parse(atob(asked.headers.get('payment-required') ?? '')) as { accepts: object[] }
      const { payload } = JSON.parse(
        atob(payment.value.replace('Payment ', '').replaceAll('-', '+').replaceAll('_', '/')),
      ) as {
        payload: { signature: string; type: string }
      }
      const { signature, type: _type, ...authorization } = payload
      const v2 = { x402Version: 2, accepted: accepts[0], payload: { signature, authorization } }
      expect((await payment.send()).status).toBe(200)
      const again = await fetch(`${gate.url}/reports/c`, {
        headers: { 'payment-signature': btoa(JSON.stringify(v2)) },
      })
      expect(again.status).toBe(200)
    })
    expect([units, runs, facilitator.calls]).toEqual([750_000n, 1, ['verify', 'settle']])
  })
})
