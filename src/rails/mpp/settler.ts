import type { Payment } from '../../access/payment.ts'
import type { Json, JsonMembers } from '../../core/json.ts'
import { ok } from '../../core/result.ts'
import { instantText } from '../../http/date.ts'
import type { PaymentSettler, SettlerPlatform } from '../rail.ts'
import type { ChargeMethod, MethodSettler } from './method.ts'
import { writeReceipt } from './rules/receipt.ts'
import { isMembers } from './rules/decode.ts'

/** What is stored with a claim, and alone counts once a payment is settled. */
interface StoredCharge {
  readonly method: string
  readonly challenge: string
  readonly paid: JsonMembers
  readonly requirements: JsonMembers
}

/** Settles each payment by its method. */
export function createMppSettler(methods: readonly ChargeMethod[], platform: SettlerPlatform): PaymentSettler {
  const settlers = new Map<string, MethodSettler>(methods.map((one) => [one.name, one.createSettler(platform)]))
  return {
    async settle(stored, tries) {
      const charge = readStored(stored)
      const settler = charge && settlers.get(charge.method)
      // A method that the configuration has no more may have moved the money.
      if (charge === undefined || settler === undefined) return { kind: 'unknown' }
      return settler.settle(charge.paid, charge.requirements, tries)
    },
    verify(paid) {
      const charge = readStored(paid)
      return (charge && settlers.get(charge.method)?.verify?.(charge.paid, charge.requirements)) ?? ok(undefined)
    },
    receiptFields(settlement, paid) {
      const charge = readStored(paid)
      if (settlement.kind !== 'settled' || charge === undefined) return []
      const timestamp = instantText(Math.floor(platform.clock() / 1000))
      const { method, challenge: challengeId } = charge
      return [['Payment-Receipt', writeReceipt({ method, timestamp, reference: settlement.reference, challengeId })]]
    },
  }
}

function readStored({ payload, requirements }: Pick<Payment, 'payload' | 'requirements'>): StoredCharge | undefined {
  if (!isJsonMembers(payload) || !isJsonMembers(requirements)) return undefined
  const { method, challenge, paid } = payload
  if (typeof method !== 'string' || typeof challenge !== 'string' || !isJsonMembers(paid)) return undefined
  return { method, challenge, paid, requirements }
}

function isJsonMembers(value: Json | undefined): value is JsonMembers {
  return isMembers(value)
}
