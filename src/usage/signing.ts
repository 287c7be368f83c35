import { createMac } from '../http/hmac.ts'

/**
 * Makes what writes `Faregate-Signature`, as `t=<seconds>,v1=<hex>`: the HMAC-SHA-256 of `<seconds>.<body>`. The time keeps an
 * old body from passing for a new one.
 */
export function createBodySigner(secret: string): (seconds: number, body: string) => Promise<string> {
  const macOf = createMac(secret)
  return async (seconds, body) => {
    const mac = await macOf(`${seconds}.${body}`)
    const hex = [...mac].map((byte) => byte.toString(16).padStart(2, '0')).join('')
    return `t=${seconds},v1=${hex}`
  }
}
