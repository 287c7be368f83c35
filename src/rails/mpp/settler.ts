import type { Payment } from '../../access/payment.ts'
import type { Json, JsonMembers } from '../../core/json.ts'
import { after } from '../../core/eventually.ts'
import type { Refusal } from '../../core/problem.ts'
import { err, ok } from '../../core/result.ts'
import { instantText } from '../../http/date.ts'
import type { PaymentSettler, SettlerPlatform } from '../rail.ts'
import type { ChargeMethod, MethodSettler } from './method.ts'
import { writeReceipt } from './rules/receipt.ts'
import { isMembers } from './rules/decode.ts'

/** A payment as it is stored with its claim: the method's own part, in the envelope of the scheme. */
interface StoredCharge {
  readonly method: string
  readonly challenge: string
  /** As the method has read it. */
  readonly paid: JsonMembers
}

/** How many payments that fail one client may bring: each costs a call. */
const FAILURES = { requests: 20, seconds: 60 }

/** Settles each payment by its method. */
export function createMppSettler(methods: readonly ChargeMethod[], platform: SettlerPlatform): PaymentSettler {
  const settlers = new Map<string, MethodSettler>(methods.map((one) => [one.name, one.createSettler(platform)]))
  return {
    failures: FAILURES,
    async settle(stored, tries) {
      const charge = readStored(stored)
      const settler = charge && settlers.get(charge.method)
      // A method that the configuration has no more may have moved the money.
      if (charge === undefined || settler === undefined) return { kind: 'unknown' }
      return settler.settle({ ...stored, payload: charge.paid }, tries)
    },
    verify(paid, call) {
      const charge = readStored(paid)
      const settler = charge && settlers.get(charge.method)
      const verified = charge && settler?.verify?.({ ...paid, payload: charge.paid }, call)
      return after(verified ?? ok(undefined), (verdict) => (verdict.ok ? verdict : err(inThisScheme(verdict.error))))
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

/** The fields of a method's own scheme say nothing in this one. */
function inThisScheme({ fields: _fields, ...why }: Refusal): Refusal {
  return why
}

function readStored({ payload }: Pick<Payment, 'payload'>): StoredCharge | undefined {
  if (!isJsonMembers(payload)) return undefined
  const { method, challenge, paid } = payload
  if (typeof method !== 'string' || typeof challenge !== 'string' || !isJsonMembers(paid)) return undefined
  return { method, challenge, paid }
}

function isJsonMembers(value: Json | undefined): value is JsonMembers {
  return isMembers(value)
}
