import { joinBytes } from '../core/bytes.ts'
import { err, ok, type Result } from '../core/result.ts'
import { createMac } from '../http/hmac.ts'

/** The secrets whose signatures count, and the greatest age of a signature. */
export interface SignaturePolicy {
  readonly secrets: readonly string[]
  readonly toleranceSeconds: number
}

/** `signature`: no signature fits. `time`: a signature fits, but is too old. */
type SignatureFault = 'signature' | 'time'

/**
 * Verifies that Stripe signed these bytes, by the rules of Stripe's own library. `Stripe-Signature: t=<seconds>,v1=<hex>,…`
 * holds the HMAC-SHA-256 of `<seconds>.<body>`. Any `v1` may fit any secret, other schemes are ignored, and the last `t`
 * counts. Only an old `t` is refused: a `t` ahead of the gate's clock is Stripe's own statement too.
 */
export async function verifySignature(
  field: string | null,
  body: Uint8Array,
  { secrets, toleranceSeconds }: SignaturePolicy,
  nowMs: number,
): Promise<Result<undefined, SignatureFault>> {
  if (!isStripeSignature(field)) return err('signature')
  const { seconds, signatures } = readField(field ?? '')
  const signed = joinBytes([new TextEncoder().encode(`${seconds}.`), body])
  const macs = await Promise.all(secrets.map((secret) => createMac(secret)(signed)))
  if (!macs.some((mac) => signatures.some((signature) => isSame(mac, signature)))) return err('signature')
  return Math.floor(nowMs / 1000) - seconds > toleranceSeconds ? err('time') : ok(undefined)
}

/** Returns false for a field that fits no body. */
export function isStripeSignature(field: string | null): boolean {
  const { seconds, signatures } = readField(field ?? '')
  return Number.isSafeInteger(seconds) && seconds >= 0 && signatures.length > 0
}

function readField(field: string): { readonly seconds: number; readonly signatures: readonly Uint8Array[] } {
  let seconds = Number.NaN
  const signatures: Uint8Array[] = []
  for (const item of field.split(',')) {
    const [name, value = ''] = item.split('=')
    if (name === 't') seconds = Number.parseInt(value, 10)
    if (name === 'v1' && /^[0-9a-f]{64}$/.test(value)) signatures.push(bytesOf(value))
  }
  return { seconds, signatures }
}

function bytesOf(hex: string): Uint8Array {
  return Uint8Array.from({ length: hex.length / 2 }, (_, at) => Number.parseInt(hex.slice(2 * at, 2 * at + 2), 16))
}

/**
 * Compares in constant time. `crypto.subtle.verify` would hash the whole body again for each `v1`, and anyone may list many.
 */
function isSame(mac: Uint8Array, signature: Uint8Array): boolean {
  let differing = mac.length ^ signature.length
  for (const [index, byte] of mac.entries()) differing |= byte ^ (signature[index] ?? 0)
  return differing === 0
}
