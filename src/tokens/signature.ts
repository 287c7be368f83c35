import { compactVerify } from 'jose'
import type { Eventually } from '../core/eventually.ts'
import type { Issuer, TokenKind } from '../access/issuer.ts'
import { refusal, type Refusal } from '../core/problem.ts'
import { err, ok, type Result } from '../core/result.ts'
import { type Distrust, voidedBy } from '../access/distrust.ts'
import type { Call, Keys, ReadDistrust, VerificationKey } from '../ports.ts'
import type { Zone } from '../zone.ts'
import { isMeantFor } from '../access/claims.ts'
import { isTime, withoutNulls } from './claims.ts'
import { readHeader } from './header.ts'
import { type CompactJws, type JsonObject, MAX_EVENT_BYTES, MAX_TOKEN_BYTES, readCompact } from './jws.ts'
import { isSignedWithPublicKey } from './publickey.ts'

/** A token after its signature was checked, under one generation of its issuer's keys. */
export interface CheckedToken {
  /** Without null claims: a null counts as absent in every kind of token. */
  readonly payload: JsonObject
  readonly issuer: Issuer
  readonly generation: number
  /** The RFC 7638 thumbprint of the key that signed it; undefined for a forged token. */
  readonly signedBy: string | undefined
  /** The refusal of a token that is forged, or that the configuration makes void. The caller may remember any verdict. */
  readonly refused: Result<never, Refusal> | undefined
}

/**
 * Finds the issuer named by a token, judges the header for this kind, and checks the signature with that issuer's keys.
 * Claims other than `iss` and `aud` are not read. Errors: `credential-malformed`, `credential-invalid`,
 * `keys-unavailable`.
 */
export function checkSignature(
  token: string,
  kind: TokenKind,
  issuers: readonly Issuer[],
  keys: Keys,
  call: Call,
  maxBytes = kind === 'event' ? MAX_EVENT_BYTES : MAX_TOKEN_BYTES,
): Eventually<Result<CheckedToken, Refusal>> {
  const jws = readCompact(token, maxBytes)
  if (!jws.ok) return jws
  const found = issuerOf(jws.value, issuers)
  if (!found.ok) return found
  return checkSignatureOf(found.value, token, jws.value, kind, keys, call)
}

/** The source of keys, and of what orders make void. */
export interface TrustSources {
  readonly keys: Keys
  readonly readDistrust: ReadDistrust
}

interface WantedToken {
  readonly kind: TokenKind
  readonly issuers: readonly Issuer[]
  readonly zone: Zone
}

/**
 * Checks a signature as `checkSignature` does, and whether an order has made the token void. For kinds of token whose
 * verdict is not remembered. Errors: those of `checkSignature`, and `standing-unavailable`.
 */
export async function checkTrusted(
  token: string,
  { kind, issuers, zone }: WantedToken,
  { keys, readDistrust }: TrustSources,
  call: Call,
): Promise<Result<CheckedToken, Refusal>> {
  const checked = await checkSignature(token, kind, issuers, keys, call)
  if (!checked.ok || checked.value.refused !== undefined) return checked
  const distrust = await readDistrust(zone, call)
  if (!distrust.ok || distrust.value === undefined) return distrust.ok ? checked : distrust
  const { issuer, payload, signedBy } = checked.value
  return ok({ ...checked.value, refused: voided(distrust.value, issuer, payload, signedBy, kind) })
}

/**
 * Checks the signature of a token from a known issuer, whatever `iss` claims. `jws`: the parsed token. Errors:
 * `credential-invalid`, `keys-unavailable`.
 */
export async function checkSignatureOf(
  issuer: Issuer,
  token: string,
  jws: CompactJws,
  kind: TokenKind,
  keys: Keys,
  call: Call,
): Promise<Result<CheckedToken, Refusal>> {
  const wanted = readHeader(jws.header, issuer, kind)
  if (!wanted.ok) return wanted
  const resolved = await keys.find(issuer, wanted.value, call)
  if (!resolved.ok) return resolved
  const { generation } = resolved.value
  const signedBy = await signerAmong(resolved.value.keys, token, wanted.value.alg)
  const payload = withoutNulls(jws.payload)
  const refused =
    signedBy === undefined ? FORGED : issuer.distrust && voided(issuer.distrust, issuer, payload, signedBy, kind)
  return ok({ payload, issuer, generation, signedBy, refused })
}

/**
 * Judges a genuine token by its key, and by when it was signed. A status list opens nothing, so an old one is as good as it
 * was.
 */
function voided(
  distrust: Distrust,
  { issuer }: Issuer,
  { iat }: JsonObject,
  signedBy: string | undefined,
  kind: TokenKind,
): Result<never, Refusal> | undefined {
  const issuedAt = isTime(iat) && kind !== 'statuslist' ? iat : Infinity
  const refusal = voidedBy(distrust, { issuer, issuedAt, signedBy })
  return refusal && err(refusal)
}

const FORGED: Result<never, Refusal> = err(
  refusal('credential-invalid', 'The signature of the token is not good.', { check: 'signature' }),
)

/** Returns the entry of the issuer named by a token. Compares `iss` and `aud` exactly. */
function issuerOf(jws: CompactJws, issuers: readonly Issuer[]): Result<Issuer, Refusal> {
  const { iss } = jws.payload
  const named = issuers.filter((issuer) => issuer.issuer === iss)
  if (named.length === 0)
    return err(
      refusal('credential-invalid', 'The issuer ("iss") of the token is not one that is trusted here.', {
        check: 'issuer',
      }),
    )
  const issuer = named.find((entry) => isMeantFor(jws.payload, entry.audience, entry.claims.audience))
  if (issuer === undefined)
    return err(
      refusal('credential-invalid', 'The audience ("aud") of the token is not this site.', { check: 'audience' }),
    )
  return ok(issuer)
}

/**
 * Returns the thumbprint of the key under which the signature is good; undefined if there is none. `token`: read by
 * `readCompact`, and its header judged.
 */
async function signerAmong(keys: readonly VerificationKey[], token: string, alg: string): Promise<string | undefined> {
  for (const { key, thumbprint } of keys) {
    const isGood =
      key instanceof Uint8Array
        ? await isSignedWithSecret(key, token, alg)
        : await isSignedWithPublicKey(key, token, alg)
    if (isGood) return thumbprint
  }
  return undefined
}

/** jose throws for a bad signature and for a secret unfit for the algorithm; both mean the same here. */
async function isSignedWithSecret(secret: Uint8Array, token: string, alg: string): Promise<boolean> {
  try {
    await compactVerify(token, secret, { algorithms: [alg] })
    return true
  } catch {
    return false
  }
}
