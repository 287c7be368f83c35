import { base64url } from 'jose'
import { type Distrust, isDistrusted } from '../access/distrust.ts'
import type { Issuer } from '../access/issuer.ts'
import { beginMs, endMs } from '../access/lifetime.ts'
import { err, ok, type Result } from '../core/result.ts'
import { STATUS_BITS, type StatusList, type StatusReference } from '../access/statuslist.ts'
import type { Call, Keys } from '../ports.ts'
import { isAudience, isTime } from './claims.ts'
import { inflate } from './inflate.ts'
import { isBase64url } from '../core/base64url.ts'
import { isObject, type JsonObject, readCompact } from './jws.ts'
import { checkSignatureOf } from './signature.ts'

/** The longest status list token to be read, and the longest list. */
export const MAX_LIST_TOKEN_BYTES = 1024 * 1024
const MAX_LIST_BYTES = 8 * 1024 * 1024

/** A list as signed by its issuer. Times are in seconds. */
export interface PublishedList {
  readonly list: StatusList
  readonly issuedAt: number
  /** The end of its validity, clock tolerance included. */
  readonly expires: number | undefined
  readonly ttlSeconds: number | undefined
  /** The RFC 7638 thumbprint of the key that signed the list. */
  readonly signedBy?: string | undefined
}

/**
 * Verifies a status list token (Token Status List §5.1) fetched for a reference, times included. The token must be signed
 * with keys of the referring token's issuer entry, none of them in `distrust`, and for this URI. Error: the fault, fit for
 * the log.
 */
export async function verifyStatusList(
  token: string,
  { issuer, uri }: Pick<StatusReference, 'issuer' | 'uri'>,
  keys: Keys,
  call: Call,
  distrust?: Distrust,
): Promise<Result<PublishedList, string>> {
  const jws = readCompact(token, MAX_LIST_TOKEN_BYTES)
  if (!jws.ok) return err(jws.error.detail)
  const checked = await checkSignatureOf(issuer, token, jws.value, 'statuslist', keys, call)
  if (!checked.ok) return err(checked.error.detail)
  const { payload, signedBy, refused } = checked.value
  if (signedBy === undefined) return err('The signature of the status list is not good.')
  if (refused !== undefined || (distrust !== undefined && isDistrusted(distrust, signedBy)))
    return err('The key that signed the status list is not trusted any more.')
  const read = await readPublishedList(payload, issuer, uri, call.now)
  return read.ok ? ok({ ...read.value, signedBy }) : read
}

/** Reads a list whose signature is good. `now` is in milliseconds. Error: its fault. */
export async function readPublishedList(
  payload: JsonObject,
  issuer: Issuer,
  uri: string,
  now: number,
): Promise<Result<PublishedList, string>> {
  const misnamed = judgeNames(payload, issuer, uri)
  if (misnamed !== undefined) return err(misnamed)
  const times = readTimes(payload, issuer, now)
  if (!times.ok) return times
  const list = await readStatusList(payload['status_list'])
  return list.ok ? ok({ list: list.value, ...times.value }) : list
}

/** Judges `sub`, `iss` and `aud`. `iss` and `aud` may be absent; if present, they must match (RFC 7519 §4.1). */
function judgeNames({ sub, iss, aud }: JsonObject, issuer: Issuer, uri: string): string | undefined {
  if (sub !== uri) return 'The "sub" of the status list is not the URI that the token names.'
  if (iss !== undefined && iss !== issuer.issuer) return 'The "iss" of the status list is not the token\'s issuer.'
  if (aud !== undefined && !isAudience(aud, issuer.audience)) return 'The "aud" of the status list is not this site.'
  return undefined
}

type Times = Omit<PublishedList, 'list'>

/** Reads the times. A list from the future is refused: no newer list could take its place. */
function readTimes({ iat, nbf, exp, ttl }: JsonObject, issuer: Issuer, now: number): Result<Times, string> {
  const tolerance = issuer.clockToleranceSeconds
  if (!isTime(iat)) return err('The "iat" of the status list is missing or not a number of seconds.')
  if (nbf !== undefined && !isTime(nbf)) return err('The "nbf" of the status list is not a number of seconds.')
  if (exp !== undefined && !isTime(exp)) return err('The "exp" of the status list is not a number of seconds.')
  if (ttl !== undefined && !(isTime(ttl) && ttl > 0))
    return err('The "ttl" of the status list is not a positive number.')
  if (now < beginMs(Math.max(iat, nbf ?? 0) - tolerance)) return err('The status list is not valid yet.')
  const expires = exp === undefined ? undefined : exp + tolerance
  if (expires !== undefined && now >= endMs(expires)) return err('The status list has expired.')
  return ok({ issuedAt: iat, expires, ttlSeconds: ttl })
}

/** Reads the claim `status_list` (Token Status List §4.2). Error: its fault. Never throws. */
export async function readStatusList(claim: unknown): Promise<Result<StatusList, string>> {
  if (!isObject(claim)) return err('The "status_list" is missing or not an object.')
  const { bits: width, lst } = claim
  const bits = STATUS_BITS.find((known) => known === width)
  if (bits === undefined) return err('The "bits" of the status list is not 1, 2, 4 or 8.')
  if (typeof lst !== 'string' || !isBase64url(lst))
    return err('The "lst" of the status list is not canonical base64url.')
  const bytes = await inflate(base64url.decode(lst), MAX_LIST_BYTES)
  return bytes === undefined
    ? err(`The "lst" of the status list is not zlib data that unpacks to at most ${MAX_LIST_BYTES} bytes.`)
    : ok({ bits, bytes })
}
