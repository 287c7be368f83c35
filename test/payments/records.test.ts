import { expect, it } from 'vitest'
import { CLIENTS } from '../../tools/payments/clients/clients.ts'
import { hold } from '../../tools/payments/clients/hold.ts'
import { startForFile } from '../slow/startforfile.ts'
import { decoded, type PaidRecord, startPaymentGate, told } from './gate.ts'

const gate = await startForFile(startPaymentGate())
const { url, facilitator, stripe, records } = gate

/** Those that name a movement of money. A record may come twice. */
function recordsOf(reference: string): PaidRecord[] {
  const unique = new Map(records.map((record) => [record.id, record]))
  return [...unique.values()].filter(({ data }) => data.payment?.reference === reference)
}

it('billing is told of a payment once, with the hash of its transaction', async () => {
  const response = await CLIENTS.x402Fetch(`${url}/reports/recorded`)
  await response.text()
  const hash = String(decoded(response, 'PAYMENT-RESPONSE')?.['transaction'])
  await expect.poll(() => recordsOf(hash).length, { timeout: 30_000 }).toBe(1)
  expect(recordsOf(hash)[0]?.data.payment).toEqual({ rail: 'x402', state: 'settled', reference: hash })
})

it('billing is told of a card with the PaymentIntent', async () => {
  const response = await CLIENTS.mppxStripe(`${url}/reports/recorded`)
  await response.text()
  const reference = stripe.intents.at(-1)?.id ?? ''
  await expect.poll(() => recordsOf(reference).length, { timeout: 30_000 }).toBe(1)
  expect(recordsOf(reference)[0]?.data.payment).toEqual({ rail: 'mpp', state: 'settled', reference })
})

it('billing is told once of a payment whose first answer was lost, and of none that was never settled', async () => {
  const payment = await hold(CLIENTS.x402Fetch, `${url}/orders/recorded`, { init: { method: 'POST' } })
  facilitator.failSettle('settle-then-drop')
  expect(await told(payment.send())).toBe('503 settlement-unknown')
  const served = await payment.send()
  expect(await told(served.clone())).toBe('200 the page /orders/recorded')
  const hash = String(decoded(served, 'PAYMENT-RESPONSE')?.['transaction'])
  await expect.poll(() => recordsOf(hash).length, { timeout: 30_000 }).toBeGreaterThan(0)
  expect(recordsOf(hash).map(({ data }) => data.payment?.state)).toEqual(['settled'])
})
