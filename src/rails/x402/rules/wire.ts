/** The payments of x402 as clients send them, in both versions. */
import * as v from 'valibot'
import { refusal, type Refusal } from '../../../core/problem.ts'
import { err, ok, type Result } from '../../../core/result.ts'
import type { Fields } from '../../../http/rules/exchange.ts'
import { type SignedAuthorization, signedAuthorization } from './authorization.ts'
import { readBase64Json } from './base64json.ts'

export const V2_FIELD = 'PAYMENT-SIGNATURE'
export const V1_FIELD = 'X-PAYMENT'

/** The longest field that is read, in bytes. */
const MAX_BYTES = 8192

/** A payment as it was sent; nothing of it is verified. `accepted` is what its client says that it accepts. */
export type SentPayment =
  | { readonly version: 2; readonly accepted: unknown; readonly payload: SignedAuthorization }
  | {
      readonly version: 1
      readonly scheme: string
      readonly network: string
      readonly payload: SignedAuthorization
    }

const v2 = v.pipe(
  v.object({ x402Version: v.literal(2), accepted: v.looseObject({}), payload: signedAuthorization }),
  v.transform(({ accepted, payload }): SentPayment => ({ version: 2, accepted, payload })),
)
const v1 = v.pipe(
  v.object({ x402Version: v.literal(1), scheme: v.string(), network: v.string(), payload: signedAuthorization }),
  v.transform(({ scheme, network, payload }): SentPayment => ({ version: 1, scheme, network, payload })),
)
const WIRES = [
  [V2_FIELD, v2],
  [V1_FIELD, v1],
] as const

/** Reads the payments of a request, v2 first. Undefined if it has none. */
export function readPayments(fields: Fields): Result<readonly SentPayment[], Refusal> | undefined {
  const sent: SentPayment[] = []
  for (const [field, schema] of WIRES) {
    const value = fields.get(field)
    if (value === null) continue
    const read = readPayment(field, value, schema)
    if (!read.ok) return read
    sent.push(read.value)
  }
  return sent.length === 0 ? undefined : ok(sent)
}

function readPayment(
  field: string,
  value: string,
  schema: v.GenericSchema<unknown, SentPayment>,
): Result<SentPayment, Refusal> {
  // Several fields are joined with commas, and base64 has none.
  if (value.includes(',')) return err(ambiguous(`There is more than one "${field}" field.`))
  const read = v.safeParse(schema, value.length > MAX_BYTES ? undefined : readBase64Json(value))
  if (read.success) return ok(read.output)
  const detail = `The "${field}" field is not one payment of its version of x402, in padded base64 and at most 8 KB.`
  return err(refusal('credential-malformed', detail, SPELLING))
}

const SPELLING = { check: 'spelling' } as const

export function ambiguous(detail: string): Refusal {
  return refusal('credential-ambiguous', detail, SPELLING)
}

/** Reads what a field says of its payment, in whatever version. Undefined if that cannot be read. */
export function peekX402(value: string): { readonly version: unknown; readonly authorization: object } | undefined {
  const json = value.length > MAX_BYTES ? undefined : readBase64Json(value)
  const read = v.safeParse(peeked, json)
  if (!read.success) return undefined
  return { version: read.output.x402Version, authorization: read.output.payload.authorization }
}

const peeked = v.object({
  x402Version: v.unknown(),
  payload: v.object({ authorization: signedAuthorization.entries.authorization }),
})
