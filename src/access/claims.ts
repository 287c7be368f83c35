/**
 * Where an issuer says what the gate reads. Faregate's own tokens say it in claims of fixed names; identity providers nest
 * it, join it with commas, prefix it, or leave `aud` and `sub` to other claims. A mapping is data: a provider is a few lines.
 */

type Claims = Readonly<Record<string, unknown>>

/** A claim by its name, or else by the members that lead to it. */
export interface ClaimPath {
  /** As configured, for `explain` and messages. */
  readonly source: string
  readonly members: readonly string[]
}

export interface ClaimMapping {
  /** All that are there count together. */
  readonly entitlements: readonly ClaimPath[]
  readonly plan: ClaimPath
  readonly standing: ClaimPath
  readonly limits: ClaimPath
  /** Between the names of a claim that is one string. */
  readonly separator: ' ' | ','
  /** Removed from the front of entitlements and of the plan. */
  readonly prefixes: readonly string[]
  /** Entitlements of everyone to whom the issuer gives a token. */
  readonly grants: readonly string[]
  /** How an account is named. */
  readonly account: AccountName
  /** The claim that stands for `aud`, where the issuer has none of use. */
  readonly audience: AudienceClaim | undefined
  /** What further claims must be; without values, that they must be there. */
  readonly requires: readonly Condition[]
  /** What they must not be, nor have in a list; without values, that they must not be there. */
  readonly refuses: readonly Condition[]
  /**
   * Names of ours that nobody mapped for tokens of another maker, who may mean something else by them: what does not have
   * our form there is none of ours. Empty for Faregate's own tokens.
   */
  readonly foreignNames: readonly OwnName[]
}

export const OWN_NAMES = ['entitlements', 'plan', 'standing', 'limits', 'status'] as const
export type OwnName = (typeof OWN_NAMES)[number]

export interface AccountName {
  /** `{sub}`, `{oid}` and `{tid}` stand for those claims. */
  readonly template: string
  /** What stands for a `sub` that is empty. */
  readonly emptySub: { readonly claim: string; readonly prefix: string } | undefined
}

export interface AudienceClaim {
  readonly claim: string
  /** Values of `aud` that say nothing of whom a token is for. */
  readonly besides: readonly string[]
}

interface Condition {
  readonly path: ClaimPath
  readonly values: readonly (string | boolean)[]
}

/** A name that begins with `/` is a JSON Pointer (RFC 6901); in another, dots lead into nested claims. */
export function compileClaimPath(source: string): ClaimPath {
  if (!source.startsWith('/')) return { source, members: source.split('.') }
  const members = source.slice(1).split('/')
  return { source, members: members.map((member) => member.replaceAll('~1', '/').replaceAll('~0', '~')) }
}

/** The value at a path; a claim whose whole name is the source comes before what is nested. A `null` is absent. */
export function claimAt(claims: Claims, { source, members }: ClaimPath): unknown {
  if (Object.hasOwn(claims, source)) return claims[source] ?? undefined
  let value: unknown = claims
  for (const member of members) {
    if (typeof value !== 'object' || value === null || Array.isArray(value) || !Object.hasOwn(value, member))
      return undefined
    value = (value as Claims)[member]
  }
  return value ?? undefined
}

/** True where `aud` has the audience; or where it says nothing of use, and the claim that stands for it is the audience. */
export function isMeantFor(claims: Claims, wanted: string, audience: AudienceClaim | undefined): boolean {
  const aud = claims['aud'] ?? undefined
  if (aud === wanted || (Array.isArray(aud) && aud.includes(wanted))) return true
  if (audience === undefined) return false
  const named: readonly unknown[] = aud === undefined ? [] : Array.isArray(aud) ? aud : [aud]
  return named.every((name) => audience.besides.some((other) => other === name)) && claims[audience.claim] === wanted
}

/** The name of the account, or undefined: where a claim of it is missing, or could be read as two. */
export function accountOf(claims: Claims, { template, emptySub }: AccountName): string | undefined {
  const { sub } = claims
  if (emptySub !== undefined && (sub === '' || sub === undefined || sub === null)) {
    const instead = claims[emptySub.claim]
    return typeof instead === 'string' && instead !== '' ? emptySub.prefix + instead : undefined
  }
  if (template === '{sub}') {
    const isTaken = emptySub !== undefined && typeof sub === 'string' && sub.startsWith(emptySub.prefix)
    return typeof sub === 'string' && !isTaken ? sub : undefined
  }
  let isWhole = true
  const name = template.replace(/\{(sub|oid|tid)\}/g, (_slot, claim: string) => {
    const value = claims[claim]
    if (typeof value === 'string' && PLAIN.test(value)) return value
    isWhole = false
    return ''
  })
  return isWhole ? name : undefined
}

/** What cannot run into what the template puts beside it. */
const PLAIN = /^[\w-]+$/

/** The source of the first condition that the claims do not meet, or undefined. */
export function unmet(claims: Claims, { requires, refuses }: ClaimMapping): string | undefined {
  for (const { path, values } of requires) {
    const value = claimAt(claims, path)
    if (values.length === 0 ? value === undefined : !values.some((wanted) => wanted === value)) return path.source
  }
  for (const { path, values } of refuses) {
    const value = claimAt(claims, path)
    const said: readonly unknown[] = Array.isArray(value) ? value : [value]
    if (values.length === 0 ? value !== undefined : values.some((unwanted) => said.includes(unwanted)))
      return path.source
  }
  return undefined
}

/** A name without the first of the prefixes that it begins with. */
export function withoutPrefix(name: string, prefixes: readonly string[]): string {
  const prefix = prefixes.find((known) => name.startsWith(known))
  return prefix === undefined ? name : name.slice(prefix.length)
}
