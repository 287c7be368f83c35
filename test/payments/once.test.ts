import { beforeEach, describe, expect, it } from 'vitest'
import { CLIENTS } from '../../tools/payments/clients/clients.ts'
import { type HeldPayment, heldPayment, hold } from '../../tools/payments/clients/hold.ts'
import { PAYER } from '../../tools/payments/stack/chain.ts'
import { startForFile } from '../slow/startforfile.ts'
import { decoded, startPaymentGate, told } from './gate.ts'

const gate = await startForFile(startPaymentGate())
const { url, chain, facilitator, origin } = gate
beforeEach(() => facilitator.reset())

let pages = 0
const page = (below: string): string => `${url}/${below}/once-${++pages}`

describe('one payment', () => {
  it.each([
    ['@x402/fetch', CLIENTS.x402Fetch],
    ['x402-fetch', CLIENTS.x402FetchV1],
    ['mppx with a wallet', CLIENTS.mppxEvm],
    ['mppx with a card', CLIENTS.mppxStripe],
  ])('of %s, sent ten times at once, runs the origin once and is settled once', async (_, client) => {
    const payment = await hold(client, page('reports'))
    const effects = await gate.during(async () => {
      const answers = await Promise.all(Array.from({ length: 10 }, () => payment.send()))
      const conflicts = answers.filter(({ status }) => status === 409)
      expect(conflicts.map(({ headers }) => headers.has('retry-after'))).toEqual(Array<boolean>(9).fill(true))
      expect(conflicts.some(({ headers }) => headers.has('payment-required'))).toBe(false)
      const said = await Promise.all(answers.map(told))
      expect(said.filter((one) => one.startsWith('200 the page'))).toHaveLength(1)
    })
    expect(effects.runs).toBe(1)
    expect([effects.units, effects.intents]).toEqual(client === CLIENTS.mppxStripe ? [0n, 1] : [750_000n, 0])
  })

  it('that was delivered is spent where nothing is kept', async () => {
    const target = page('orders')
    origin.behave(new URL(target).pathname, { bytes: 2 * 2 ** 20 })
    const payment = await hold(CLIENTS.x402Fetch, target)
    const effects = await gate.during(async () => {
      expect((await (await payment.send()).bytes()).length).toBe(2 * 2 ** 20)
      expect(await told(payment.send())).toBe('402 payment-spent')
    })
    expect(effects).toMatchObject({ units: 750_000n, runs: 1 })
  })

  it.each(['reports/cached', 'orders'])(
    'that was delivered at /%s gives the answer again, and asks nobody',
    async (below) => {
      const payment = await hold(CLIENTS.x402Fetch, page(below))
      const first = await payment.send()
      expect(await told(first.clone())).toMatch(/^200 /)
      const effects = await gate.during(async () => {
        const again = await payment.send()
        expect(decoded(again, 'PAYMENT-RESPONSE')).toEqual(decoded(first, 'PAYMENT-RESPONSE'))
        expect(await told(again)).toMatch(/^200 /)
      })
      expect(effects).toEqual({ units: 0n, intents: 0, runs: 0, calls: [] })
    },
  )

  it.each([
    ['@x402/fetch', CLIENTS.x402Fetch, '402 payment-spent'],
    ['x402-fetch', CLIENTS.x402FetchV1, '402 payment-spent'],
    ['mppx with a card', CLIENTS.mppxStripe, '402 credential-invalid'],
  ])('of %s pays for nothing else of the same price', async (_, client, refused) => {
    const payment = await hold(client, page('reports'))
    const elsewhere = page('reports')
    const effects = await gate.during(async () => {
      expect(await told(payment.send())).toMatch(/^200 /)
      expect(await told(payment.send(elsewhere))).toBe(refused)
    })
    expect(effects.runs).toBe(1)
    expect(effects.units + BigInt(effects.intents)).toBe(client === CLIENTS.mppxStripe ? 1n : 750_000n)
  })
})

describe('a payment that was altered', () => {
  const altered = (payment: HeldPayment, target: string, change: (sent: Sent) => void): HeldPayment => {
    const sent = JSON.parse(Buffer.from(payment.value, 'base64').toString()) as Sent
    change(sent)
    return heldPayment(target, payment.name, Buffer.from(JSON.stringify(sent)).toString('base64'))
  }
  it.each<[string, (sent: Sent) => void]>([
    ['to a unit less', (sent) => (sent.payload.authorization.value = '749999')],
    ['to a unit less, and says so', (sent) => (sent.accepted.amount = sent.payload.authorization.value = '749999')],
    ['to another payee', (sent) => (sent.payload.authorization.to = PAYER.address)],
    ['to another payee, and says so', (sent) => (sent.accepted.payTo = sent.payload.authorization.to = PAYER.address)],
    ['to another version of the token', (sent) => (sent.accepted.extra.version = '1')],
    ['to another network', (sent) => (sent.accepted.network = 'eip155:1')],
    ['to a time that is over', (sent) => (sent.payload.authorization.validBefore = '1')],
    ['to a time to come', (sent) => (sent.payload.authorization.validAfter = '99999999999')],
    ['to a nonce of another length', (sent) => (sent.payload.authorization.nonce = '0x01')],
  ])('%s is refused before anybody is asked', async (_, change) => {
    const target = page('reports')
    const payment = altered(await hold(CLIENTS.x402Fetch, target), target, change)
    const effects = await gate.during(async () => {
      const answer = await payment.send()
      expect(answer.headers.has('payment-required')).toBe(true)
      expect(await told(answer)).toMatch(/^402 /)
    })
    expect(effects).toEqual({ units: 0n, intents: 0, runs: 0, calls: [] })
  })

  it.each([
    ['is no base64', 'not base64!'],
    ['is no JSON', Buffer.from('{').toString('base64')],
    ['is of a version to come', Buffer.from('{"x402Version":3}').toString('base64')],
    ['is too long', 'A'.repeat(9000)],
  ])('so that it %s is refused before anybody is asked', async (_, value) => {
    const effects = await gate.during(async () => {
      const answer = await fetch(page('reports'), { headers: { 'payment-signature': value } })
      expect(answer.headers.has('payment-response')).toBe(false)
      expect(await told(answer)).toBe('402 credential-malformed')
    })
    expect(effects).toEqual({ units: 0n, intents: 0, runs: 0, calls: [] })
  })

  it('in its signature is refused by whoever settles, and the origin is not asked', async () => {
    const target = page('reports')
    const payment = altered(await hold(CLIENTS.x402Fetch, target), target, ({ payload }) => {
      payload.signature = payload.signature.replace(/^0x..../, '0x1234')
    })
    const effects = await gate.during(async () => expect(await told(payment.send())).toMatch(/^402 /))
    expect(effects).toEqual({ units: 0n, intents: 0, runs: 0, calls: ['verify'] })
  })

  it('by its payer, who takes it back between verify and settle, gives no content', async () => {
    const payment = await hold(CLIENTS.x402Fetch, page('reports'))
    const release = facilitator.hold('settle')
    const effects = await gate.during(async () => {
      const answer = payment.send()
      await expect.poll(() => facilitator.calls).toEqual(['verify', 'settle'])
      await chain.cancel(PAYER, nonceOf(payment))
      release()
      const refused = await answer
      expect(decoded(refused, 'PAYMENT-RESPONSE')).toMatchObject({ success: false })
      // The facilitator says that the authorization was used: not for whom.
      expect(await told(refused)).toBe('503 settlement-unknown')
    })
    expect(effects).toMatchObject({ units: 0n, runs: 1 })
  })
})

interface Sent {
  readonly payload: {
    signature: string
    readonly authorization: { value: string; to: string; validAfter: string; validBefore: string; nonce: string }
  }
  readonly accepted: { amount: string; payTo: string; network: string; readonly extra: { version: string } }
}

function nonceOf({ value }: HeldPayment): `0x${string}` {
  const sent = JSON.parse(Buffer.from(value, 'base64').toString()) as Sent
  return sent.payload.authorization.nonce as `0x${string}`
}
