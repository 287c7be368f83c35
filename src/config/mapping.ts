import * as v from 'valibot'
import { type ClaimMapping, compileClaimPath, OWN_NAMES } from '../access/claims.ts'
import { names, text } from './rules/values.ts'

/**
 * Where an issuer's tokens say what the gate reads. A claim is named as it is (`https://example.com/roles`), by the members
 * that lead to it (`realm_access.roles`), or by a JSON Pointer (RFC 6901) where a member has a dot of its own
 * (`/resource_access/my.client/roles`).
 */
export interface ClaimOptions {
  /** One claim or several, which count together. Default: `entitlements`. */
  entitlements?: string | string[]
  /** Default: `plan`. */
  plan?: string
  /** Default: `standing`. */
  standing?: string
  /** Default: `limits`. */
  limits?: string
  /** Between names, where a claim is one string. Default: a space. */
  separator?: ' ' | ','
  /** Removed from the front of entitlements and the plan: `['u:']`. */
  prefixes?: string[]
  /** How accounts are named, of the claims `{sub}`, `{oid}` and `{tid}` alone: what a person can change names no account. Default: `{sub}`. */
  account?: string
  /** Names the account by another claim where `sub` is empty, after a prefix that no `sub` has: `{ claim: 'common_name', prefix: 'service:' }`. */
  emptySub?: { claim: string; prefix: string }
  /** Takes another claim for `aud`, where `aud` is absent or says no more than `besides`: `{ claim: 'azp', besides: ['account'] }`. */
  audience?: { claim: string; besides?: string[] }
  /** What other claims must be: `{ token_use: 'access' }`. An empty list asks that the claim is there. */
  requires?: Record<string, ClaimValue | ClaimValue[]>
  /** What other claims must not be, nor have in a list: `{ is_anonymous: true }`. An empty list refuses the claim whatever it says. */
  refuses?: Record<string, ClaimValue | ClaimValue[]>
}

export type ClaimValue = string | boolean

const value = v.union([text, v.boolean()], 'expected a string, true or false')
const conditions = v.record(text, v.union([value, v.array(value)], 'expected a string, true, false or a list of them'))

const ACCOUNT = 'expected {sub}, {oid} or {tid}: what a person can change names no account'

function namesAccount(template: string): boolean {
  return /\{(?:sub|oid|tid)\}/.test(template) && !/[{}]/.test(template.replace(/\{(?:sub|oid|tid)\}/g, ''))
}

/** Names by which people are known and which they may change, or lose to others. */
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
  account: v.optional(v.pipe(text, v.check(namesAccount, ACCOUNT))),
  emptySub: v.optional(v.strictObject({ claim: standIn, prefix: text })),
  audience: v.optional(v.strictObject({ claim: standIn, besides: v.optional(v.array(text), []) })),
  requires: v.optional(conditions),
  refuses: v.optional(conditions),
})

type Checked = v.InferOutput<typeof claimsSchema>

/** Of an ID token, and of an event: neither was issued to be presented here (RFC 8725 §3.12). */
const ID_TOKEN = ['nonce', 'at_hash', 'c_hash'] as const
const EVENT = ['events'] as const

interface MappingOf {
  readonly claims?: Checked | undefined
  readonly grants?: readonly string[] | undefined
  readonly idTokens?: boolean | undefined
  /** True where its tokens' `status` is looked up. */
  readonly readsStatus?: boolean
  /** True for tokens of a `typ` that is not Faregate's own. */
  readonly isForeign: boolean
}

export function compileMapping({
  claims = {},
  grants = [],
  idTokens,
  readsStatus = false,
  isForeign,
}: MappingOf): ClaimMapping {
  const never = isForeign ? [...(idTokens === true ? [] : ID_TOKEN), ...EVENT] : []
  return {
    entitlements: (claims.entitlements ?? ['entitlements']).map(compileClaimPath),
    plan: compileClaimPath(claims.plan ?? 'plan'),
    standing: compileClaimPath(claims.standing ?? 'standing'),
    limits: compileClaimPath(claims.limits ?? 'limits'),
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
  }
}

function conditionsOf(given: Checked['requires'] = {}): ClaimMapping['requires'] {
  return Object.entries(given).map(([source, values]) => ({
    path: compileClaimPath(source),
    values: Array.isArray(values) ? values : [values],
  }))
}

/** How Faregate's own tokens say it. */
export const OWN_MAPPING: ClaimMapping = compileMapping({ isForeign: false })
