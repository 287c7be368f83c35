import type { Field } from '../../../http/rules/exchange.ts'
import type { Settlement } from '../../../ledger/rules/payment.ts'
import { toBase64Json } from './base64json.ts'
import { knownCode, PENDING } from './errorcodes.ts'
import { v1NetworkOf } from './networks.ts'

/** The response fields that tell the payer what became of a payment, by the version of x402. */
export const SETTLEMENT_FIELDS = { 2: 'PAYMENT-RESPONSE', 1: 'X-PAYMENT-RESPONSE' } as const

/** The payment that a field is about. */
interface Told {
  readonly network: string
  readonly payer: string | undefined
  readonly versions: readonly (1 | 2)[]
}

/** Writes those fields, in each version in which the payment came. */
export function settlementFields(settlement: Settlement, { network, payer, versions }: Told): readonly Field[] {
  return versions.map((version) => {
    const named = version === 1 ? (v1NetworkOf(network) ?? network) : network
    const told = { ...outcomeOf(settlement), network: named, ...(payer !== undefined && { payer }) }
    return [SETTLEMENT_FIELDS[version], toBase64Json(JSON.stringify(told))]
  })
}

function outcomeOf(settlement: Settlement): object {
  switch (settlement.kind) {
    case 'settled':
      return { success: true, transaction: settlement.reference }
    case 'failed':
      return { success: false, errorReason: knownCode(settlement.reason) ?? 'unexpected_settle_error', transaction: '' }
    case 'unknown':
      return { success: false, errorReason: PENDING, transaction: settlement.reference ?? '' }
  }
}
