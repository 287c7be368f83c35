import { base64url } from 'jose'
import { STATUS_BITS, type StatusList } from '../access/statuslist.ts'
import type { JsonObject } from '../tokens/jws.ts'
import type { SigningFacts } from './claims.ts'
import { InvalidClaimsError } from './fault.ts'
import { DAY_SECONDS } from './keys.ts'
import type { StatusListInput } from './input.ts'

const TTL_SECONDS = 300

/** Writes the claims of a status list token (Token Status List §5.1). Throws InvalidClaimsError for a status that does not fit. */
export async function listClaims(input: StatusListInput, { issuer, now }: SigningFacts): Promise<JsonObject> {
  const { uri, statuses, bits = 2, ttlSeconds = TTL_SECONDS, lifetimeSeconds = DAY_SECONDS } = input
  const iat = Math.floor(now / 1000)
  const status_list = { bits, lst: base64url.encode(await deflate(packed(statuses, bits))) }
  return { sub: uri, iss: issuer, iat, exp: iat + lifetimeSeconds, ttl: ttlSeconds, status_list }
}

/** Packs statuses, least significant bits first (§4.1). */
function packed(statuses: StatusListInput['statuses'], width: number): Uint8Array<ArrayBuffer> {
  const bits: StatusList['bits'] | undefined = STATUS_BITS.find((known) => known === width)
  if (bits === undefined) throw new InvalidClaimsError(`bits: expected one of ${STATUS_BITS.join(', ')}.`)
  const perByte = 8 / bits
  const bytes = new Uint8Array(Math.ceil(statuses.length / perByte))
  for (let idx = 0; idx < statuses.length; idx++) {
    const status = statuses[idx] ?? -1
    if (!Number.isSafeInteger(status) || status < 0 || status >= 2 ** bits)
      throw new InvalidClaimsError(`statuses[${idx}]: expected a whole number below ${2 ** bits}.`)
    const at = Math.floor(idx / perByte)
    bytes[at] = (bytes[at] ?? 0) | (status << ((idx % perByte) * bits))
  }
  return bytes
}

/** Packs bytes as zlib data (RFC 1950). */
async function deflate(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array> {
  const packing = new Blob([bytes]).stream().pipeThrough(new CompressionStream('deflate'))
  return new Uint8Array(await new Response(packing).arrayBuffer())
}

/** Returns a signed list as a response. */
export function listResponse(token: string, { ttlSeconds = TTL_SECONDS }: StatusListInput): Response {
  const headers = { 'content-type': 'application/statuslist+jwt', 'cache-control': `public, max-age=${ttlSeconds}` }
  return new Response(token, { headers })
}
