/**
 * Credentials that the gate itself has issued to an account: API keys, feed tokens, and sessions of browsers.
 *
 * The gate verifies a credential by its own key and finds the account's ledger in it; what it may open, and whether it still
 * stands, is only here. Secrets are kept as hashes. While a secret is replaced, both are good. A credential that was removed
 * is unknown, as one that never was.
 */
import type { Standing } from '../../access/entitlement.ts'
import type { Limit } from '../../access/limit.ts'
import { tokenName, type ZoneId } from './name.ts'
import type { Act } from './audit.ts'
import type { Applied, Book, Head, LedgerChange } from './book.ts'
import { DAY_MS } from './calendar.ts'
import type { Statements } from './statementcommands.ts'
import { withOwnerAct } from './owneracts.ts'
import { signedFor, vouchedFor, withTermsOf } from './vouching.ts'

export const CREDENTIAL_KINDS = ['key', 'feed', 'session'] as const
export type CredentialKind = (typeof CREDENTIAL_KINDS)[number]

/** An API key, feed token or session of an account, without its secret. */
export interface IssuedCredential {
  readonly kind: CredentialKind
  /** Unique in the ledger. It stays when the secret is replaced, so usage goes on. */
  readonly id: string
  /** The owner's word for it. */
  readonly name: string
  /** Milliseconds since 1970. */
  readonly createdAt: number
  /** The operator's subject, or `owner`. */
  readonly createdBy: string
  /** The latest first. */
  readonly secrets: readonly CredentialSecret[]
  /** Milliseconds since 1970; a credential without it has no end. */
  readonly expires?: number
  readonly isDisabled?: boolean
  readonly plan?: string
  readonly entitlements: readonly string[]
  /** Limits of this credential alone. */
  readonly limits: readonly Limit[]
  /** Limits of the account, as one of its tokens would state them. */
  readonly accountLimits: readonly Limit[]
  /** The pattern of the one route that a feed token opens. */
  readonly route?: string
  /** The page that the URL of a feed names, with its query. */
  readonly path?: string
  /** The last day of use, in days since 1970. Charges say it exactly. */
  readonly lastUsedDay?: number
  /** The last change, in milliseconds since 1970 by the ledger's clock. Grows with each change. */
  readonly changedAt?: number
  readonly snapshot?: EntitlementSnapshot
  /** The RFC 7638 thumbprint of the key that signed the order for its terms. */
  readonly signedBy?: string
  /** Those of other keys that signed for a part of its terms later. */
  readonly alsoSignedBy?: readonly string[]
  /** Present for a session. */
  readonly session?: KeptSession
}

/** What renews a session. */
export interface KeptSession {
  /** The name of the login that made it. */
  readonly login: string
  /** The other side's name of the sign-in: sessions of a login that share it end together. */
  readonly group?: string
  /** What the login renews it with, sealed: the ledger cannot read it. */
  readonly sealed: string
  /** Who renews it, until a time in milliseconds since 1970. */
  readonly lease?: { readonly id: string; readonly until: number }
}

/** A secret that is good for a credential. */
export interface CredentialSecret {
  /** Of the whole text, so that a leaked ledger opens nothing. */
  readonly hash: string
  /** The generation of the gate's key that made it. */
  readonly generation: number
  /** The end of an overlap, in milliseconds since 1970. */
  readonly until?: number
  /** The RFC 7638 thumbprint of the key that signed the order for it. */
  readonly signedBy?: string
}

/** When the owner last presented an entitlement; the credential has what that opened. */
export interface EntitlementSnapshot {
  /** Milliseconds since 1970. */
  readonly presentedAt: number
  /** The signing of the entitlement, in seconds since 1970: what is said of the account later overrules it. */
  readonly issuedAt: number
  /** The end of the entitlement, in milliseconds since 1970. */
  readonly validUntil: number
  readonly standing: Standing
  /** The RFC 7638 thumbprint of the key that signed it. */
  readonly signedBy?: string
  /** Its place in a status list. */
  readonly status?: { readonly uri: string; readonly idx: number }
}

export interface IssueCredentialCommand {
  readonly credential: IssuedCredential
  /** The most credentials of this kind. */
  readonly most: number
  /** Present if the account's owner asks: the acts of a day are bounded. */
  readonly byOwner?: true
  readonly act?: Act
}

export type IssueCredentialOutcome =
  | { readonly kind: 'issued' }
  | { readonly kind: 'refused'; readonly reason: 'too-many' | 'too-often' | 'id-taken' }

type Changeable =
  | 'name'
  | 'expires'
  | 'isDisabled'
  | 'plan'
  | 'entitlements'
  | 'limits'
  | 'accountLimits'
  | 'route'
  | 'snapshot'

/** Members to replace. `undefined` removes one that may be absent. */
export type CredentialChange = { readonly [Name in Changeable]?: IssuedCredential[Name] | undefined }

export interface ChangeCredentialCommand {
  readonly kind: CredentialKind
  readonly id: string
  readonly change?: CredentialChange
  /** A new secret. Earlier ones are good until `overlapUntil`, in milliseconds since 1970. */
  readonly secret?: CredentialSecret
  readonly overlapUntil?: number
  /** Removes the credential for good. */
  readonly isRemoved?: true
  /** Present if the account's owner asks: the acts of a day are bounded. */
  readonly byOwner?: true
  readonly act?: Act
}

export type ChangeCredentialOutcome =
  /** `credential`: after the change, or as it was if it is removed. */
  | { readonly kind: 'changed'; readonly credential: IssuedCredential }
  | { readonly kind: 'refused'; readonly reason: 'unknown-credential' | 'too-often' }

/** Reads a credential at its use. */
export interface UseCredentialCommand {
  readonly kind: CredentialKind
  readonly id: string
  readonly zone: ZoneId
}

export interface UsedCredential {
  /** Undefined if there is none. The caller compares the secret, and judges times. */
  readonly credential: IssuedCredential | undefined
  /** What is said of the account, and of the credential as a token. */
  readonly statements: Statements
}

/** Keeps a new credential. */
export function issueCredential(
  book: Book,
  { credential, most, act, byOwner }: IssueCredentialCommand,
  now: number,
): Applied<IssueCredentialOutcome> {
  if (book.credential(credential.id) !== undefined) return issueRefused('id-taken')
  const ofKind = book.credentials().filter(({ kind }) => kind === credential.kind)
  if (ofKind.length >= most) return issueRefused('too-many')
  const head = headAfter(book, byOwner, now)
  if (head === undefined) return issueRefused('too-often')
  const changes = [headWith(head, 1), rowOf(credential.id, vouchedFor(credential, act))]
  return { outcome: { kind: 'issued' }, changes }
}

function issueRefused(
  reason: Extract<IssueCredentialOutcome, { kind: 'refused' }>['reason'],
): Applied<IssueCredentialOutcome> {
  return { outcome: { kind: 'refused', reason }, changes: [] }
}

/** Changes a credential, replaces its secret, or removes it. */
export function changeCredential(
  book: Book,
  { kind, id, change, secret, overlapUntil, isRemoved, byOwner, act }: ChangeCredentialCommand,
  now: number,
): Applied<ChangeCredentialOutcome> {
  const known = book.credential(id)
  if (known?.kind !== kind) return changeRefused('unknown-credential')
  const head = headAfter(book, byOwner, now)
  if (head === undefined) return changeRefused('too-often')
  const changedAt = Math.max(now, (known.changedAt ?? 0) + 1)
  if (isRemoved) {
    const changes = [headWith(head, -1), rowOf(id, undefined)]
    return { outcome: { kind: 'changed', credential: { ...known, changedAt } }, changes }
  }
  const secrets =
    secret === undefined
      ? known.secrets
      : [signedFor(secret, act), ...overlapping(known.secrets, overlapUntil ?? now, now)]
  const credential = withTermsOf({ ...changed(known, change ?? {}), secrets }, change, act)
  const isSame = JSON.stringify(plainCredential(credential)) === JSON.stringify(plainCredential(known))
  if (isSame) return { outcome: { kind: 'changed', credential: known }, changes: [] }
  const next = { ...credential, changedAt }
  return { outcome: { kind: 'changed', credential: next }, changes: [...headChanges(book, head), rowOf(id, next)] }
}

/** The most secrets that are replaced and still good. */
const MOST_REPLACED = 7

/** Ends earlier secrets, and drops those that have ended, and the earliest beyond the most. */
function overlapping(secrets: readonly CredentialSecret[], overlapUntil: number, now: number): CredentialSecret[] {
  return secrets
    .map((one) => ({ ...one, until: Math.min(one.until ?? Infinity, overlapUntil) }))
    .filter(({ until }) => until > now)
    .slice(0, MOST_REPLACED)
}

/** Returns a credential with the statements about it, and notes the day. */
export function useCredential(
  book: Book,
  { kind, id, zone }: UseCredentialCommand,
  now: number,
): Applied<UsedCredential> {
  const found = book.credential(id)
  const credential = found?.kind === kind ? found : undefined
  const ofToken = book.entries.get(tokenName(zone, id))?.entry
  const statements = { ofAccount: book.entries.get('')?.entry, ofToken }
  const today = Math.floor(now / DAY_MS)
  const isNoted = credential === undefined || credential.lastUsedDay === today || credential.isDisabled === true
  const changes = isNoted ? [] : [rowOf(id, { ...credential, lastUsedDay: today })]
  return { outcome: { credential, statements }, changes }
}

/** Returns all credentials of a kind. Changes nothing. */
export function listCredentials(book: Book, kind: CredentialKind): Applied<readonly IssuedCredential[]> {
  return { outcome: book.credentials().filter((one) => one.kind === kind), changes: [] }
}

function changeRefused(
  reason: Extract<ChangeCredentialOutcome, { kind: 'refused' }>['reason'],
): Applied<ChangeCredentialOutcome> {
  return { outcome: { kind: 'refused', reason }, changes: [] }
}

/** Returns the head with an act of the owner counted, if it is one. Undefined if there were too many today. */
function headAfter({ head }: Book, byOwner: true | undefined, now: number): Head | undefined {
  if (byOwner === undefined) return head
  const ownerActs = withOwnerAct(head, now)
  return ownerActs && { ...head, ownerActs }
}

function headChanges(book: Book, head: Head): readonly LedgerChange[] {
  return head === book.head ? [] : [{ table: 'head', row: head }]
}

function headWith(head: Head, more: number): LedgerChange {
  return { table: 'head', row: { ...head, credentials: (head.credentials ?? 0) + more } }
}

function rowOf(key: string, row: IssuedCredential | undefined): LedgerChange {
  return { table: 'credentials', key, row }
}

/** Applies a change: a member that is `undefined` is removed. */
function changed(known: IssuedCredential, change: CredentialChange): IssuedCredential {
  const given = Object.entries(change)
  const kept = Object.entries(known).filter(([name]) => !given.some(([other]) => other === name))
  return Object.fromEntries([
    ...kept,
    ...given.filter(([, value]) => value !== undefined),
  ]) as unknown as IssuedCredential
}

type PlainLimit = Omit<Limit, 'quota'> & { readonly quota: string }
/** A credential as JSON can hold it. */
export type PlainCredential = Omit<IssuedCredential, 'limits' | 'accountLimits'> & {
  readonly limits: readonly PlainLimit[]
  readonly accountLimits: readonly PlainLimit[]
}

/** Writes quotas as decimal strings. */
export function plainCredential(credential: IssuedCredential): PlainCredential {
  const plain = (limit: Limit): PlainLimit => ({ ...limit, quota: String(limit.quota) })
  const { limits, accountLimits } = credential
  return { ...credential, limits: limits.map(plain), accountLimits: accountLimits.map(plain) }
}

/** Reads what `plainCredential` wrote. */
export function credentialOf(plain: PlainCredential): IssuedCredential {
  const limit = (one: PlainLimit): Limit => ({ ...one, anchor: one.anchor, quota: BigInt(one.quota) })
  return { ...plain, limits: plain.limits.map(limit), accountLimits: plain.accountLimits.map(limit) }
}
