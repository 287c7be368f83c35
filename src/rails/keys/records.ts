/**
 * Finds the record of an API key, and remembers it.
 *
 * The record is in the ledger of the key's owner. Asking for it at each request would make every request as dear as a metered
 * one, so an isolate remembers what a key opens, in the same bounded memory as verified tokens. The bulletin, which is no
 * older than the zone's bound, tells of records that changed since. An invented key fails its MAC and leaves no trace here.
 */
import type { Entitlement } from '../../access/entitlement.ts'
import type { ClockPartition } from '../../core/clockcache.ts'
import { after, type Eventually } from '../../core/eventually.ts'
import { refusal, type Refusal } from '../../core/problem.ts'
import { err, ok, type Result } from '../../core/result.ts'
import type { IssuedCredential } from '../../ledger/rules/credentials.ts'
import type { Call, KnownBulletins } from '../../ports.ts'
import { type DatedRecord, type IssuedName, isUnchanged, markKey, readRecord } from '../../standing/issued.ts'
import { asItStands } from '../../standing/rules/asitstands.ts'
import { BYTES_A_CHARACTER, VERDICT_BYTES, type Verifiers } from '../../tokens/verify.ts'
import type { Zone } from '../../zone.ts'
import type { Carried } from '../rail.ts'
import { keyEntitlement } from './entitlement.ts'
import { hashOf, readKey } from './format.ts'

/** A record as it was read, and what it opens. */
interface RememberedKey extends DatedRecord {
  readonly proof: Result<Entitlement, Refusal>
  /** The end of this text's overlap with the one that replaces it, in milliseconds since 1970. */
  readonly until: number
}

interface KeyMemory {
  readonly known: ClockPartition<RememberedKey>
  /** Keys that the gate made and no ledger knows, with the time of asking. */
  readonly unknown: ClockPartition<number>
}

type KeySources = Pick<Carried, 'zone' | 'verifiers' | 'stores' | 'call'>

/** Verifies a key. Errors: those of `readKey`; `credential-expired`; `subscription-inactive`; `ledger-unavailable`. */
export function verifyKey(text: string, sources: KeySources): Eventually<Result<Entitlement, Refusal>> {
  const { zone, verifiers, stores, call } = sources
  const memory = memoryOf(verifiers, zone)
  const known = memory.known.get(text)
  if (known === undefined || stores.bulletins === undefined) return readAnew(text, sources, memory)
  return after(stores.bulletins.of(zone, call), (bulletin) =>
    !bulletin.ok || (isRecent(known, zone, call) && isUnchanged(known, bulletin.value))
      ? proofOf(known, call)
      : readAnew(text, sources, memory),
  )
}

/** Of each isolate, by the zone's id. */
const memories = new WeakMap<Verifiers['verdicts'], Map<string, KeyMemory>>()

function memoryOf({ verdicts }: Verifiers, { id }: Zone): KeyMemory {
  const ofIsolate = memories.get(verdicts) ?? new Map<string, KeyMemory>()
  memories.set(verdicts, ofIsolate)
  const known = ofIsolate.get(id)
  if (known !== undefined) return known
  const fresh: KeyMemory = { known: verdicts.genuine(), unknown: verdicts.forged() }
  ofIsolate.set(id, fresh)
  return fresh
}

/** In place of an epoch that is not known: no bulletin has it. */
const NO_EPOCH = 'unknown'

/** Two requests at once may have begun in another order. */
const OVERTAKEN_MS = 1000

/** Returns true unless statements about the account may have left the bulletin since the record was read. */
function isRecent({ asOf }: RememberedKey, { standing }: Zone, { now }: Call): boolean {
  const ageMs = now - asOf
  return ageMs > -OVERTAKEN_MS && ageMs < standing.longestTokenSeconds * 1000
}

function proofOf({ proof, until }: RememberedKey, { now }: Call): Result<Entitlement, Refusal> {
  return now < until ? proof : err(REPLACED)
}

async function readAnew(text: string, sources: KeySources, memory: KeyMemory): Promise<Result<Entitlement, Refusal>> {
  const { zone, stores, call } = sources
  const facts = readKey(text, zone)
  if (!facts.ok) return facts
  const missedAt = memory.unknown.get(text)
  if (missedAt !== undefined && Math.abs(call.now - missedAt) < zone.standing.boundMs) return err(UNKNOWN)
  const { ledgers, bulletins, clock } = stores
  const name: IssuedName = { kind: 'key', ...facts.value }
  const bulletin = await bulletins?.of(zone, call)
  const epoch = bulletin?.ok === true ? bulletin.value.head.epoch : NO_EPOCH
  const read = ledgers && (await readRecord(name, zone, ledgers, clock, epoch))
  if (read?.ok !== true) return err(AWAY)
  const { credential, statements, asOf } = read.value
  const hash = hashOf(text)
  const secret = credential?.secrets.find((one) => one.hash === hash)
  if (credential === undefined || secret === undefined) {
    memory.known.delete(text)
    memory.unknown.set(text, call.now, VERDICT_BYTES + BYTES_A_CHARACTER * text.length)
    return err(UNKNOWN)
  }
  const accountHash = await stores.hashAccount?.(zone.id, name.issuer, name.account)
  const signed = keyEntitlement(credential, name, statements, accountHash, secret.signedBy)
  const known: RememberedKey = {
    proof:
      credential.isDisabled === true
        ? err(withAccount(DISABLED, accountHash))
        : standing(signed, bulletins, call.now / 1000),
    until: secret.until ?? Infinity,
    changedAt: credential.changedAt ?? 0,
    asOf,
    epoch,
    mark: markKey(name),
  }
  memory.unknown.delete(text)
  memory.known.set(text, known, bytesOf(text, credential))
  return proofOf(known, call)
}

/**
 * Returns the key as its ledger has told. With a bulletin it stays as it was made: what was said when the record was read is
 * joined with what came later at each use, and may be taken back by it.
 */
function standing(
  proof: Entitlement,
  bulletins: KnownBulletins | undefined,
  now: number,
): Result<Entitlement, Refusal> {
  if (bulletins !== undefined) return ok(proof)
  const stands = asItStands(proof, undefined, undefined, now)
  return stands.ok ? stands : err(withAccount(stands.error, proof.accountHash))
}

function withAccount(why: Refusal, account: string | undefined): Refusal {
  return account === undefined ? why : { ...why, account }
}

const NAME_BYTES = 24
const LIMIT_BYTES = 320
const STATEMENTS_BYTES = 400

function bytesOf(text: string, { entitlements, limits, accountLimits }: IssuedCredential): number {
  const listed = entitlements.length * NAME_BYTES + (limits.length + accountLimits.length) * LIMIT_BYTES
  return VERDICT_BYTES + STATEMENTS_BYTES + BYTES_A_CHARACTER * text.length + listed
}

const UNKNOWN = refusal('credential-invalid', 'The API key is unknown here, or was replaced or removed.', {
  check: 'key',
})
const REPLACED = refusal('credential-expired', 'The API key was replaced by a new one, and its overlap has ended.', {
  check: 'time',
})
const DISABLED = refusal('subscription-inactive', 'The API key is disabled.', { check: 'standing' })
const AWAY = refusal('ledger-unavailable', 'It cannot be known now what this API key opens. Nothing was charged.')
