import { beforeEach, describe, expect, it } from 'vitest'
import { type Client, CLIENTS } from '../../tools/payments/clients/clients.ts'
import { type HeldPayment, hold } from '../../tools/payments/clients/hold.ts'
import { PAYER, type SignedTransfer } from '../../tools/payments/stack/chain.ts'
import { PAY_TO } from '../../tools/payments/stack/names.ts'
import { startForFile } from '../slow/startforfile.ts'
import { decoded, startPaymentGate, told } from './gate.ts'

const gate = await startForFile(startPaymentGate())
const { proven, chain, facilitator } = gate
beforeEach(() => facilitator.reset())

let pages = 0
const made = (client: Client = CLIENTS.x402Fetch): Promise<HeldPayment> =>
  hold(client, `${proven}/api/shown-${++pages}`)

/** Presents a payment that is on its way to being settled, while something happens to it on the chain. */
async function whileSettling(payment: HeldPayment, happens: () => Promise<unknown>): Promise<string> {
  const release = facilitator.hold('settle')
  const answer = told(payment.send())
  await expect.poll(() => facilitator.calls).toEqual(['verify', 'settle'])
  await happens()
  release()
  return answer
}

/** Presents a payment until its outcome is known: the ledger's alarm may be asking just then. */
const onceKnown = (payment: HeldPayment) =>
  expect.poll(() => told(payment.send()), { timeout: 20_000 }).not.toBe(UNKNOWN)

const UNKNOWN = '503 settlement-unknown'
const PRICE = 10_000n

describe('a payment of which the facilitator knows nothing any more', () => {
  it.each([
    ['@x402/fetch', CLIENTS.x402Fetch],
    ['x402-fetch', CLIENTS.x402FetchV1],
    ['mppx with a wallet', CLIENTS.mppxEvm],
  ])('of %s is settled once its transfer is in a safe block', async (_, client) => {
    const payment = await made(client)
    facilitator.failSettle('settle-then-drop')
    const effects = await gate.during(async () => {
      expect(await told(payment.send())).toBe(UNKNOWN)
      facilitator.forget()
      expect(await told(payment.send())).toBe(UNKNOWN)
      await chain.mineUntilSafe()
      await onceKnown(payment)
      expect(await told(payment.send())).toMatch(/^200 the page/)
    })
    expect(effects).toMatchObject({ units: PRICE, runs: 1 })
  })

  it('is settled if somebody else has brought it to the chain', async () => {
    const payment = await made()
    const signed = signedIn(payment)
    const effects = await gate.during(async () => {
      let transaction: string | undefined
      const submitted = async () => (transaction = await chain.submit(signed))
      expect(await whileSettling(payment, submitted)).toBe(UNKNOWN)
      await chain.mineUntilSafe()
      await onceKnown(payment)
      const paid = await payment.send()
      expect(decoded(paid, 'PAYMENT-RESPONSE')).toMatchObject({ success: true, transaction })
      expect(await told(paid)).toMatch(/^200 the page/)
    })
    expect(effects).toMatchObject({ units: PRICE, runs: 1 })
  })
})

describe('a nonce that its payer has used for another transfer', () => {
  it.each<[string, `0x${string}`, bigint, bigint]>([
    ['to himself', PAYER.address, PRICE, 0n],
    ['to somebody else', `0x${'5'.repeat(40)}`, PRICE, 0n],
    ['of a unit less', PAY_TO, PRICE - 1n, PRICE - 1n],
  ])('%s pays for nothing, which is known once its block is safe', async (_, to, units, received) => {
    const payment = await made()
    const { nonce } = signedIn(payment).authorization
    const effects = await gate.during(async () => {
      expect(await whileSettling(payment, () => chain.spend(PAYER, to, units, nonce))).toBe(UNKNOWN)
      expect(await told(payment.send())).toBe(UNKNOWN)
      await chain.mineUntilSafe()
      await onceKnown(payment)
      expect(await told(payment.send())).toBe('402 payment-declined')
    })
    expect(effects.units).toBe(received)
  })
})

describe('a reorganisation', () => {
  it('that takes a transfer back leaves its payment unknown until it is settled anew', async () => {
    const payment = await made()
    const reorganize = await chain.snapshot()
    facilitator.failSettle('settle-then-drop')
    const effects = await gate.during(async () => {
      expect(await told(payment.send())).toBe(UNKNOWN)
      facilitator.forget()
      facilitator.down(true)
      expect(await told(payment.send())).toBe(UNKNOWN)
      await reorganize()
      await chain.mineUntilSafe()
      expect(await told(payment.send())).toBe(UNKNOWN)
      expect(await chain.used(PAYER.address, signedIn(payment).authorization.nonce)).toBe(false)
      facilitator.down(false)
      await onceKnown(payment)
      expect(await told(payment.send())).toMatch(/^200 the page/)
    })
    expect(effects).toMatchObject({ units: PRICE, runs: 1 })
  })

  it('that puts the payment in the place of another transfer of its nonce settles it', async () => {
    const payment = await made()
    const signed = signedIn(payment)
    const reorganize = await chain.snapshot()
    const effects = await gate.during(async () => {
      const spend = () => chain.spend(PAYER, PAYER.address, PRICE, signed.authorization.nonce)
      expect(await whileSettling(payment, spend)).toBe(UNKNOWN)
      expect(await told(payment.send())).toBe(UNKNOWN)
      await reorganize()
      await chain.submit(signed)
      await chain.mineUntilSafe()
      await onceKnown(payment)
      expect(await told(payment.send())).toMatch(/^200 the page/)
    })
    expect(effects).toMatchObject({ units: PRICE, runs: 1 })
  })

  it('that puts another transfer of its nonce in the place of a payment leaves it unpaid', async () => {
    const payment = await made()
    const signed = signedIn(payment)
    const reorganize = await chain.snapshot()
    facilitator.failSettle('settle-then-drop')
    const effects = await gate.during(async () => {
      expect(await told(payment.send())).toBe(UNKNOWN)
      facilitator.forget()
      expect(await told(payment.send())).toBe(UNKNOWN)
      await reorganize()
      await chain.spend(PAYER, PAYER.address, PRICE, signed.authorization.nonce)
      await chain.mineUntilSafe()
      await onceKnown(payment)
      expect(await told(payment.send())).toBe('402 payment-declined')
    })
    expect(effects).toMatchObject({ units: 0n, runs: 1 })
  })
})

/** What a client of x402 has signed. */
function signedIn({ value }: HeldPayment): SignedTransfer {
  return (JSON.parse(Buffer.from(value, 'base64').toString()) as { payload: SignedTransfer }).payload
}
