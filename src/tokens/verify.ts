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
import type { CountClaims } from './claimcount.ts'
import { ENTITLEMENT } from './entitlement.ts'
import { type JsonObject, MAX_ISSUED_BYTES } from './jws.ts'
import type { TokenReader } from './reader.ts'
import { ClockCache, type ClockPartition } from '../core/clockcache.ts'
import { checkSignature } from './signature.ts'

/** The claims of a verified token, with the key that signed it and the hash of its account. */
export type OfAccount<C> = C & { readonly accountHash: string | undefined; readonly signedBy: string | undefined }

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

/**
 * Verifies a token of at most 64 kB that its issuer has handed over, in place of a client. All checks are those of `VerifyAs`; the verdict is
 * not remembered.
 */
export type VerifyOnce = <C>(
  reader: TokenReader<C>,
  token: string,
  zone: Pick<Zone, 'id' | 'issuers'>,
  call: Call,
) => Promise<Result<OfAccount<C>, Refusal>>

/** The verifiers that a rail or a login is given. */
export interface Verifiers {
  readonly verify: Verify
  readonly verifyAs: VerifyAs
  readonly verifyOnce: VerifyOnce
  /** Returns the kind of a token verified in the zone and still remembered; else undefined. */
  readonly rememberedKind: (token: string, zone: Zone) => TokenKind | undefined
  readonly verdicts: VerdictMemory
}

/**
 * The memory of verdicts: one bound for all kinds of credential. Genuine ones have room of their own, so that no others can
 * push them out. Partitions live as long as the isolate.
 */
export interface VerdictMemory {
  genuine<V>(): ClockPartition<V>
  forged<V>(): ClockPartition<V>
}

/** The verdict on a token of one kind, under one generation of its issuer's keys. */
interface Verdict<C> {
  /** The reader that read its claims: it knows their type. */
  readonly reader: Pick<TokenReader<C>, 'kind'>
  readonly issuer: Issuer
  readonly generation: number
  readonly outcome: Result<OfAccount<C>, Refusal>
}

/** What all remembered verdicts of an isolate may take: 24 MB. */
const GENUINE_BYTES = 22 * 1024 * 1024
const FORGED_BYTES = 2 * 1024 * 1024
/**
 * The cost of a verdict beside its token and its claims, as measured in workerd, where a pointer has four bytes. Elsewhere
 * verdicts take half as much again.
 */
export const VERDICT_BYTES = 204
/** A token is ASCII, and the text of its claims is about half of it. */
export const BYTES_A_CHARACTER = 1.5

/** The verdicts of one zone, by token. Two caches, so that forged tokens cannot push out genuine ones. */
interface ZoneVerdicts {
  readonly genuine: ClockPartition<Verdict<unknown>>
  readonly forged: ClockPartition<Verdict<unknown>>
}

/** Hashes an account of an issuer for the log. `zone`: the zone's id. */
export type HashAccount = (zone: string, issuer: string, account: string) => Eventually<string>

/**
 * Creates the verifiers of one isolate. A remembered verdict holds while its issuer's key set stays the same. Times are
 * not judged here: see `decide`. `countClaims` takes note of the claims of each genuine entitlement token.
 */
export function createVerifiers(
  keys: Keys,
  hashAccount: HashAccount | undefined,
  countClaims?: CountClaims,
): Verifiers {
  const memory = createMemory()
  const verdictsOf = createVerdicts(memory)
  const verifyAs: VerifyAs = (reader, token, zone, call) => {
    const verdicts = verdictsOf(zone)
    const verdict = verdicts.genuine.get(token) ?? verdicts.forged.get(token)
    if (isOf(reader, verdict)) {
      if (verdict.generation === keys.generation(verdict.issuer, call.now, call.waitUntil)) return verdict.outcome
    }
    return verifyAnew(token, zone, call, { reader, keys, hashAccount, countClaims, verdicts })
  }
  return {
    verify: (token, zone, call) => verifyAs(ENTITLEMENT, token, zone, call),
    verifyAs,
    verifyOnce: async (reader, token, zone, call) => {
      const checked = await checkToken(token, zone, call, {
        reader,
        keys,
        hashAccount,
        countClaims,
        maxBytes: MAX_ISSUED_BYTES,
      })
      return checked.ok ? checked.value.outcome : checked
    },
    rememberedKind: (token, zone) => verdictsOf(zone).genuine.get(token)?.reader.kind,
    verdicts: memory,
  }
}

function createMemory(): VerdictMemory {
  const genuine = new ClockCache<unknown>(GENUINE_BYTES)
  const forged = new ClockCache<unknown>(FORGED_BYTES)
  return { genuine: () => genuine.partition(), forged: () => forged.partition() }
}

/** Returns the verdicts of a zone: of one list of issuers. All zones share the room. */
function createVerdicts(memory: VerdictMemory): (zone: Zone) => ZoneVerdicts {
  const zones = new WeakMap<Zone['issuers'], ZoneVerdicts>()
  return ({ issuers }) => {
    const known = zones.get(issuers)
    if (known !== undefined) return known
    const fresh: ZoneVerdicts = { genuine: memory.genuine(), forged: memory.forged() }
    zones.set(issuers, fresh)
    return fresh
  }
}

/** A verdict is of the type that its reader reads. */
function isOf<C>(reader: TokenReader<C>, verdict: Verdict<unknown> | undefined): verdict is Verdict<C> {
  return verdict?.reader === reader
}

interface CheckingServices<C> {
  readonly reader: TokenReader<C>
  readonly keys: Keys
  readonly hashAccount: HashAccount | undefined
  readonly countClaims: CountClaims | undefined
  readonly maxBytes?: number
}

interface VerifierServices<C> extends CheckingServices<C> {
  readonly verdicts: ZoneVerdicts
}

async function verifyAnew<C>(
  token: string,
  zone: Zone,
  call: Call,
  { verdicts, ...services }: VerifierServices<C>,
): Promise<Result<OfAccount<C>, Refusal>> {
  const checked = await checkToken(token, zone, call, services)
  if (!checked.ok) return checked
  remember(token, services.reader, checked.value, verdicts)
  return checked.value.outcome
}

/** Errors: what is not known of the token for good. */
async function checkToken<C>(
  token: string,
  zone: Pick<Zone, 'id' | 'issuers'>,
  call: Call,
  { reader, keys, hashAccount, countClaims, maxBytes }: CheckingServices<C>,
): Promise<Result<Verdict<C>, Refusal>> {
  const checked = await checkSignature(token, reader.kind, zone.issuers, keys, call, maxBytes)
  if (!checked.ok) return checked
  const { payload, issuer, generation, signedBy, refused } = checked.value
  const hash = hashAccount && ((account: string) => hashAccount(zone.id, issuer.issuer, account))
  const outcome = refused ?? (await readVerified(reader, payload, issuer, signedBy, hash))
  if (outcome.ok && reader.kind === 'entitlement') countClaims?.(payload, issuer)
  return ok({ reader, issuer, generation, outcome })
}

function remember<C>(
  token: string,
  { bytesOf }: TokenReader<C>,
  verdict: Verdict<C>,
  { genuine, forged }: ZoneVerdicts,
): void {
  const { outcome } = verdict
  const [cache, other] = outcome.ok ? [genuine, forged] : [forged, genuine]
  other.delete(token)
  const bytes = VERDICT_BYTES + BYTES_A_CHARACTER * token.length + (outcome.ok ? bytesOf(outcome.value) : 0)
  cache.set(token, verdict, bytes)
}

async function readVerified<C>(
  { read, accountOf }: TokenReader<C>,
  payload: JsonObject,
  issuer: Issuer,
  signedBy: string | undefined,
  hash: ((account: string) => Eventually<string>) | undefined,
): Promise<Result<OfAccount<C>, Refusal>> {
  const claims = read(payload, issuer)
  if (!claims.ok) return claims
  const account = accountOf(claims.value)
  const accountHash = hash === undefined || account === undefined ? undefined : await hash(account)
  return ok({ ...claims.value, signedBy, accountHash })
}
