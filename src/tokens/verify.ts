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

/** What a good token claims, and the hash of its account. */
export type OfAccount<C> = C & { readonly accountHash: string | undefined }

export type Verified = Result<Entitlement, Refusal>

/** Verifies entitlement tokens; a token seen before costs no cryptography. */
export type Verify = (token: string, zone: Zone, call: Call) => Eventually<Verified>

/** Verifies tokens of any kind that is issued to those who pay; a rail brings the reader of its own. */
export type VerifyAs = <C>(
  reader: TokenReader<C>,
  token: string,
  zone: Zone,
  call: Call,
) => Eventually<Result<OfAccount<C>, Refusal>>

/** What a rail verifies with. */
export interface Verifiers {
  readonly verify: Verify
  readonly verifyAs: VerifyAs
  /** Returns the kind of a token that was verified in the zone and is remembered. */
  readonly rememberedKind: (token: string, zone: Zone) => TokenKind | undefined
}

/** A token's outcome under one set of its issuer's keys. */
interface Memory<C> {
  readonly issuer: Issuer
  readonly generation: number
  readonly outcome: Result<OfAccount<C>, Refusal>
}

/** Two memories for each zone and kind, so that forged tokens cannot push out genuine ones. */
interface ZoneMemory<C> {
  readonly genuine: LruCache<Memory<C>>
  readonly forged: LruCache<Memory<C>>
}

/** Hashes an account of an issuer, in the zone of this name, for the log. */
export type HashAccount = (zone: string, issuer: string, account: string) => Eventually<string>

/**
 * Makes the verifiers of one isolate. What they remember is keyed by zone, kind and the whole token, which names one issuer
 * entry of the zone; it holds while the issuer's set of keys does. Times are not judged here: see `decide`.
 */
export function createVerifiers(keys: Keys, hashAccount: HashAccount | undefined): Verifiers {
  const memories = new WeakMap<Zone, Memories>()
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
      const ofZone = memories.get(zone)
      if (ofZone !== undefined)
        for (const [{ kind }, { genuine }] of ofZone) if (genuine.get(token) !== undefined) return kind
      return undefined
    },
  }
}

/** What is remembered of one zone, by the reader of each kind. */
type Memories = Map<TokenReader<unknown>, ZoneMemory<unknown>>

function memoryOf<C>(memories: WeakMap<Zone, Memories>, zone: Zone, reader: TokenReader<C>): ZoneMemory<C> {
  const ofZone: Memories = memories.get(zone) ?? new Map()
  const known = ofZone.get(reader as TokenReader<unknown>)
  if (known !== undefined) return known as ZoneMemory<C> // what is kept under a reader is what it has read
  const { genuine, forged } = reader.bytes
  const fresh = { genuine: new LruCache<Memory<C>>(genuine), forged: new LruCache<Memory<C>>(forged) }
  memories.set(zone, ofZone.set(reader as TokenReader<unknown>, fresh as ZoneMemory<unknown>))
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
