import { CompactSign } from 'jose'
import { ASSERTION_TYPE, type Signing } from './rules/signing.ts'

/**
 * The claims of an assertion: a signed proof for an origin server that the gate admitted this request. Nothing in it
 * tells of the reader.
 */
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

/** Signs an assertion as a compact JWS. `now` is in milliseconds. Rejects if the configured key turns out to be none. */
export type Sign = (assertion: Assertion, now: number) => Promise<string>

/** The field that carries an assertion. The gate removes it from every request of a client. */
export const ASSERTION_FIELD = 'faregate-assertion'

const encoder = new TextEncoder()

/**
 * Creates the signer of one isolate. Each call to a server gets an assertion of its own, so that a server may refuse a
 * repeated `jti`: a signature costs nothing next to the call itself.
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
