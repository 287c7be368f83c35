import { STANDINGS, type Entitlement, type Standing } from '../core/entitlement.ts'
import type { Issuer } from '../core/issuer.ts'
import type { Refusal } from '../core/problem.ts'
import { ok, type Result } from '../core/result.ts'
import { invalid, isName, readLifetime, readStatus, refuseBound } from './claims.ts'
import { isObject, type JsonObject } from './jws.ts'
import { readLimits } from './limits.ts'
import type { TokenReader } from './reader.ts'

type Claims = Omit<Entitlement, 'accountHash'>

/** How entitlement tokens are verified. */
export const ENTITLEMENT: TokenReader<Claims> = {
  kind: 'entitlement',
  read: readEntitlement,
  accountOf: ({ account }) => account,
  bytes: { genuine: 16 * 1024 * 1024, forged: 2 * 1024 * 1024 },
}

/**
 * Reads the claims of an entitlement token whose signature is good; times are read here and judged at each use.
 * Error: `credential-invalid`.
 */
export function readEntitlement(payload: JsonObject, issuer: Issuer): Result<Claims, Refusal> {
  const lifetime = readLifetime(payload, issuer)
  if (!lifetime.ok) return lifetime
  const account = payload['sub']
  if (!isName(account)) return invalid('The token has no "sub".')
  const jti = payload['jti']
  if (jti !== undefined && !isName(jti)) return invalid('The token\'s "jti" is not a name.')
  const bound = refuseBound(payload)
  if (bound !== undefined) return bound
  const status = readStatus(payload, issuer)
  if (!status.ok) return status
  const entitlements = readEntitlements(payload[issuer.claims.entitlements])
  if (entitlements === undefined)
    return invalid(`The token's "${issuer.claims.entitlements}" is not a list of entitlements.`)
  const plan = payload[issuer.claims.plan]
  if (plan !== undefined && typeof plan !== 'string')
    return invalid(`The token's "${issuer.claims.plan}" is not a string.`)
  const standing = readStanding(payload[issuer.claims.standing])
  if (standing === undefined)
    return invalid(`The token's "${issuer.claims.standing}" is not one of ${STANDINGS.join(', ')}.`)
  const limits = readLimits(payload['limits'])
  if (!limits.ok) return invalid(`The token's ${limits.error}.`)
  return ok({
    kind: 'entitlement',
    issuer: issuer.issuer,
    account,
    jti,
    entitlements,
    plan,
    standing,
    limits: limits.value,
    ...(status.value === undefined ? {} : { status: status.value }),
    ...lifetime.value,
  })
}

/** Strings, or RFC 7643 §4.1.2 objects with a `value`; a single string is a space-separated list (RFC 8693 §4.2). */
export function readEntitlements(claim: unknown): readonly string[] | undefined {
  if (claim === undefined) return []
  if (typeof claim === 'string') return claim.split(' ').filter((name) => name !== '')
  if (!Array.isArray(claim)) return undefined
  const names: string[] = []
  for (const item of claim) {
    const name: unknown = isObject(item) ? item['value'] : item
    if (typeof name !== 'string' || name === '') return undefined
    names.push(name)
  }
  return names
}

/** Undefined for what is no standing; a token that says nothing is of an account that is active. */
export function readStanding(claim: unknown): Standing | undefined {
  return claim === undefined ? 'active' : STANDINGS.find((standing) => standing === claim)
}
