import { compactVerify } from 'jose'
import type { Entitlement } from '../core/entitlement.ts'
import type { Eventually } from '../core/eventually.ts'
import type { Issuer } from '../core/issuer.ts'
import { refusal, type Refusal } from '../core/problem.ts'
import { err, ok, type Result } from '../core/result.ts'
import type { Zone } from '../core/zone.ts'
import type { Call, Keys } from '../ports.ts'
import { isAudience, readEntitlement } from './entitlement.ts'
import { readHeader } from './header.ts'
import { type CompactJws, readCompact } from './jws.ts'
import { Remembered } from './remembered.ts'

export type Verified = Result<Entitlement, Refusal>

/** Verifies entitlement tokens; a token seen before costs no cryptography. */
export type Verify = (token: string, zone: Zone, call: Call) => Eventually<Verified>

/** A token's outcome under one set of its issuer's keys. */
interface Memory {
  readonly issuer: Issuer
  readonly generation: number
  readonly outcome: Verified
}

/** Two memories for each zone, so that forged tokens cannot push out genuine ones. */
interface ZoneMemory {
  readonly genuine: Remembered<Memory>
  readonly forged: Remembered<Memory>
}

const GENUINE_BYTES = 16 * 1024 * 1024
const FORGED_BYTES = 2 * 1024 * 1024

/** Hashes an account for the log. */
export type HashAccount = (account: string) => Eventually<string>

/**
 * Makes the verifier of one isolate. What it remembers is keyed by zone and by the whole token, which names one issuer
 * entry of the zone; it holds while the issuer's set of keys does. Times are not judged here: see `decide`.
 */
export function createVerifier(keys: Keys, hashAccount: HashAccount | undefined): Verify {
  const zones = new WeakMap<Zone, ZoneMemory>()
  return (token, zone, call) => {
    const memory = memoryOf(zones, zone)
    const known = memory.genuine.get(token) ?? memory.forged.get(token)
    if (known !== undefined) {
      if (known.generation === keys.generation(known.issuer, call.now, call.waitUntil)) return known.outcome
    }
    return verifyAnew(token, zone, call, keys, hashAccount, memory)
  }
}

function memoryOf(zones: WeakMap<Zone, ZoneMemory>, zone: Zone): ZoneMemory {
  const known = zones.get(zone)
  if (known !== undefined) return known
  const fresh = { genuine: new Remembered<Memory>(GENUINE_BYTES), forged: new Remembered<Memory>(FORGED_BYTES) }
  zones.set(zone, fresh)
  return fresh
}

async function verifyAnew(
  token: string,
  zone: Zone,
  call: Call,
  keys: Keys,
  hashAccount: HashAccount | undefined,
  memory: ZoneMemory,
): Promise<Verified> {
  const jws = readCompact(token)
  if (!jws.ok) return jws
  const issuer = issuerOf(jws.value, zone)
  if (!issuer.ok) return issuer
  const wanted = readHeader(jws.value.header, issuer.value, 'entitlement')
  if (!wanted.ok) return wanted
  const found = await keys.find(issuer.value, wanted.value, call)
  if (!found.ok) return found
  const { key, generation } = found.value
  const genuine = await isGenuine(token, key, wanted.value.alg)
  const outcome = genuine ? await readVerified(jws.value, issuer.value, hashAccount) : FORGED
  memory.genuine.delete(token)
  memory.forged.delete(token)
  ;(outcome.ok ? memory.genuine : memory.forged).set(token, { issuer: issuer.value, generation, outcome })
  return outcome
}

const FORGED: Verified = err(
  refusal('credential-invalid', 'The signature of the token is not good.', { check: 'signature' }),
)

/** The entry of the zone that the token names. `iss` and `aud` are compared exactly. */
function issuerOf(jws: CompactJws, zone: Zone): Result<Issuer, Refusal> {
  const { iss, aud } = jws.payload
  const named = zone.issuers.filter((issuer) => issuer.issuer === iss)
  if (named.length === 0)
    return err(
      refusal('credential-invalid', 'The issuer ("iss") of the token is not one that is trusted here.', {
        check: 'issuer',
      }),
    )
  const issuer = named.find((entry) => isAudience(aud, entry.audience))
  if (issuer === undefined)
    return err(
      refusal('credential-invalid', 'The audience ("aud") of the token is not this site.', { check: 'audience' }),
    )
  return ok(issuer)
}

/** jose throws for a bad signature and for a key that does not fit the algorithm; both mean the same here. */
async function isGenuine(token: string, key: CryptoKey | Uint8Array, alg: string): Promise<boolean> {
  try {
    await compactVerify(token, key, { algorithms: [alg] })
    return true
  } catch {
    return false
  }
}

async function readVerified(jws: CompactJws, issuer: Issuer, hashAccount: HashAccount | undefined): Promise<Verified> {
  const claims = readEntitlement(jws.payload, issuer)
  if (!claims.ok) return claims
  const accountHash = hashAccount === undefined ? undefined : await hashAccount(claims.value.account)
  return ok({ ...claims.value, accountHash })
}
