import { compactVerify } from 'jose'
import type { Eventually } from '../core/eventually.ts'
import type { Issuer, TokenKind } from '../access/issuer.ts'
import { refusal, type Refusal } from '../core/problem.ts'
import { err, ok, type Result } from '../core/result.ts'
import type { Call, Keys } from '../ports.ts'
import { isMeantFor } from '../access/claims.ts'
import { withoutNulls } from './claims.ts'
import { readHeader } from './header.ts'
import { type CompactJws, type JsonObject, MAX_EVENT_BYTES, MAX_TOKEN_BYTES, readCompact } from './jws.ts'
import { isSignedWithPublicKey } from './publickey.ts'

/** A token after its signature was checked, under one generation of its issuer's keys. */
export interface CheckedToken {
  /** Without null claims: a null counts as absent in every kind of token. */
  readonly payload: JsonObject
  readonly issuer: Issuer
  readonly generation: number
  /** False for a forged token. The caller may remember either verdict. */
  readonly isGenuine: boolean
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
): Eventually<Result<CheckedToken, Refusal>> {
  const jws = readCompact(token, kind === 'event' ? MAX_EVENT_BYTES : MAX_TOKEN_BYTES)
  if (!jws.ok) return jws
  const found = issuerOf(jws.value, issuers)
  if (!found.ok) return found
  return checkSignatureOf(found.value, token, jws.value, kind, keys, call)
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
  const isGenuine = await isSignedWithAny(resolved.value.keys, token, wanted.value.alg)
  return ok({ payload: withoutNulls(jws.payload), issuer, generation, isGenuine })
}

export const FORGED: Result<never, Refusal> = err(
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

/** Returns true if the signature is good under one of the keys. `token`: read by `readCompact`, and its header judged. */
async function isSignedWithAny(
  keys: readonly (CryptoKey | Uint8Array)[],
  token: string,
  alg: string,
): Promise<boolean> {
  for (const key of keys) {
    const isGood =
      key instanceof Uint8Array
        ? await isSignedWithSecret(key, token, alg)
        : await isSignedWithPublicKey(key, token, alg)
    if (isGood) return true
  }
  return false
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
