/**
 * Reads the records of credentials that the gate itself has issued: API keys and feed tokens.
 *
 * The record is in the ledger of the credential's account, and a ledger is a call away. So an isolate remembers each record,
 * and looks into the zone's bulletin whether it has changed since: whoever changes a record posts a mark with the time of the
 * change, by the ledger's clock, which the record has as well. Statements about the account are not looked for here: they
 * come with the record, and later ones by the bulletin, as for every other credential.
 */
import type { Eventually } from '../core/eventually.ts'
import { after } from '../core/eventually.ts'
import { LruCache } from '../core/lru.ts'
import type { Refusal } from '../core/problem.ts'
import { err, ok, type Result } from '../core/result.ts'
import { LEDGER_MS, withTimeout } from '../http/timeout.ts'
import type { Act } from '../ledger/rules/audit.ts'
import type { CredentialKind, IssuedCredential, UsedCredential } from '../ledger/rules/credentials.ts'
import { openLedger } from '../ledger/rules/place.ts'
import type { Call, Clock, Ledgers } from '../ports.ts'
import type { CredentialStores } from '../rails/rail.ts'
import type { Zone } from '../zone.ts'
import type { Bulletins } from './bulletin.ts'
import { type Posted, tokenKey } from './rules/bulletin.ts'
import type { KnownBulletin } from './rules/delta.ts'
import { STANDING_UNKNOWN } from './rules/asitstands.ts'

/** Names an issued credential, and the ledger with its record. */
export interface IssuedName {
  readonly kind: CredentialKind
  readonly id: string
  readonly issuer: string
  readonly account: string
}

/** A record with the statements known when it was read. */
export interface IssuedRecord extends UsedCredential {
  /** The start of the reading, in milliseconds since 1970. */
  readonly asOf: number
  /** The epoch of the bulletin that was known then: a later one has lost what was posted before. */
  readonly epoch: string
}

/** Returns the record of a credential, no older than the zone's bound. Error: `standing-unavailable`. */
export type ReadIssued = (
  name: IssuedName,
  zone: Zone,
  stores: Pick<CredentialStores, 'ledgers' | 'bulletins' | 'clock'>,
  call: Call,
) => Eventually<Result<IssuedRecord, Refusal>>

const RECORDS_BYTES = 4 * 1024 * 1024
/** A record is read again on each day, so that its last day of use is about right. */
export const MOST_AGE_SECONDS = 86_400
const MOST_AGE_MS = MOST_AGE_SECONDS * 1000
/** The most by which the clocks of two machines differ. */
const SKEW_MS = 60_000

/** Creates a reader that remembers records, for one rail in one isolate. */
export function createIssuedReader(): ReadIssued {
  const memories = new WeakMap<Ledgers, LruCache<IssuedRecord>>()
  return (name, zone, stores, call) => {
    const { ledgers, bulletins, clock } = stores
    if (ledgers === undefined || bulletins === undefined) return UNKNOWN
    const memory = memories.get(ledgers) ?? new LruCache<IssuedRecord>(RECORDS_BYTES, bytesOf)
    memories.set(ledgers, memory)
    const key = `${zone.id} ${name.kind} ${tokenKey(name.issuer, name.id)} ${name.account}`
    const known = memory.get(key)
    const ageMs = known === undefined ? -1 : clock() - known.asOf
    if (known !== undefined && ageMs >= 0 && ageMs < zone.standing.boundMs) return ok(known)
    return after(bulletins.of(zone, call), (bulletin) => {
      if (!bulletin.ok) return bulletin
      const isKnownToChange = known !== undefined && isMarked(known, name, bulletin.value)
      if (ageMs >= 0 && ageMs < MOST_AGE_MS && known !== undefined && isCurrent(known, name, bulletin.value))
        return ok(known)
      return readRecord(name, zone, ledgers, clock, bulletin.value.head.epoch).then((record) => {
        if (record.ok) memory.set(key, record.value)
        const mayServe = ageMs >= 0 && ageMs < zone.standing.serveMs && !isKnownToChange
        return record.ok || known === undefined || !mayServe ? record : ok(known)
      })
    })
  }
}

const UNKNOWN = err(STANDING_UNKNOWN)

/** Reads a record from its ledger. `epoch`: that of the known bulletin. */
export async function readRecord(
  { kind, id, issuer, account }: IssuedName,
  zone: Zone,
  ledgers: Ledgers,
  clock: Clock,
  epoch: string,
): Promise<Result<IssuedRecord, Refusal>> {
  const asOf = clock()
  const ledger = openLedger(ledgers, zone, { from: 'account', issuer, account })
  const ask = async () => ledger.order('useCredential', { kind, id, zone: { id: zone.id } })
  const answer = await withTimeout(
    ask().catch(() => undefined),
    LEDGER_MS,
  )
  if (answer?.ok !== true) return UNKNOWN
  return ok({ ...answer.value, asOf, epoch })
}

/** Returns true if no later change is marked, and if no mark can have been left out. An unknown credential stays unknown. */
function isCurrent(record: IssuedRecord, name: IssuedName, bulletin: KnownBulletin): boolean {
  return record.credential === undefined || isUnchanged(datedOf(record, name), bulletin)
}

/** Returns true if the bulletin has a later change. */
function isMarked(record: IssuedRecord, name: IssuedName, bulletin: KnownBulletin): boolean {
  return record.credential !== undefined && hasMark(datedOf(record, name), bulletin)
}

function datedOf({ credential, asOf, epoch }: IssuedRecord, name: IssuedName): DatedRecord {
  return { mark: markKey(name), changedAt: credential?.changedAt ?? 0, asOf, epoch }
}

/** A record as far as its age is judged. */
export interface DatedRecord extends Pick<IssuedRecord, 'asOf' | 'epoch'> {
  /** The key of the entry that marks its changes. */
  readonly mark: string
  /** Milliseconds since 1970 by the ledger's clock; 0 if it was never changed. */
  readonly changedAt: number
}

/** Returns true if no later change is marked, and if no mark can have been left out. */
export function isUnchanged(record: DatedRecord, bulletin: KnownBulletin): boolean {
  const { head } = bulletin
  const { asOf, epoch } = record
  if (epoch !== head.epoch || hasMark(record, bulletin)) return false
  return head.leftOutAt === undefined || head.leftOutAt * 1000 + SKEW_MS < asOf
}

function hasMark({ mark, changedAt }: DatedRecord, { entries }: KnownBulletin): boolean {
  const changed = entries.size === 0 ? undefined : entries.get(mark)?.revokedAt
  return changed !== undefined && Math.round(changed * 1000) > changedAt
}

/** Returns the key of the entry that marks changes of a credential. */
export function markKey(name: IssuedName): string {
  return tokenKey(name.issuer, markOf(name))
}

/** Returns the name under which changes of a credential are posted. It is not the credential's own: a mark revokes nothing. */
function markOf({ kind, id }: Pick<IssuedName, 'kind' | 'id'>): string {
  return `${kind} ${id} changed`
}

/**
 * Has every isolate read the record again. The record is given after the change, as its ledger has answered. `others` are
 * posted with the mark.
 */
export function postIssuedChange(
  name: IssuedName,
  { changedAt = 0 }: IssuedCredential,
  zone: Zone,
  bulletins: Pick<Bulletins, 'post'>,
  { act, others = [] }: { readonly act?: Act; readonly others?: readonly Posted[] } = {},
): Promise<boolean> {
  const mark = { issuer: name.issuer, jti: markOf(name), entry: { revokedAt: changedAt / 1000 } }
  return bulletins.post(zone, [mark, ...others], undefined, act)
}

function bytesOf({ credential }: IssuedRecord): number {
  if (credential === undefined) return 0
  const { entitlements, limits, accountLimits, secrets } = credential
  return 100 * (entitlements.length + secrets.length) + 300 * (limits.length + accountLimits.length)
}
