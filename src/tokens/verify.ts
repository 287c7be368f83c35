/**
 * Verifies tokens, and remembers the verdicts.
 *
 * A signature costs more than everything else that the gate does for a request, and a client sends the same token many
 * times. So the verdict on a token is kept, keyed by zone, kind and the whole token, and holds while the issuer's key set
 * stays the same. Forged tokens are remembered too, in a cache of their own: they cannot push out genuine ones. Nothing
 * that changes with time is in a verdict: expiry, standing and cover are decided anew at each request.
 */

import type { Entitlement } from '../access/entitlement.ts'
import type { Eventually } from '../core/eventually.ts'
import type { Issuer, TokenKind } from '../access/issuer.ts'
import type { Refusal } from '../core/problem.ts'
import { ok, type Result } from '../core/result.ts'
import type { Zone } from '../zone.ts'
import type { Call, Keys } from '../ports.ts'
import { ENTITLEMENT } from './entitlement.ts'
import type { JsonObject } from './jws.ts'
import type { TokenReader } from './reader.ts'
import { LruCache } from '../core/lru.ts'
import { checkSignature, FORGED } from './signature.ts'

/** The claims of a verified token, with the hash of its account. */
export type OfAccount<C> = C & { readonly accountHash: string | undefined }

export type Verified = Result<Entitlement, Refusal>

/** Verifies entitlement tokens. A token seen before costs no cryptography. */
export type Verify = (token: string, zone: Zone, call: Call) => Eventually<Verified>

/**
 * Verifies tokens of any kind issued to payers. The rail brings the reader of its kind. Errors: `credential-malformed`,
 * `credential-invalid`, `keys-unavailable`.
 */
export type VerifyAs = <C>(
  reader: TokenReader<C>,
  token: string,
  zone: Zone,
  call: Call,
) => Eventually<Result<OfAccount<C>, Refusal>>

/** The verifiers that a rail is given. */
export interface Verifiers {
  readonly verify: Verify
  readonly verifyAs: VerifyAs
  /** Returns the kind of a token verified in the zone and still remembered; else undefined. */
  readonly rememberedKind: (token: string, zone: Zone) => TokenKind | undefined
}

/** The verdict on a token, under one generation of its issuer's keys. */
interface Verdict<C> {
  readonly issuer: Issuer
  readonly generation: number
  readonly outcome: Result<OfAccount<C>, Refusal>
}

/** The verdicts of one zone and kind. Two caches, so that forged tokens cannot push out genuine ones. */
interface VerdictCaches<C> {
  readonly genuine: LruCache<Verdict<C>>
  readonly forged: LruCache<Verdict<C>>
}

/** Hashes an account of an issuer for the log. `zone`: the zone's id. */
export type HashAccount = (zone: string, issuer: string, account: string) => Eventually<string>

/**
 * Creates the verifiers of one isolate. A remembered verdict holds while its issuer's key set stays the same. Times are
 * not judged here: see `decide`.
 */
export function createVerifiers(keys: Keys, hashAccount: HashAccount | undefined): Verifiers {
  const zones = new WeakMap<Zone['issuers'], ZoneCaches>()
  const verifyAs: VerifyAs = (reader, token, zone, call) => {
    const caches = cachesOf(zones, zone, reader)
    const verdict = caches.genuine.get(token) ?? caches.forged.get(token)
    if (verdict !== undefined) {
      if (verdict.generation === keys.generation(verdict.issuer, call.now, call.waitUntil)) return verdict.outcome
    }
    return verifyAnew(token, zone, call, { reader, keys, hashAccount, caches })
  }
  return {
    verify: (token, zone, call) => verifyAs(ENTITLEMENT, token, zone, call),
    verifyAs,
    rememberedKind(token, zone) {
      const ofZone = zones.get(zone.issuers)
      if (ofZone !== undefined)
        for (const [{ kind }, { genuine }] of ofZone) if (genuine.get(token) !== undefined) return kind
      return undefined
    },
  }
}

/** The verdicts of one zone, by the reader of each kind. */
type ZoneCaches = Map<TokenReader<unknown>, VerdictCaches<unknown>>

function cachesOf<C>(
  zones: WeakMap<Zone['issuers'], ZoneCaches>,
  { issuers }: Zone,
  reader: TokenReader<C>,
): VerdictCaches<C> {
  const ofZone: ZoneCaches = zones.get(issuers) ?? new Map()
  const existing = ofZone.get(reader as TokenReader<unknown>)
  if (existing !== undefined) return existing as VerdictCaches<C> // read by this reader, so of its type
  const { genuine, forged } = reader.bytes
  const fresh = { genuine: new LruCache<Verdict<C>>(genuine), forged: new LruCache<Verdict<C>>(forged) }
  zones.set(issuers, ofZone.set(reader as TokenReader<unknown>, fresh as VerdictCaches<unknown>))
  return fresh
}

interface VerifierServices<C> {
  readonly reader: TokenReader<C>
  readonly keys: Keys
  readonly hashAccount: HashAccount | undefined
  readonly caches: VerdictCaches<C>
}

async function verifyAnew<C>(
  token: string,
  zone: Zone,
  call: Call,
  { reader, keys, hashAccount, caches }: VerifierServices<C>,
): Promise<Result<OfAccount<C>, Refusal>> {
  const checked = await checkSignature(token, reader.kind, zone.issuers, keys, call)
  if (!checked.ok) return checked
  const { payload, issuer, generation, isGenuine } = checked.value
  const hash = hashAccount && ((account: string) => hashAccount(zone.id, issuer.issuer, account))
  const outcome = isGenuine ? await readVerified(reader, payload, issuer, hash) : FORGED
  caches.genuine.delete(token)
  caches.forged.delete(token)
  ;(outcome.ok ? caches.genuine : caches.forged).set(token, { issuer, generation, outcome })
  return outcome
}

async function readVerified<C>(
  { read, accountOf }: TokenReader<C>,
  payload: JsonObject,
  issuer: Issuer,
  hash: ((account: string) => Eventually<string>) | undefined,
): Promise<Result<OfAccount<C>, Refusal>> {
  const claims = read(payload, issuer)
  if (!claims.ok) return claims
  const account = accountOf(claims.value)
  const accountHash = hash === undefined || account === undefined ? undefined : await hash(account)
  return ok({ ...claims.value, accountHash })
}
