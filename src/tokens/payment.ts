import type { Issuer } from '../access/issuer.ts'
import type { Refusal } from '../core/problem.ts'
import type { ReceiptUses, Receipt } from '../access/receipt.ts'
import { compileResource } from '../access/resource.ts'
import { ok, type Result } from '../core/result.ts'
import {
  invalid,
  isId,
  isName,
  isOnlyAudience,
  MAX_ID_CHARACTERS,
  readLifetime,
  readStatus,
  refuseBound,
} from './claims.ts'
import type { JsonObject } from './jws.ts'
import type { TokenReader } from './reader.ts'
import { parseMoney } from '../core/money.ts'

type Claims = Omit<Receipt, 'accountHash'>

/** Reads payment tokens. */
export const PAYMENT: TokenReader<Claims> = {
  kind: 'payment',
  read: readPayment,
  accountOf: ({ payer }) => payer,
  bytesOf: () => CLAIMS_BYTES,
}

/** Mostly the regular expressions that its resource is compiled to. */
const CLAIMS_BYTES = 4096
const MAX_USES = 1_000_000
const MAX_PASS_SECONDS = 2_678_400
const METHOD = /^[A-Z][A-Z-]{0,19}$/
const DEFAULT_METHODS = ['GET', 'HEAD']

/**
 * Reads the claims of a payment token whose signature is good. Times are read here and judged at each use. Error:
 * `credential-invalid`.
 */
export function readPayment(payload: JsonObject, issuer: Issuer): Result<Claims, Refusal> {
  if (!isOnlyAudience(payload['aud'], issuer.audience))
    return invalid('The audience ("aud") of a receipt must be one site and no other.', 'audience')
  const lifetime = readLifetime(payload, issuer)
  if (!lifetime.ok) return lifetime
  const bound = refuseBound(payload)
  if (bound !== undefined) return bound
  const status = readStatus(payload, issuer)
  if (!status.ok) return status
  const { jti, sub, amount, currency } = payload
  if (!isId(jti)) return invalid(`The receipt's "jti" is not a string of 1 to ${MAX_ID_CHARACTERS} characters.`)
  if (sub !== undefined && !isName(sub)) return invalid('The receipt\'s "sub" is not a name.')
  const money = parseMoney(amount, currency)
  if (money === undefined)
    return invalid('The receipt\'s "amount" and "currency" are not a decimal string and an ISO 4217 code.')
  const resource = typeof payload['resource'] === 'string' ? compileResource(payload['resource']) : undefined
  if (resource === undefined) return invalid('The receipt\'s "resource" is not a path pattern such as "/reports/*".')
  const methods = readMethods(payload['methods'])
  if (methods === undefined) return invalid('The receipt\'s "methods" is not a list of methods in capitals.')
  const grant = readGrant(payload)
  if (!grant.ok) return grant
  return ok({
    kind: 'receipt',
    issuer: issuer.issuer,
    jti,
    payer: sub,
    amount: money,
    resource,
    methods,
    grant: grant.value,
    ...(issuer.signsPacks && { isPack: true as const }),
    ...(status.value === undefined ? {} : { status: status.value }),
    ...lifetime.value,
  })
}

function readMethods(claim: unknown): readonly string[] | undefined {
  if (claim === undefined) return DEFAULT_METHODS
  if (!Array.isArray(claim) || claim.length === 0) return undefined
  const methods: string[] = []
  for (const method of claim) {
    if (typeof method !== 'string' || !METHOD.test(method)) return undefined
    methods.push(method)
  }
  return methods
}

/** Reads `uses` or `pass`. A receipt with both is refused. */
function readGrant(payload: JsonObject): Result<ReceiptUses, Refusal> {
  const { pass } = payload
  if (pass === undefined) {
    const { uses = 1 } = payload
    return isWhole(uses, MAX_USES)
      ? ok({ kind: 'uses', uses })
      : invalid(`The receipt's "uses" is not a whole number from 1 to ${MAX_USES}.`)
  }
  if (payload['uses'] !== undefined) return invalid('The receipt has both "uses" and "pass".')
  return isWhole(pass, MAX_PASS_SECONDS)
    ? ok({ kind: 'pass', passSeconds: pass })
    : invalid(`The receipt's "pass" is not a whole number of seconds from 1 to ${MAX_PASS_SECONDS}.`)
}

function isWhole(value: unknown, most: number): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 1 && value <= most
}
