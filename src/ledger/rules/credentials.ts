/**
 * Credentials that the gate itself has issued to an account: API keys and feed tokens.
 *
 * The gate verifies a credential by its own key and finds the account's ledger in it; what it may open, and whether it still
 * stands, is only here. Secrets are kept as hashes. While a secret is replaced, both are good. A credential that was removed
 * is unknown, as one that never was.
 */
import type { Standing } from '../../access/entitlement.ts'
import type { Limit } from '../../access/limit.ts'
import { tokenName, type ZoneId } from './name.ts'
import type { Act } from './audit.ts'
import type { Applied, Book, LedgerChange } from './book.ts'
import { DAY_MS } from './calendar.ts'
import type { Statements } from './commands.ts'

export type CredentialKind = 'key' | 'feed'

/** An API key or feed token of an account, without its secret. */
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
  readonly act?: Act
}

export type IssueCredentialOutcome =
  | { readonly kind: 'issued' }
  | { readonly kind: 'refused'; readonly reason: 'too-many' | 'id-taken' }

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
  readonly act?: Act
}

export type ChangeCredentialOutcome =
  /** `credential`: after the change, or as it was if it is removed. */
  | { readonly kind: 'changed'; readonly credential: IssuedCredential }
  | { readonly kind: 'refused'; readonly reason: 'unknown-credential' }

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
  { credential, most, act }: IssueCredentialCommand,
): Applied<IssueCredentialOutcome> {
  if (book.credential(credential.id) !== undefined) return issueRefused('id-taken')
  const ofKind = book.credentials().filter(({ kind }) => kind === credential.kind)
  if (ofKind.length >= most) return issueRefused('too-many')
  const changes = [headWith(book, 1), rowOf(credential.id, vouchedFor(credential, act))]
  return { outcome: { kind: 'issued' }, changes }
}

function issueRefused(reason: 'too-many' | 'id-taken'): Applied<IssueCredentialOutcome> {
  return { outcome: { kind: 'refused', reason }, changes: [] }
}

/** Changes a credential, replaces its secret, or removes it. */
export function changeCredential(
  book: Book,
  { kind, id, change, secret, overlapUntil, isRemoved, act }: ChangeCredentialCommand,
  now: number,
): Applied<ChangeCredentialOutcome> {
  const known = book.credential(id)
  if (known?.kind !== kind) return { outcome: { kind: 'refused', reason: 'unknown-credential' }, changes: [] }
  const changedAt = Math.max(now, (known.changedAt ?? 0) + 1)
  if (isRemoved) {
    const changes = [headWith(book, -1), rowOf(id, undefined)]
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
  return { outcome: { kind: 'changed', credential: next }, changes: [rowOf(id, next)] }
}

/** Notes the key that signed an order on what the order is for: it is worth no more than that key. */
function signedFor<T>(what: T, act: Act | undefined): T {
  return act?.signedBy === undefined ? what : { ...what, signedBy: act.signedBy }
}

/** Notes the key that signed an order on all of a credential. */
function vouchedFor(credential: IssuedCredential, act: Act | undefined): IssuedCredential {
  return signedForTerms({ ...credential, secrets: credential.secrets.map((secret) => signedFor(secret, act)) }, act)
}

function signedForTerms({ alsoSignedBy, ...credential }: IssuedCredential, act: Act | undefined): IssuedCredential {
  const isKept = act?.signedBy === undefined && alsoSignedBy !== undefined
  return isKept ? { ...credential, alsoSignedBy } : signedFor(credential, act)
}

/** The terms by which a credential opens more. */
const OPENING = ['plan', 'entitlements', 'accountLimits', 'expires'] as const
/** The most keys that are remembered to have signed for a part: few sites have had as many. */
const MOST_SIGNERS = 16

/** Notes a further key. It vouches for a part of the terms, so what others signed for stays theirs. */
function alsoSignedFor(credential: IssuedCredential, act: Act | undefined): IssuedCredential {
  const { signedBy, alsoSignedBy = [] } = credential
  const by = act?.signedBy
  if (by === undefined || by === signedBy || alsoSignedBy.includes(by)) return credential
  return { ...credential, alsoSignedBy: [...alsoSignedBy, by].slice(-MOST_SIGNERS) }
}

/** Notes the key that signed for new terms. Who switches a credential on vouches for all of it. */
function withTermsOf(
  credential: IssuedCredential,
  change: CredentialChange | undefined,
  act: Act | undefined,
): IssuedCredential {
  if (change === undefined) return credential
  if ('isDisabled' in change) return change.isDisabled === true ? credential : vouchedFor(credential, act)
  return OPENING.every((term) => term in change) ? signedForTerms(credential, act) : alsoSignedFor(credential, act)
}

/** Ends earlier secrets, and drops those that have ended. */
function overlapping(secrets: readonly CredentialSecret[], overlapUntil: number, now: number): CredentialSecret[] {
  return secrets
    .map((one) => ({ ...one, until: Math.min(one.until ?? Infinity, overlapUntil) }))
    .filter(({ until }) => until > now)
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

function headWith({ head }: Book, more: number): LedgerChange {
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
