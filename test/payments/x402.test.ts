import { beforeEach, describe, expect, it } from 'vitest'
import { CLIENTS, x402Fetch, x402FetchV1 } from '../../tools/payments/clients/clients.ts'
import { hold, heldPayment } from '../../tools/payments/clients/hold.ts'
import { PAYER, startChain } from '../../tools/payments/stack/chain.ts'
import { startFacilitator } from '../../tools/payments/stack/reference.ts'
import { serve } from '../../tools/payments/stack/serve.ts'
import { startWorkerd } from '../../tools/workerd.ts'
import { readField } from '../rails/x402/payer.ts'
import { bundleOf } from '../slow/bundles.ts'
import { startForFile } from '../slow/startforfile.ts'

const chain = await startForFile(startChain())
const facilitator = await startForFile(startFacilitator(chain))
let runs = 0
const origin = await startForFile(
  serve(async (request, response) => {
    runs++
    const isGone = request.url?.endsWith('/gone') === true
    response.writeHead(isGone ? 404 : 200, { 'content-type': 'text/plain' }).end(`the page ${request.url}`)
  }),
)
const gate = await startForFile(
  startWorkerd({
    module: bundleOf(import.meta.dirname, 'x402worker.ts'),
    objects: { LEDGER: 'Ledger' },
    vars: {
      ORIGIN_URL: origin.url,
      FACILITATOR_URL: facilitator.url,
      RPC_URL: chain.url,
      TOKEN_SECRET: '0123456789abcdef0123456789abcdef',
    },
  }),
)

let before = 0n
beforeEach(async () => {
  facilitator.reset()
  runs = 0
  before = await chain.received()
})

const moved = async (): Promise<bigint> => (await chain.received()) - before
const reasonOf = async (response: Response): Promise<unknown> => [
  response.status,
  ((await response.json()) as { reason: string }).reason,
]
const HASH = expect.stringMatching(/^0x[\da-f]{64}$/)
const payer = PAYER.address.toLowerCase()

describe('clients of x402, as they are published', () => {
  it.each([
    ['@x402/fetch', CLIENTS.x402Fetch, 'payment-response', 'eip155:84532'],
    ['@x402/axios', CLIENTS.x402Axios, 'payment-response', 'eip155:84532'],
    ['x402-fetch', CLIENTS.x402FetchV1, 'x-payment-response', 'base-sepolia'],
  ])(
    '%s pays for a page once',
    async (_name, client, field, network) => {
      const url = field === 'payment-response' ? '/reports/a' : '/reports/a?v=1'
      const response = await client(`${gate.url}${url}`)
      expect([response.status, await response.text()]).toEqual([200, `the page ${url}`])
      expect(readField(response, field)).toEqual({ success: true, transaction: HASH, network, payer })
      expect([runs, await moved(), facilitator.calls]).toEqual([1, 750_000n, ['verify', 'settle']])
    },
    20_000,
  )

  it('are charged nothing for what is not there, and the payment is good for the next page', async () => {
    const payment = await hold(x402Fetch, `${gate.url}/cheap/gone`)
    expect((await payment.send()).status).toBe(404)
    expect([await moved(), facilitator.calls]).toEqual([0n, ['verify']])
    expect((await payment.send(`${gate.url}/cheap/there`)).status).toBe(200)
    expect(await moved()).toBe(10_000n)
  })
})

describe('one payment on a chain', () => {
  it('that comes ten times at once opens one page', async () => {
    const payment = await hold(x402Fetch, `${gate.url}/cheap/b`)
    const answers = await Promise.all(Array.from({ length: 10 }, () => payment.send()))
    const told = answers.map(({ status, headers }) => [status, headers.get('retry-after')])
    expect(told.filter(([status]) => status === 409)).toEqual(Array.from({ length: 9 }, () => [409, '1']))
    expect([runs, await moved()]).toEqual([1, 10_000n])
  })

  it('in both versions is one: together it opens one page, and then another in neither', async () => {
    const payment = await hold(x402FetchV1, `${gate.url}/cheap/c`)
    const { accepts } = readField(await fetch(`${gate.url}/cheap/c`), 'payment-required') as { accepts: object[] }
    const { payload } = JSON.parse(Buffer.from(payment.value, 'base64').toString()) as { payload: object }
    const second = Buffer.from(JSON.stringify({ x402Version: 2, accepted: accepts[0], payload })).toString('base64')
    const both = await payment.send(undefined, { headers: { 'payment-signature': second } })
    expect([both.status, readField(both, 'payment-response'), readField(both, 'x-payment-response')]).toEqual([
      200,
      expect.objectContaining({ success: true, network: 'eip155:84532' }),
      expect.objectContaining({ success: true, network: 'base-sepolia' }),
    ])
    expect(await reasonOf(await payment.send(`${gate.url}/cheap/d`))).toEqual([402, 'payment-spent'])
    const again = heldPayment(`${gate.url}/cheap/d`, 'payment-signature', second)
    expect(await reasonOf(await again.send())).toEqual([402, 'payment-spent'])
    expect([runs, await moved()]).toEqual([1, 10_000n])
  })

  it('that is forged is declined, and no origin is asked', async () => {
    const payment = await hold(x402Fetch, `${gate.url}/cheap/e`)
    const text = Buffer.from(payment.value, 'base64').toString()
    const forged = text.replace(
      /("nonce":"0x)(\w)/,
      (_all, name: string, digit: string) => `${name}${digit === '0' ? '1' : '0'}`,
    )
    const value = Buffer.from(forged).toString('base64')
    const refused = await heldPayment(`${gate.url}/cheap/e`, payment.name, value).send()
    expect(refused.status).toBe(402)
    expect(runs).toBe(0)
  })
})

describe.each(['settle-then-drop', 'settle-then-502', 'settle-then-hang', 'pending', '500-pending'] as const)(
  'a settlement whose answer is %s',
  (fault) => {
    it('moves money once, and the same payment gets its page', async () => {
      facilitator.failSettle(fault)
      const payment = await hold(x402Fetch, `${gate.url}/cheap/${fault}`)
      const lost = await payment.send()
      expect([lost.headers.get('payment-required'), lost.headers.get('retry-after')]).toEqual([null, '2'])
      const told = { success: false, errorReason: 'settlement_pending', network: 'eip155:84532', payer }
      const transaction = fault.endsWith('pending') ? HASH : ''
      expect(readField(lost, 'payment-response')).toEqual({ ...told, transaction })
      expect(await reasonOf(lost)).toEqual([503, 'settlement-unknown'])
      const again = await payment.send()
      expect([again.status, await again.text()]).toEqual([200, `the page /cheap/${fault}`])
      expect([runs, await moved()]).toEqual([1, 10_000n])
    }, 20_000)
  },
)

describe('what the chain says', () => {
  it('of a payment that its payer takes back is heard at once: it is declined', async () => {
    const payment = await hold(x402Fetch, `${gate.url}/cheap/f`)
    const { payload } = JSON.parse(Buffer.from(payment.value, 'base64').toString()) as {
      payload: { authorization: { nonce: `0x${string}` } }
    }
    facilitator.failVerify('lie')
    await chain.cancel(PAYER, payload.authorization.nonce)
    const declined = await payment.send()
    expect(readField(declined, 'payment-response')).toMatchObject({ success: false, transaction: '' })
    expect(await reasonOf(declined)).toEqual([402, 'payment-declined'])
    expect(await moved()).toBe(0n)
  })

  it('closes what a facilitator has settled and forgotten', async () => {
    const payment = await hold(x402Fetch, `${gate.url}/cheap/g`)
    facilitator.failSettle('settle-then-drop')
    expect((await payment.send()).status).toBe(503)
    facilitator.forget()
    expect(await reasonOf(await payment.send())).toEqual([503, 'settlement-unknown'])
    await chain.mineUntilSafe()
    expect((await payment.send()).status).toBe(200)
    expect([runs, await moved()]).toEqual([1, 10_000n])
  })
})
