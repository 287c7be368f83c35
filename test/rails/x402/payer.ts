import { toBase64Json } from '../../../src/rails/x402/rules/base64json.ts'

export const PAYER = '0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC'
export const PAY_TO = '0x70997970C51812dc3A010C7d01b50e0d17dc79C8'

/** What a payer signs, in strings. */
export interface Signing {
  readonly from: string
  readonly to: string
  readonly value: string
  readonly validAfter: string
  readonly validBefore: string
  readonly nonce: string
}

/** The name under which the ledger knows a payment. */
export function nameOf({ from, nonce }: Signing, { network, asset }: { network: string; asset: string }): string {
  return JSON.stringify([network, asset, from, nonce].map((part) => part.toLowerCase()))
}

const SIGNATURE = `0x${'ab'.repeat(64)}1c`

/** What a client of x402 v2 sends in `PAYMENT-SIGNATURE`: no test of ours looks at the signature, and the chain's tests do. */
export function v2Credential(authorization: Signing, accepted: object, signature = SIGNATURE): string {
  return toBase64Json(JSON.stringify({ x402Version: 2, accepted, payload: { authorization, signature } }))
}

/** The same in `X-PAYMENT`, by a client of v1. */
export function v1Credential(authorization: Signing, network = 'base-sepolia', signature = SIGNATURE): string {
  const payload = { authorization, signature }
  return toBase64Json(JSON.stringify({ x402Version: 1, scheme: 'exact', network, payload }))
}

/** What is in a field of x402. */
export function readField(response: Response, name: string): unknown {
  const field = response.headers.get(name)
  return field === null ? undefined : JSON.parse(Buffer.from(field, 'base64').toString('utf8'))
}
