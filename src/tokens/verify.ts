import type { Entitlement } from '../core/entitlement.ts'
import type { Eventually } from '../core/eventually.ts'
import type { Issuer } from '../core/issuer.ts'
import type { Refusal } from '../core/problem.ts'
import { ok, type Result } from '../core/result.ts'
import type { Zone } from '../core/zone.ts'
import type { Call, Keys } from '../ports.ts'
import { readEntitlement } from './entitlement.ts'
import type { JsonObject } from './jws.ts'
import { Remembered } from './remembered.ts'
import { checkSignature, FORGED } from './signature.ts'

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
  const checked = await checkSignature(token, 'entitlement', zone.issuers, keys, call)
  if (!checked.ok) return checked
  const { payload, issuer, generation, isGenuine } = checked.value
  const outcome = isGenuine ? await readVerified(payload, issuer, hashAccount) : FORGED
  memory.genuine.delete(token)
  memory.forged.delete(token)
  ;(outcome.ok ? memory.genuine : memory.forged).set(token, { issuer, generation, outcome })
  return outcome
}

async function readVerified(
  payload: JsonObject,
  issuer: Issuer,
  hashAccount: HashAccount | undefined,
): Promise<Verified> {
  const claims = readEntitlement(payload, issuer)
  if (!claims.ok) return claims
  const accountHash = hashAccount === undefined ? undefined : await hashAccount(claims.value.account)
  return ok({ ...claims.value, accountHash })
}
