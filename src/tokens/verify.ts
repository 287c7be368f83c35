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
interface Memory<C> {
  readonly issuer: Issuer
  readonly generation: number
  readonly outcome: Result<OfAccount<C>, Refusal>
}

/** The verdicts of one zone and kind. Two caches, so that forged tokens cannot push out genuine ones. */
interface ZoneMemory<C> {
  readonly genuine: LruCache<Memory<C>>
  readonly forged: LruCache<Memory<C>>
}

/** Hashes an account of an issuer for the log. `zone`: the zone's name. */
export type HashAccount = (zone: string, issuer: string, account: string) => Eventually<string>

/**
 * Creates the verifiers of one isolate. A remembered verdict holds while its issuer's key set stays the same. Times are
 * not judged here: see `decide`.
 */
export function createVerifiers(keys: Keys, hashAccount: HashAccount | undefined): Verifiers {
  const memories = new WeakMap<Zone['issuers'], Memories>()
  const verifyAs: VerifyAs = (reader, token, zone, call) => {
    const memory = memoryOf(memories, zone, reader)
    const known = memory.genuine.get(token) ?? memory.forged.get(token)
    if (known !== undefined) {
      if (known.generation === keys.generation(known.issuer, call.now, call.waitUntil)) return known.outcome
    }
    return verifyAnew(token, zone, call, { reader, keys, hashAccount, memory })
  }
  return {
    verify: (token, zone, call) => verifyAs(ENTITLEMENT, token, zone, call),
    verifyAs,
    rememberedKind(token, zone) {
      const ofZone = memories.get(zone.issuers)
      if (ofZone !== undefined)
        for (const [{ kind }, { genuine }] of ofZone) if (genuine.get(token) !== undefined) return kind
      return undefined
    },
  }
}

/** The verdicts of one zone, by the reader of each kind. */
type Memories = Map<TokenReader<unknown>, ZoneMemory<unknown>>

function memoryOf<C>(
  memories: WeakMap<Zone['issuers'], Memories>,
  { issuers }: Zone,
  reader: TokenReader<C>,
): ZoneMemory<C> {
  const ofZone: Memories = memories.get(issuers) ?? new Map()
  const known = ofZone.get(reader as TokenReader<unknown>)
  if (known !== undefined) return known as ZoneMemory<C> // entries under a reader were read by it, so they have its type
  const { genuine, forged } = reader.bytes
  const fresh = { genuine: new LruCache<Memory<C>>(genuine), forged: new LruCache<Memory<C>>(forged) }
  memories.set(issuers, ofZone.set(reader as TokenReader<unknown>, fresh as ZoneMemory<unknown>))
  return fresh
}

interface VerifierServices<C> {
  readonly reader: TokenReader<C>
  readonly keys: Keys
  readonly hashAccount: HashAccount | undefined
  readonly memory: ZoneMemory<C>
}

async function verifyAnew<C>(
  token: string,
  zone: Zone,
  call: Call,
  { reader, keys, hashAccount, memory }: VerifierServices<C>,
): Promise<Result<OfAccount<C>, Refusal>> {
  const checked = await checkSignature(token, reader.kind, zone.issuers, keys, call)
  if (!checked.ok) return checked
  const { payload, issuer, generation, isGenuine } = checked.value
  const hash = hashAccount && ((account: string) => hashAccount(zone.name, issuer.issuer, account))
  const outcome = isGenuine ? await readVerified(reader, payload, issuer, hash) : FORGED
  memory.genuine.delete(token)
  memory.forged.delete(token)
  ;(outcome.ok ? memory.genuine : memory.forged).set(token, { issuer, generation, outcome })
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
