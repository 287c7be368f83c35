/**
 * A receipt as a cookie keeps it: what makes the receipt again, and no more.
 *
 * The token itself does not fit: several of them would be more than servers take in one field, and its signature has been judged
 * already. The seal of the cookie vouches for the facts instead. What may change stays with the configuration: which issuers
 * the zone trusts, their tolerance, and the policy of their status lists.
 */
import type { Issuer } from '../../../access/issuer.ts'
import type { Receipt, ReceiptUses } from '../../../access/receipt.ts'
import { compileResource } from '../../../access/resource.ts'
import { isAllowedUri, type StatusReference } from '../../../access/statuslist.ts'
import type { Json } from '../../../core/json.ts'
import { formatAmount, parseMoney } from '../../../core/money.ts'
import { err, ok, type Result } from '../../../core/result.ts'

/** A receipt before its payer is hashed for the log. */
export type KeptReceipt = Omit<Receipt, 'accountHash'>

/** `issuer`: the zone does not trust the issuer. `status`: it does not read the status list that could revoke the receipt. */
export type RecordFault = 'malformed' | 'issuer' | 'status'

const FORMAT = 1
const DEFAULT_METHODS = ['GET', 'HEAD']

/** Returns the record of a receipt: a list, because each name of a member would take room in every request. */
export function recordOf(receipt: Receipt): Json {
  const { issuer, jti, amount, resource, methods, grant, issuedAt, notBefore, expires } = receipt
  const { signedBy, payer, status } = receipt
  const isUsual = methods.length === DEFAULT_METHODS.length && DEFAULT_METHODS.every((name) => methods.includes(name))
  const fields: Json[] = [
    FORMAT,
    issuer,
    jti,
    formatAmount(amount),
    amount.currency,
    resource.pattern.source,
    grant.kind === 'uses' ? grant.uses : -grant.passSeconds,
    issuedAt,
    expires,
    signedBy ?? 0,
    payer ?? 0,
    notBefore === issuedAt ? 0 : notBefore,
    isUsual ? 0 : [...methods],
    ...(status === undefined ? [] : [status.uri, status.idx]),
  ]
  while (fields.at(-1) === 0) fields.pop()
  return fields
}

/** Makes the receipt again. `issuers` are those of the zone now. */
export function receiptOf(record: unknown, issuers: readonly Issuer[]): Result<KeptReceipt, RecordFault> {
  if (!Array.isArray(record)) return MALFORMED
  const fields: readonly unknown[] = record
  const [format, issuer, jti, decimal, currency, pattern, granted, issuedAt, expires] = fields
  const [signedBy, payer, begins, allowed, uri, idx] = fields.slice(9)
  const amount = parseMoney(decimal, currency)
  const resource = typeof pattern === 'string' ? compileResource(pattern) : undefined
  const grant = grantOf(granted)
  const methods = isAbsent(allowed) ? DEFAULT_METHODS : textsIn(allowed)
  const isWhole = isTime(issuedAt) && isTime(expires) && isText(issuer) && isText(jti)
  if (format !== FORMAT || !isWhole || amount === undefined || resource === undefined) return MALFORMED
  if (grant === undefined || methods === undefined) return MALFORMED
  const trusted = issuers.filter((one) => one.issuer === issuer)
  const [first] = trusted
  if (first === undefined) return UNTRUSTED
  const status = isText(uri) ? statusOf(uri, idx, trusted) : undefined
  if (isText(uri) && status === undefined) return UNLISTED
  return ok({
    kind: 'receipt',
    issuer,
    jti,
    payer: isText(payer) ? payer : undefined,
    amount,
    resource,
    methods,
    grant,
    issuedAt,
    notBefore: isTime(begins) && begins > 0 ? begins : issuedAt,
    expires,
    toleranceSeconds: first.clockToleranceSeconds,
    signedBy: isText(signedBy) ? signedBy : undefined,
    ...(first.signsPacks && { isPack: true as const }),
    ...(status && { status }),
  })
}

const MALFORMED = /* @__PURE__ */ err('malformed' as const)
const UNLISTED = /* @__PURE__ */ err('status' as const)
const UNTRUSTED = /* @__PURE__ */ err('issuer' as const)

function grantOf(granted: unknown): ReceiptUses | undefined {
  if (typeof granted !== 'number' || !Number.isSafeInteger(granted) || granted === 0) return undefined
  return granted > 0 ? { kind: 'uses', uses: granted } : { kind: 'pass', passSeconds: -granted }
}

/** Returns the place in a status list; undefined if no issuer of the name has such lists. */
function statusOf(uri: string, idx: unknown, issuers: readonly Issuer[]): StatusReference | undefined {
  if (typeof idx !== 'number') return undefined
  for (const issuer of issuers) {
    const policy = issuer.statusLists
    if (policy !== undefined && isAllowedUri(uri, policy.allow)) return { issuer, policy, uri, idx }
  }
  return undefined
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== ''
}

function isTime(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0
}

function isAbsent(value: unknown): boolean {
  return value === undefined || value === 0
}

function textsIn(value: unknown): readonly string[] | undefined {
  return Array.isArray(value) && value.every(isText) ? value : undefined
}
