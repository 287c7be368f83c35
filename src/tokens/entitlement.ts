import { STANDINGS, type Entitlement, type Standing } from '../access/entitlement.ts'
import type { Issuer } from '../access/issuer.ts'
import type { Refusal } from '../core/problem.ts'
import { accountOf, claimAt, type ClaimMapping, type OwnName, unmet, withoutPrefix } from '../access/claims.ts'
import { err, ok, type Result } from '../core/result.ts'
import { invalid, isName, readLifetime, readStatus, refuseBound } from './claims.ts'
import { isObject, type JsonObject } from './jws.ts'
import { readLimits } from './limits.ts'
import type { TokenReader } from './reader.ts'

type Claims = Omit<Entitlement, 'accountHash'>

/** Reads entitlement tokens. */
export const ENTITLEMENT: TokenReader<Claims> = {
  kind: 'entitlement',
  read: readEntitlement,
  accountOf: ({ account }) => account,
  bytesOf: ({ entitlements, limits }) => entitlements.length * NAME_BYTES + limits.length * LIMIT_BYTES,
}

const NAME_BYTES = 24
const LIMIT_BYTES = 160

/**
 * Reads the claims of an entitlement token whose signature is good. Times are read here and judged at each use.
 *
 * A malformed claim refuses the token: its issuer meant something by the claim. The same holds for claims that the
 * configuration maps for another maker's tokens. Other claims of such tokens may share a name with ours (`limits`,
 * `standing`, `status`, …): they count if they have our form too, else they are passed over. Error: `credential-invalid`.
 */
export function readEntitlement(payload: JsonObject, issuer: Issuer): Result<Claims, Refusal> {
  const lifetime = readLifetime(payload, issuer)
  if (!lifetime.ok) return lifetime
  const mapping = issuer.claims
  const missed = unmet(payload, mapping)
  if (missed !== undefined) return invalid(`The token's "${missed}" is not one that is taken here.`)
  const account = accountOf(payload, mapping.account)
  if (!isName(account))
    return invalid(`The token has no "sub", or what names its account as ${mapping.account.template}.`)
  const jti = payload['jti']
  if (jti !== undefined && !isName(jti)) return invalid('The token\'s "jti" is not a name.')
  const bound = refuseBound(payload)
  if (bound !== undefined) return bound
  const status = readStatus(payload, issuer)
  if (!status.ok) return status
  const subscription = readSubscription(payload, mapping)
  if (!subscription.ok) return subscription
  return ok({
    kind: 'entitlement',
    issuer: issuer.issuer,
    account,
    jti,
    ...subscription.value,
    ...(status.value === undefined ? {} : { status: status.value }),
    ...lifetime.value,
  })
}

type SubscriptionClaims = Pick<Claims, 'entitlements' | 'plan' | 'standing' | 'limits'>

function readSubscription(payload: JsonObject, mapping: ClaimMapping): Result<SubscriptionClaims, Refusal> {
  const isOurs = (name: OwnName): boolean => !mapping.foreignNames.includes(name)
  const entitlements = entitlementsOf(payload, mapping)
  if (!entitlements.ok && isOurs('entitlements'))
    return invalid(`The token's "${entitlements.error}" is not a list of entitlements.`)
  const plan = claimAt(payload, mapping.plan)
  if (plan !== undefined && typeof plan !== 'string' && isOurs('plan'))
    return invalid(`The token's "${mapping.plan.source}" is not a string.`)
  const standing = readStanding(claimAt(payload, mapping.standing))
  if (standing === undefined && isOurs('standing'))
    return invalid(`The token's "${mapping.standing.source}" is not one of ${STANDINGS.join(', ')}.`)
  const limited = claimAt(payload, mapping.limits)
  const limits = readLimits(limited, mapping.limits.source)
  // Passing over a list meant as ours would lift every limit for one slip.
  if (!limits.ok && (isOurs('limits') || hasQuota(limited))) return invalid(`The token's ${limits.error}.`)
  return ok({
    entitlements: entitlements.ok ? entitlements.value : mapping.grants,
    plan: typeof plan === 'string' ? withoutPrefix(plan, mapping.prefixes) : undefined,
    standing: standing ?? 'active',
    limits: limits.ok ? limits.value : [],
  })
}

function hasQuota(claim: unknown): boolean {
  return Array.isArray(claim) && claim.some((item) => isObject(item) && 'quota' in item)
}

/** Returns the entitlements of all mapped claims together. Error: the name of a claim that is no list. */
function entitlementsOf(payload: JsonObject, mapping: ClaimMapping): Result<readonly string[], string> {
  const found = [...mapping.grants]
  for (const path of mapping.entitlements) {
    const names = readEntitlements(claimAt(payload, path), mapping.separator)
    if (names === undefined) return err(path.source)
    for (const name of names) found.push(withoutPrefix(name, mapping.prefixes))
  }
  return ok(found)
}

/**
 * Reads strings, or RFC 7643 §4.1.2 objects with a `value`. A single string is a list joined by `separator`, as RFC 8693
 * §4.2 joins scopes by spaces. Returns undefined for anything else.
 */
export function readEntitlements(claim: unknown, separator: ' ' | ',' = ' '): readonly string[] | undefined {
  if (claim === undefined) return []
  if (typeof claim === 'string') return claim.split(separator).flatMap((name) => name.trim() || [])
  if (!Array.isArray(claim)) return undefined
  const names: string[] = []
  for (const item of claim) {
    const name: unknown = isObject(item) ? item['value'] : item
    if (typeof name !== 'string' || name === '') return undefined
    names.push(name)
  }
  return names
}

/** Reads a standing; `active` without a claim. Returns undefined for an unknown standing. */
export function readStanding(claim: unknown): Standing | undefined {
  return claim === undefined ? 'active' : STANDINGS.find((standing) => standing === claim)
}
