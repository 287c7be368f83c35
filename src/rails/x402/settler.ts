/**
 * Has a facilitator check and settle payments.
 *
 * Gate and alarm call the same function with what was stored at the claim: the server's own requirements, never what a client
 * echoes of them. All wires become one form, that of x402 v2, because one authorization is one payment.
 */
import type { Payment } from '../../access/payment.ts'
import type { Json } from '../../core/json.ts'
import { refusal, type Refusal } from '../../core/problem.ts'
import { err, ok, type Result } from '../../core/result.ts'
import type { Field } from '../../http/rules/exchange.ts'
import type { Settlement, StoredPayment } from '../../ledger/rules/payment.ts'
import type { PaymentSettler, SettlerPlatform } from '../rail.ts'
import { createEvidence } from './evidence.ts'
import { createFacilitator, type Facilitator } from './facilitator.ts'
import type { CheckedX402 } from './rules/options.ts'
import { isOfAnother } from './rules/otherpayment.ts'
import { type JudgedSettlement, judgeSettled, judgePaymentStatus, judgeVerified } from './rules/answers.ts'
import { settlementFields } from './rules/settlementfield.ts'

/** What a facilitator is sent about a payment. */
type Payable = Pick<StoredPayment, 'payload' | 'requirements'>

/** Creates the settler of authorizations on chains, in whatever wire they came. */
export function createChainSettler(options: CheckedX402, platform: SettlerPlatform): PaymentSettler {
  const facilitator = createFacilitator(options.facilitator, platform)
  const evidence = options.rpc === undefined ? undefined : createEvidence(options.rpc, platform)
  return {
    failures: options.failures,
    async verify(paid) {
      const answer = await facilitator.verify(bodyOf(paid))
      const verdict = answer === undefined ? ({ kind: 'unavailable' } as const) : judgeVerified(answer)
      switch (verdict.kind) {
        case 'valid':
          return ok(undefined)
        case 'unavailable':
          return err(UNAVAILABLE)
        case 'declined':
          return declined(verdict.reason, paid)
      }
    },
    async settle(payment, tries) {
      const { settlement, isNonceUsed } = await askToSettle(facilitator, payment, tries)
      if (settlement.kind !== 'unknown' || evidence === undefined) return settlement
      const isUnsent = tries <= 1 && isNonceUsed === true
      if (tries <= 1 && !isUnsent) return settlement
      return (await evidence(payment, isUnsent)) ?? settlement
    },
    receiptFields: fieldsOf,
  }
}

/** Asks the facilitator, and about the state of a payment where it has a name for that. */
async function askToSettle(facilitator: Facilitator, payment: StoredPayment, tries: number): Promise<JudgedSettlement> {
  const answer = await facilitator.settle(bodyOf(payment))
  if (answer === undefined) return { settlement: { kind: 'unknown' } }
  const judged = judgeSettled(answer, tries)
  // A facilitator that mixes payments up has proved nothing of this one.
  if (judged.settlement.kind === 'settled' && isOfAnother(answer.body, payment))
    return { settlement: { kind: 'unknown' } }
  const { settlement, paymentId } = judged
  const status = paymentId === undefined ? undefined : await facilitator.status(paymentId)
  return status === undefined ? judged : { settlement: judgePaymentStatus(status, settlement) }
}

function bodyOf({ payload, requirements }: Payable): Json {
  const paymentPayload = { x402Version: 2, accepted: requirements, payload }
  return { x402Version: 2, paymentPayload, paymentRequirements: requirements }
}

const UNAVAILABLE = /* @__PURE__ */ refusal(
  'payments-unavailable',
  'The payment could not be checked now. Nothing was charged.',
  { check: 'charge' },
)

function declined(reason: string, paid: Payment): Result<never, Refusal> {
  const detail = `The payment was declined: ${reason}. Nothing was charged.`
  const fields = fieldsOf({ kind: 'failed', reason }, paid)
  return err(refusal('payment-declined', detail, { check: 'charge', fields }))
}

function fieldsOf(settlement: Settlement, { requirements, payer, ...paid }: Payment): readonly Field[] {
  return settlementFields(settlement, { network: networkIn(requirements), payer, versions: versionsOf(paid) })
}

function networkIn(requirements: Json): string {
  const isObject = typeof requirements === 'object' && requirements !== null && 'network' in requirements
  return isObject && typeof requirements['network'] === 'string' ? requirements['network'] : ''
}

function versionsOf(paid: object): readonly (1 | 2)[] {
  return 'versions' in paid && Array.isArray(paid.versions) ? paid.versions : [2]
}
