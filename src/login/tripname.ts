import { toBase64url } from '../core/bytes.ts'

const HASH_BYTES = 24

/** Returns the name of a trip for others, as the shop and billing: whoever sees it cannot return from the trip. */
export async function nameOfTrip(state: string, zone: string): Promise<string> {
  const facts = new TextEncoder().encode(JSON.stringify([zone, state]))
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', facts))
  return toBase64url(digest.subarray(0, HASH_BYTES))
}
