import { describe, expect, it } from 'vitest'
import { CLIENTS } from '../../tools/payments/clients/clients.ts'
import { heldPayment, type HeldPayment, hold } from '../../tools/payments/clients/hold.ts'
import { startForFile } from '../slow/startforfile.ts'
import { decoded, startPaymentGate, told } from './gate.ts'

const gate = await startForFile(startPaymentGate())
const { url } = gate

let pages = 0

/** An authorization that mppx made, and the same in the two wire formats of x402. */
async function inThreeWires(): Promise<[HeldPayment, HeldPayment, HeldPayment]> {
  const target = `${url}/orders/wires-${++pages}`
  const mpp = await hold(CLIENTS.mppxEvm, target)
  const { payload } = JSON.parse(Buffer.from(mpp.value.slice('Payment '.length), 'base64url').toString()) as Credential
  const { type: _type, signature, ...authorization } = payload
  const required = decoded(await fetch(target), 'PAYMENT-REQUIRED') as { accepts: object[]; resource: object }
  const signed = { signature, authorization }
  const {
    accepts: [accepted],
    resource,
  } = required
  const v1 = { x402Version: 1, scheme: 'exact', network: 'base-sepolia', payload: signed }
  const v2 = { x402Version: 2, resource, accepted, payload: signed }
  return [mpp, heldPayment(target, 'PAYMENT-SIGNATURE', encoded(v2)), heldPayment(target, 'X-PAYMENT', encoded(v1))]
}

describe('one authorization', () => {
  it.each([
    ['MPP, then as x402, version 2 and 1', [0, 1, 2]],
    ['x402, then as version 1 and as MPP', [1, 2, 0]],
    ['x402 of version 1, then as version 2 and as MPP', [2, 1, 0]],
  ])('as %s is one payment', async (_, order) => {
    const wires = await inThreeWires()
    const effects = await gate.during(async () => {
      const answers: string[] = []
      for (const which of order) answers.push(await told((wires[which] as HeldPayment).send()))
      // What was delivered is kept for a while, for the same payment.
      expect(answers).toEqual(Array<string>(3).fill(`200 the page /orders/wires-${pages}`))
    })
    expect(effects).toMatchObject({ units: 750_000n, runs: 1 })
  })

  it('in three wire formats at once is one payment', async () => {
    const wires = await inThreeWires()
    const effects = await gate.during(async () => {
      const answers = await Promise.all(wires.map((wire) => told(wire.send())))
      expect(answers.filter((one) => one.startsWith('200 '))).toHaveLength(1)
      expect(answers.filter((one) => one.startsWith('409 '))).toHaveLength(2)
    })
    expect(effects).toMatchObject({ units: 750_000n, runs: 1 })
  })

  it('in both fields of x402 of one request is one payment', async () => {
    const [, v2, v1] = await inThreeWires()
    const effects = await gate.during(async () => {
      expect(await told(v2.send(undefined, { headers: { 'x-payment': v1.value } }))).toMatch(/^200 /)
    })
    expect(effects).toMatchObject({ units: 750_000n, runs: 1 })
  })
})

describe('two payments of one request', () => {
  it('are ambiguous, and neither is settled', async () => {
    const [, first] = await inThreeWires()
    const [, , second] = await inThreeWires()
    const effects = await gate.during(async () => {
      const answer = first.send(undefined, { headers: { 'x-payment': second.value } })
      expect(await told(answer)).toBe('402 credential-ambiguous')
    })
    expect(effects).toEqual({ units: 0n, intents: 0, runs: 0, calls: [] })
  })
})

interface Credential {
  readonly payload: { readonly type: string; readonly signature: string }
}

const encoded = (payment: object): string => Buffer.from(JSON.stringify(payment)).toString('base64')
