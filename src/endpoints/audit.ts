import type { Zone } from '../zone.ts'
import type { HashAccount } from '../tokens/verify.ts'
import type { AuditFacts } from '../logrecord.ts'

/** The account or token that an order or an event is about. */
export interface AuditSubject {
  readonly issuer: string
  readonly account?: string | undefined
  /** One token or receipt of the account. */
  readonly jti?: string | undefined
}

/**
 * The audit of one request to an endpoint. The endpoint fills it in as facts become known; the log's line holds it at the
 * end.
 */
export class AuditEntry {
  action: string
  /** The author of the order, once verified. */
  by: string | undefined
  subject: AuditSubject | undefined
  /** Further facts for the line: never a credential, and nothing that identifies a person. */
  details: Readonly<Record<string, string | undefined>> = {}
  /** True if the request succeeded without any change. */
  isIdle = false

  constructor(action: string) {
    this.action = action
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
