import { describe, expect, it } from 'vitest'
import type { Settlement } from '../../../../src/ledger/rules/payment.ts'
import { judgePaymentStatus, judgeSettled, judgeVerified } from '../../../../src/rails/x402/rules/answers.ts'

const HASH = `0x${'a'.repeat(64)}`
const unknown = (reference?: string): Settlement => ({ kind: 'unknown', ...(reference !== undefined && { reference }) })
const failure = (errorReason: unknown, transaction: unknown = ''): object => ({
  success: false,
  errorReason,
  transaction,
})

describe('of a settlement', () => {
  it.each<[string, number, unknown, Settlement]>([
    ['success is proof', 200, { success: true, transaction: HASH }, { kind: 'settled', reference: HASH }],
    ['success with another status is none', 500, { success: true, transaction: HASH }, unknown(HASH)],
    [
      'a validation reason without a transaction is proof that nothing moved',
      200,
      failure('invalid_exact_evm_insufficient_balance'),
      { kind: 'failed', reason: 'invalid_exact_evm_insufficient_balance' },
    ],
    ['the same with a transaction is none', 200, failure('insufficient_funds', HASH), unknown(HASH)],
    ['the same with another status is none', 400, failure('insufficient_funds'), unknown()],
    ['a used nonce is none', 200, failure('invalid_exact_evm_nonce_already_used'), unknown()],
    ['a failed transaction is none', 200, failure('invalid_exact_evm_transaction_failed'), unknown()],
    ['an unexpected error is none', 200, failure('unexpected_settle_error'), unknown()],
    ['a reason that nobody knows is none', 200, failure('because'), unknown()],
    ['no reason is none', 200, failure(undefined), unknown()],
    ['what is pending keeps its hash', 200, failure('settlement_pending', HASH), unknown(HASH)],
    ['what is pending keeps its hash at CDP', 500, failure('settlement_pending', HASH), unknown(HASH)],
    ['a name of the payment is kept', 200, { ...failure('settlement_pending'), paymentId: 'p-1' }, unknown('p-1')],
    ['a hash that is a page is not kept', 200, failure('settlement_pending', '<h1>\r\n</h1>'), unknown()],
    ['no JSON says nothing', 502, undefined, unknown()],
    ['another JSON says nothing', 200, ['success'], unknown()],
    ['a success in words says nothing', 200, { success: 'true', transaction: HASH }, unknown()],
  ])('%s', (_rule, status, body, settlement) => {
    expect(judgeSettled({ status, body }, 1).settlement).toEqual(settlement)
  })

  it('a validation reason proves nothing once the payment may have been sent', () => {
    expect(judgeSettled({ status: 200, body: failure('insufficient_funds') }, 2).settlement).toEqual(unknown())
  })

  it.each<[string, number, unknown, Settlement]>([
    ['that is completed', 200, { status: 'completed', transaction: HASH }, { kind: 'settled', reference: HASH }],
    ['that has failed', 200, { status: 'failed' }, { kind: 'failed', reason: 'invalid_transaction_state' }],
    ['that has failed, for all it knows', 200, { status: 'failed', reason: 'outcome_unknown' }, unknown('p-1')],
    ['that is pending', 200, { status: 'pending', transaction: null }, unknown('p-1')],
    ['that is pending with a hash', 200, { status: 'pending', transaction: HASH }, unknown(HASH)],
    ['of nobody', 404, { status: 'completed', transaction: HASH }, unknown('p-1')],
  ])('the status of a payment %s', (_what, status, body, settlement) => {
    expect(judgePaymentStatus({ status, body }, unknown('p-1'))).toEqual(settlement)
  })
})

describe('of a check', () => {
  it.each<[string, number, unknown, object]>([
    ['a yes', 200, { isValid: true }, { kind: 'valid' }],
    ['a yes with another status', 500, { isValid: true }, { kind: 'unavailable' }],
    ['a yes of a redirection', 308, { isValid: true }, { kind: 'unavailable' }],
    ['a yes in words', 200, { isValid: 'true' }, { kind: 'unavailable' }],
    [
      'a no',
      200,
      { isValid: false, invalidReason: 'insufficient_funds' },
      { kind: 'declined', reason: 'insufficient_funds' },
    ],
    ['a no of CDP', 400, { isValid: false, invalidReason: '<b>' }, { kind: 'declined', reason: 'invalid_payload' }],
    ['a no of nothing', 404, { isValid: false }, { kind: 'unavailable' }],
    ['an error', 200, { isValid: false, invalidReason: 'unexpected_verify_error' }, { kind: 'unavailable' }],
    ['no JSON', 200, undefined, { kind: 'unavailable' }],
  ])('%s', (_what, status, body, verdict) => {
    expect(judgeVerified({ status, body })).toEqual(verdict)
  })
})
