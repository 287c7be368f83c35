import { describe, expect, it } from 'vitest'
import { CLIENTS } from '../../tools/payments/clients/clients.ts'
import { heldPayment, type HeldPayment, hold } from '../../tools/payments/clients/hold.ts'
import { startForFile } from '../slow/startforfile.ts'
import { decoded, startPaymentGate, told } from './gate.ts'

const gate = await startForFile(startPaymentGate())
const { url } = gate

let pages = 0

/** An authorization that a client made, in both wire formats of x402. */
async function inBothVersions(): Promise<[HeldPayment, HeldPayment]> {
  const target = `${url}/orders/wires-${++pages}`
  const v2 = await hold(CLIENTS.x402Fetch, target)
  const { payload } = JSON.parse(Buffer.from(v2.value, 'base64').toString()) as { payload: object }
  const v1 = { x402Version: 1, scheme: 'exact', network: 'base-sepolia', payload }
  return [v2, heldPayment(target, 'X-PAYMENT', Buffer.from(JSON.stringify(v1)).toString('base64'))]
}

describe('one authorization', () => {
  it.each([
    ['version 2, then as version 1', [0, 1], 'PAYMENT-RESPONSE'],
    ['version 1, then as version 2', [1, 0], 'X-PAYMENT-RESPONSE'],
  ] as const)('as x402 of %s is one payment', async (_, [first, second], field) => {
    const wires = await inBothVersions()
    const effects = await gate.during(async () => {
      const answer = await wires[first].send()
      expect(decoded(answer, field)).toMatchObject({ success: true })
      const page = await answer.text()
      expect(await told(wires[second].send())).toBe(`200 ${page}`)
    })
    expect(effects).toMatchObject({ units: 750_000n, runs: 1 })
  })

  it('in both versions of x402 at once is one payment', async () => {
    const wires = await inBothVersions()
    const effects = await gate.during(async () => {
      const answers = await Promise.all([...wires, ...wires].map((wire) => told(wire.send())))
      expect(answers.filter((one) => one.startsWith('200 '))).toHaveLength(1)
      expect(answers.filter((one) => one.startsWith('409 '))).toHaveLength(3)
    })
    expect(effects).toMatchObject({ units: 750_000n, runs: 1 })
  })

  it('in both fields of x402 of one request is one payment', async () => {
    const [v2, v1] = await inBothVersions()
    const effects = await gate.during(async () => {
      expect(await told(v2.send(undefined, { headers: { 'x-payment': v1.value } }))).toMatch(/^200 /)
    })
    expect(effects).toMatchObject({ units: 750_000n, runs: 1 })
  })
})

describe('two payments of one request', () => {
  it('are ambiguous, and neither is settled', async () => {
    const [first] = await inBothVersions()
    const [, second] = await inBothVersions()
    const card = await hold(CLIENTS.mppxStripe, `${url}/orders/wires-${pages}`)
    const effects = await gate.during(async () => {
      const inVersions = first.send(undefined, { headers: { 'x-payment': second.value } })
      expect(await told(inVersions)).toBe('402 credential-ambiguous')
      const byTwoRails = second.send(undefined, { headers: { [card.name]: card.value } })
      expect(await told(byTwoRails)).toBe('402 credential-ambiguous')
    })
    expect(effects).toEqual({ units: 0n, intents: 0, runs: 0, calls: [] })
  })
})
