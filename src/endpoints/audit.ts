import type { Zone } from '../zone.ts'
import type { HashAccount } from '../tokens/verify.ts'
import type { AuditFacts } from '../logrecord.ts'

/** Whom an order or an event is about. */
export interface AuditSubject {
  readonly issuer: string
  readonly account?: string | undefined
  /** One token or receipt of theirs. */
  readonly jti?: string | undefined
}

/** What was done at an endpoint of the gate's own, as it becomes known: the log's line says it in the end. */
export class AuditEntry {
  action: string
  /** Who asked for it, once that is verified. */
  by: string | undefined
  subject: AuditSubject | undefined
  /** Further facts for the line: never a credential, and nothing by which a person is known. */
  details: Readonly<Record<string, string | undefined>> = {}
  /** True if all went well and nothing had to be changed. */
  isIdle = false

  constructor(action: string) {
    this.action = action
  }
}

/** What the line says: names of accounts and tokens as keyed hashes, or not at all where the log has no key. */
export async function auditFacts(
  { action, by, subject, details }: AuditEntry,
  done: boolean,
  zone: Zone | undefined,
  hash: HashAccount | undefined,
): Promise<{ readonly audit: AuditFacts; readonly account: string | undefined }> {
  const named = async (name: string | undefined): Promise<string | undefined> =>
    hash === undefined || zone === undefined || subject === undefined || name === undefined
      ? undefined
      : hash(zone.name, subject.issuer, name)
  const token = await named(subject?.jti)
  const audit = { action, done, ...(by && { by }), ...(token && { token }), ...details }
  return { audit, account: await named(subject?.account) }
}
