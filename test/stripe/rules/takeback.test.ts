import { describe, expect, it } from 'vitest'
import {
  type GivenFor,
  heldFor,
  type PaymentDispute,
  type PaymentRefund,
  takenBack,
} from '../../../src/stripe/rules/takeback.ts'

const NOW = 1_800_000_000
const CREDIT = { kind: 'credit', money: { units: 10_000_000_000n, currency: 'EUR' } } as const
const RECEIPT = { kind: 'receipt' } as const
const GIVEN: GivenFor = { payment: 'pi_1', amount: 999, currency: 'eur', account: 'cus_1', gave: CREDIT }

function refund(amount: number, status = 'succeeded'): PaymentRefund {
  return { id: `re_${amount}`, amount, status }
}

function dispute(status: string, over: Partial<PaymentDispute> = {}): PaymentDispute {
  return { id: 'dp_1', amount: 999, currency: 'eur', at: NOW - 60, status, ...over }
}

/** The units that each part takes. */
function taken(refunds: readonly PaymentRefund[], disputes: readonly PaymentDispute[] = []): readonly bigint[] {
  return takenBack(GIVEN, refunds, disputes, NOW).flatMap((change) =>
    change.kind === 'credit-taken' ? [change.money.units] : [],
  )
}

describe('of credit', () => {
  it.each<[string, readonly PaymentRefund[], readonly PaymentDispute[], readonly bigint[]]>([
    ['a part is taken, rounded up', [refund(333)], [], [3_333_333_334n]],
    ['all is taken, to the last unit', [refund(999)], [], [10_000_000_000n]],
    ['no more than all is taken by one refund', [refund(1500)], [], [10_000_000_000n]],
    ['nothing is taken by a refund that is not done', [refund(1, 'pending'), refund(2, 'failed')], [], []],
    ['nothing is taken by one that was canceled', [refund(3, 'canceled'), refund(4, 'requires_action')], [], []],
    ['all is taken by a lost dispute', [], [dispute('lost')], [10_000_000_000n]],
    ['a part is taken by a lost dispute of a part', [], [dispute('lost', { amount: 333 })], [3_333_333_334n]],
    ['no more than all is taken by a dispute', [], [dispute('lost', { amount: 2000 })], [10_000_000_000n]],
    [
      'all is taken by a lost dispute in another currency',
      [],
      [dispute('lost', { amount: 1, currency: 'usd' })],
      [10_000_000_000n],
    ],
    ['it stays taken while a loss is appealed', [], [dispute('appeal_under_review')], [10_000_000_000n]],
    ['nothing is taken by a dispute that is open', [], [dispute('needs_response'), dispute('under_review')], []],
    ['nothing is taken by one that was won', [], [dispute('won'), dispute('warning_closed'), dispute('prevented')], []],
  ])('%s', (_what, refunds, disputes, units) => {
    expect(taken(refunds, disputes)).toEqual(units)
  })

  it('each part is named by its refund or dispute, and taken of the grant of its payment', () => {
    expect(takenBack(GIVEN, [refund(1), refund(2)], [dispute('lost')], NOW)).toMatchObject([
      { id: 're_1', grant: 'pi_1', money: { currency: 'EUR' } },
      { id: 're_2', grant: 'pi_1' },
      { id: 'dp_1', grant: 'pi_1' },
    ])
  })
})

describe('a receipt', () => {
  it.each<[string, number, readonly PaymentRefund[], readonly PaymentDispute[], boolean]>([
    ['stays while a part went back', 999, [refund(998)], [], false],
    ['is revoked once all went back', 999, [refund(999)], [], true],
    ['is revoked once all went back in parts', 999, [refund(400), refund(599)], [], true],
    [
      'is revoked by a refund and a lost dispute of the rest',
      999,
      [refund(400)],
      [dispute('lost', { amount: 599 })],
      true,
    ],
    ['is revoked by a lost dispute', 999, [], [dispute('lost')], true],
    ['stays while a dispute is open', 999, [], [dispute('needs_response')], false],
    ['that cost nothing stays', 0, [], [], false],
  ])('%s', (_what, amount, refunds, disputes, isRevoked) => {
    const changes = takenBack({ ...GIVEN, amount, gave: RECEIPT }, refunds, disputes, NOW)
    expect(changes).toEqual(isRevoked ? [{ kind: 'token-revoked', jti: 'pi_1', at: NOW }] : [])
  })
})

describe('a dispute', () => {
  const AHEAD = 7 * 86_400
  it.each<[string, PaymentDispute, 'held' | 'lifted' | 'nothing']>([
    ['that needs an answer', dispute('needs_response'), 'held'],
    ['under review', dispute('under_review'), 'held'],
    ['that was lost', dispute('lost'), 'held'],
    ['that was won', dispute('won'), 'lifted'],
    ['that was won long ago', dispute('won', { at: NOW - AHEAD - 1 }), 'lifted'],
    ['of seven days ago', dispute('lost', { at: NOW - AHEAD }), 'held'],
    ['of longer ago: an operator may have lifted it', dispute('lost', { at: NOW - AHEAD - 1 }), 'nothing'],
    ['that was prevented', dispute('prevented'), 'nothing'],
    ['that is an inquiry', dispute('warning_needs_response'), 'nothing'],
    ['that is an inquiry under review', dispute('warning_under_review'), 'nothing'],
    ['that was an inquiry', dispute('warning_closed'), 'nothing'],
  ])('%s', (_which, about, outcome) => {
    const said = { name: 'dp_1', at: about.at, ...(outcome === 'lifted' && { liftedAt: NOW }) }
    const ofAccount = { kind: 'statement', statement: { kind: 'named-hold', ...said } }
    const ofReceipt = { kind: 'token-named-hold', jti: 'pi_1', ...said }
    const held = (given: GivenFor): unknown => heldFor(given, about, NOW)
    const all = outcome === 'nothing' ? [] : [ofAccount]
    expect(held(GIVEN)).toEqual(all)
    expect(held({ ...GIVEN, gave: RECEIPT })).toEqual(outcome === 'nothing' ? [] : [ofAccount, ofReceipt])
    expect(held({ ...GIVEN, gave: RECEIPT, account: undefined })).toEqual(outcome === 'nothing' ? [] : [ofReceipt])
  })
})
