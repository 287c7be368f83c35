import type { Zone } from '../zone.ts'
import type { HashAccount } from '../tokens/verify.ts'
import type { AuditFacts } from '../logrecord.ts'
import type { Act } from '../ledger/rules/audit.ts'
import type { Facts } from '../ledger/rules/record.ts'

/** The account or token that an order or an event is about. */
export interface AuditSubject {
  readonly issuer: string
  readonly account?: string | undefined
  /** One token or receipt of the account. */
  readonly jti?: string | undefined
}

/**
 * The audit of one request to an endpoint. The endpoint fills it in as facts become known; the log's line holds it at the
 * end, and the ledger keeps the act with its effect (`toAct`).
 */
export class AuditEntry {
  /** Empty while nothing was ordered: the line then has no audit. */
  action: string
  /** The author of the order, once verified. */
  by: string | undefined
  /** The issuer of the operator's token. */
  issuer: string | undefined
  /** The RFC 7638 thumbprint of the key that signed the order or event. */
  signedBy: string | undefined
  subject: AuditSubject | undefined
  /** Further facts for the line: never a credential, and nothing that identifies a person. */
  details: Readonly<Record<string, string | undefined>> = {}
  /** True if the request succeeded without any change. */
  isIdle = false

  readonly #request: string

  /** `request`: the request's id. */
  constructor(action: string, request: string) {
    this.action = action
    this.#request = request
  }

  /**
   * Returns the act, for the command that carries it out: an order that cannot be recorded is not carried out. The record
   * survives the account, so `facts` name nobody.
   */
  toAct(facts: Facts = {}): Act {
    const { action, by = 'unknown', issuer, signedBy } = this
    const all = { ...(issuer !== undefined && { issuer }), ...facts }
    return {
      action,
      by,
      request: this.#request,
      ...(signedBy !== undefined && { signedBy }),
      ...(Object.keys(all).length > 0 && { facts: all }),
    }
  }
}

/**
 * Returns the audit for the log's line. Names of accounts and tokens are keyed hashes, and are left out if the log has no
 * key.
 */
export async function auditFacts(
  { action, by, subject, details }: AuditEntry,
  done: boolean,
  zone: Zone | undefined,
  hash: HashAccount | undefined,
): Promise<{ readonly audit: AuditFacts; readonly account: string | undefined }> {
  const named = async (name: string | undefined): Promise<string | undefined> =>
    hash === undefined || zone === undefined || subject === undefined || name === undefined
      ? undefined
      : hash(zone.id, subject.issuer, name)
  const token = await named(subject?.jti)
  const audit = { action, done, ...(by && { by }), ...(token && { token }), ...details }
  return { audit, account: await named(subject?.account) }
}
