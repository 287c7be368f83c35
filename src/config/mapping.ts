/**
 * Maps the claims of any issuer to the facts that the gate reads.
 *
 * Identity providers agree on little but `iss` and `exp`: entitlements are roles, groups, scopes or permissions, nested or
 * joined by spaces, and the account may be under a claim that a user can change. The mapping is data, so that a provider
 * needs no code here. Two rules are not configurable: no account is named by a claim that its owner can change, and an event
 * is never accepted for an entitlement. An ID token of a foreign type is refused too, unless `idTokens` accepts it (RFC 8725
 * §3.12).
 */
import * as v from 'valibot'
import { type ClaimMapping, compileClaimPath, OWN_NAMES } from '../access/claims.ts'
import { names, text } from './rules/values.ts'

/**
 * The places of claims in an issuer's tokens. A claim is named in full (`https://example.com/roles`), by a path of members
 * (`realm_access.roles`), or by a JSON Pointer (RFC 6901) if a member's name contains a dot
 * (`/resource_access/my.client/roles`).
 */
export interface ClaimOptions {
  /** One claim or several; their values are joined. Default: `entitlements`. */
  entitlements?: string | string[]
  /** Default: `plan`. */
  plan?: string
  /** Default: `standing`. */
  standing?: string
  /** Default: `limits`. */
  limits?: string
  /** Separates names in a claim that is one string. Default: a space. */
  separator?: ' ' | ','
  /** Removed from the front of entitlements and the plan: `['u:']`. */
  prefixes?: string[]
  /**
   * The name of the account, built from the claims `{sub}`, `{oid}` and `{tid}` only: a claim that its owner can change
   * names no account. A character such as `/` separates each two. Default: `{sub}`.
   */
  account?: string
  /**
   * Names the account by another claim if `sub` is empty. No `sub` may begin with the prefix: `{ claim: 'common_name',
   * prefix: 'service:' }`.
   */
  emptySub?: { claim: string; prefix: string }
  /**
   * Takes another claim for `aud` if `aud` is absent, or has nothing but values of `besides`: `{ claim: 'azp', besides:
   * ['account'] }`.
   */
  audience?: { claim: string; besides?: string[] }
  /** The required values of other claims: `{ token_use: 'access' }`. An empty list requires the claim with any value. */
  requires?: Record<string, ClaimValue | ClaimValue[]>
  /**
   * The refused values of other claims, alone or in a list: `{ is_anonymous: true }`. An empty list refuses the claim with
   * any value.
   */
  refuses?: Record<string, ClaimValue | ClaimValue[]>
}

/** A value that a claim is compared with. */
export type ClaimValue = string | boolean

const value = v.union([text, v.boolean()], 'expected a string, true or false')
const conditions = v.record(text, v.union([value, v.array(value)], 'expected a string, true, false or a list of them'))

const ACCOUNT = 'expected {sub}, {oid} or {tid}: what a person can change names no account'
const SEPARATE = 'expected a character such as "/" or ":" between each two, or two accounts could have one name'
const SLOT = /\{(?:sub|oid|tid)\}/

function namesAccount(template: string): boolean {
  const literals = template.split(SLOT)
  return literals.length > 1 && !literals.some((literal) => /[{}]/.test(literal))
}

/** Returns true if no claim's value can run into the next one's: values are of letters, digits, `_` and `-`. */
function separatesClaims(template: string): boolean {
  return template
    .split(SLOT)
    .slice(1, -1)
    .every((literal) => /[^\w-]/.test(literal))
}

/** Claims that a person can change, or lose to another person. */
const CHANGEABLE = new Set(['email', 'preferred_username', 'upn', 'unique_name', 'nickname', 'name', 'phone_number'])

const standIn = v.pipe(
  text,
  v.check((claim) => !CHANGEABLE.has(claim), 'expected a claim that nobody can change, and no one else can come by'),
)

export const claimsSchema = v.strictObject({
  entitlements: v.optional(names),
  plan: v.optional(text),
  standing: v.optional(text),
  limits: v.optional(text),
  separator: v.optional(v.picklist([' ', ','], 'expected " " or ","')),
  prefixes: v.optional(v.array(text)),
  account: v.optional(v.pipe(text, v.check(namesAccount, ACCOUNT), v.check(separatesClaims, SEPARATE))),
  emptySub: v.optional(v.strictObject({ claim: standIn, prefix: text })),
  audience: v.optional(v.strictObject({ claim: standIn, besides: v.optional(v.array(text), []) })),
  requires: v.optional(conditions),
  refuses: v.optional(conditions),
})

type CheckedClaims = v.InferOutput<typeof claimsSchema>

/** The claims of an ID token, and of an event: neither was issued for a paywall (RFC 8725 §3.12). */
const ID_TOKEN = ['nonce', 'at_hash', 'c_hash'] as const
const EVENT = ['events'] as const

interface MappingOf {
  readonly claims?: CheckedClaims | undefined
  readonly grants?: readonly string[] | undefined
  readonly idTokens?: boolean | undefined
  /** True if the `status` of the issuer's tokens is looked up. */
  readonly readsStatus?: boolean
  /** True if the tokens have a `typ` other than Faregate's own. */
  readonly isForeign: boolean
}

export function compileMapping({
  claims = {},
  grants = [],
  idTokens,
  readsStatus = false,
  isForeign,
}: MappingOf): ClaimMapping {
  const paths = {
    entitlements: (claims.entitlements ?? ['entitlements']).map(compileClaimPath),
    plan: compileClaimPath(claims.plan ?? 'plan'),
    standing: compileClaimPath(claims.standing ?? 'standing'),
    limits: compileClaimPath(claims.limits ?? 'limits'),
  }
  const never = isForeign ? [...(idTokens === true ? [] : ID_TOKEN), ...EVENT] : []
  return {
    ...paths,
    separator: claims.separator ?? ' ',
    prefixes: claims.prefixes ?? [],
    grants,
    account: { template: claims.account ?? '{sub}', emptySub: claims.emptySub },
    audience: claims.audience,
    requires: conditionsOf(claims.requires),
    refuses: [...conditionsOf(claims.refuses), ...never.map((name) => ({ path: compileClaimPath(name), values: [] }))],
    foreignNames: isForeign
      ? OWN_NAMES.filter((name) => (name === 'status' ? !readsStatus : claims[name] === undefined))
      : [],
    expected: FACTS.filter(
      // Without a claim or a grant, no account of a foreign issuer may do anything.
      (fact) => claims[fact] !== undefined || (fact === 'entitlements' && isForeign && grants.length === 0),
    ).map((fact) => ({ fact, paths: [paths[fact]].flat() })),
  }
}

const FACTS = ['entitlements', 'plan', 'standing', 'limits'] as const

function conditionsOf(given: CheckedClaims['requires'] = {}): ClaimMapping['requires'] {
  return Object.entries(given).map(([source, values]) => ({
    path: compileClaimPath(source),
    values: Array.isArray(values) ? values : [values],
  }))
}
