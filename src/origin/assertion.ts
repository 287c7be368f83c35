import { CompactSign } from 'jose'
import { ASSERTION_TYPE, type Signing } from './rules/signing.ts'

/** What an origin server is told of a request that the gate has let through. It holds nothing of the reader. */
export interface Assertion {
  /** The server: its URL as configured, or the name of its binding. */
  readonly audience: string
  readonly zone: string
  /** The pattern of the route. */
  readonly route: string
  readonly method: string
  /** The canonical path at the gate, without the query. */
  readonly path: string
}

/** Gives an assertion as a compact JWS. `now` is in milliseconds. Rejects where the key is none after all. */
export type Sign = (assertion: Assertion, now: number) => Promise<string>

/** The field that an assertion travels in. The gate takes it from nobody. */
export const ASSERTION_FIELD = 'faregate-assertion'

const encoder = new TextEncoder()

/**
 * Makes the signer of one isolate. Every call gets an assertion of its own, so that a server may refuse a `jti` that it
 * has seen: next to the call itself a signature costs nothing.
 */
export function createSigner({ algorithm, key, keyId, lifetimeSeconds }: Signing): Sign {
  const header = { alg: algorithm, typ: ASSERTION_TYPE, ...(keyId === undefined ? {} : { kid: keyId }) }
  return ({ audience: aud, zone: sub, route, method, path }, now) => {
    const iat = Math.floor(now / 1000)
    const exp = iat + lifetimeSeconds
    const claims = { iss: 'faregate', aud, sub, route, method, path, iat, exp, jti: crypto.randomUUID() }
    return new CompactSign(encoder.encode(JSON.stringify(claims))).setProtectedHeader(header).sign(key)
  }
}
