import { describe, expect, it } from 'vitest'
import type { Payment } from '../../src/access/payment.ts'
import { paymentIn, type PaymentPresentation } from '../../src/access/proof.ts'
import type { Receipt } from '../../src/access/receipt.ts'
import { refusal } from '../../src/core/problem.ts'
import { err, ok } from '../../src/core/result.ts'

const receipt = ok({ kind: 'receipt', jti: 'r' } as Receipt)
const payment = (name: string) => ok({ kind: 'payment', name } as Payment)
const bad = err(refusal('credential-malformed', 'Not one payment.', { check: 'spelling' }))
const sent = (rail: string, proof: PaymentPresentation['proof']): PaymentPresentation => ({
  role: 'payment',
  rail,
  proof,
})

describe('of what one request pays with', () => {
  it.each([
    [
      'a receipt counts before a payment, which would move money',
      [sent('x402', payment('a')), sent('receipt', receipt)],
      'receipt',
    ],
    [
      'a genuine payment counts before a receipt that is none',
      [sent('receipt', bad), sent('x402', payment('a'))],
      'x402',
    ],
    ['one payment in two forms is one', [sent('mpp', payment('a')), sent('x402', payment('a'))], 'mpp'],
    ['the first of two faults is told', [sent('mpp', bad), sent('x402', bad)], 'mpp'],
  ] as const)('%s', (_rule, presented, rail) => {
    expect(paymentIn(presented)).toBe(presented.find((one) => one.rail === rail))
  })

  it('two different payments are ambiguous: nobody can tell which is to be settled', () => {
    const found = paymentIn([sent('mpp', payment('a')), sent('x402', payment('b'))])
    expect(found?.proof).toMatchObject({ ok: false, error: { reason: 'credential-ambiguous' } })
  })
})
