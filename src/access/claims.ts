/**
 * Maps the claims of a foreign issuer to what the gate reads.
 *
 * Faregate's own tokens use claims of fixed names. Identity providers nest them, join them with commas, prefix them, or
 * leave `aud` and `sub` to other claims. A mapping is data, so a provider is a few lines of configuration and no code.
 */

export type Claims = Readonly<Record<string, unknown>>

/** A claim by its whole name, or by the members that lead to it. */
export interface ClaimPath {
  /** As configured, for `explain` and messages. */
  readonly source: string
  readonly members: readonly string[]
}

export interface ClaimMapping {
  /** The entitlements of all these claims are united. */
  readonly entitlements: readonly ClaimPath[]
  readonly plan: ClaimPath
  readonly standing: ClaimPath
  readonly limits: ClaimPath
  /** Separates names in a claim that is one string. */
  readonly separator: ' ' | ','
  /** Removed from the front of entitlements and of the plan. */
  readonly prefixes: readonly string[]
  /** Entitlements of every account that the issuer gives a token. */
  readonly grants: readonly string[]
  /** How to name the account. */
  readonly account: AccountName
  /** The claim to use as audience; undefined if the issuer's own `aud` is of use. */
  readonly audience: AudienceClaim | undefined
  /** Conditions on further claims: one of the values, or presence if there are no values. */
  readonly requires: readonly Condition[]
  /** Values that claims must not have, nor contain in a list; without values, claims that must be absent. */
  readonly refuses: readonly Condition[]
  /**
   * The names of ours that nobody mapped for a foreign issuer, which may give them another meaning: a value in another form
   * than ours is ignored there. Empty for Faregate's own tokens.
   */
  readonly foreignNames: readonly OwnName[]
  /** The facts that the configuration, or a preset, looks for in further claims: a token without any is told of. */
  readonly expected: readonly ExpectedClaim[]
}

/** A fact that the gate looks for in the tokens of an issuer, and the places in which it does. */
export interface ExpectedClaim {
  readonly fact: Exclude<OwnName, 'status'>
  readonly paths: readonly ClaimPath[]
}

export const OWN_NAMES = ['entitlements', 'plan', 'standing', 'limits', 'status'] as const
export type OwnName = (typeof OWN_NAMES)[number]

export interface AccountName {
  /** `{sub}`, `{oid}` and `{tid}` stand for those claims. */
  readonly template: string
  /** The claim to use in place of an empty `sub`, with the prefix of such names. */
  readonly emptySub: { readonly claim: string; readonly prefix: string } | undefined
}

export interface AudienceClaim {
  readonly claim: string
  /** Values of `aud` that do not name a recipient. */
  readonly besides: readonly string[]
}

interface Condition {
  readonly path: ClaimPath
  readonly values: readonly (string | boolean)[]
}

/**
 * Compiles the path of a claim. A leading `/` makes it a JSON Pointer (RFC 6901); otherwise dots lead into nested claims.
 */
export function compileClaimPath(source: string): ClaimPath {
  if (!source.startsWith('/')) return { source, members: source.split('.') }
  const members = source.slice(1).split('/')
  return { source, members: members.map((member) => member.replaceAll('~1', '/').replaceAll('~0', '~')) }
}

/**
 * Returns the value at a path; undefined if it is absent or `null`. A claim whose whole name is the source beats nested
 * ones.
 */
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

/**
 * Returns true if `aud` contains the wanted audience, or if `aud` names no recipient and the claim in its place is the
 * audience.
 */
export function isMeantFor(claims: Claims, wanted: string, audience: AudienceClaim | undefined): boolean {
  const aud = claims['aud'] ?? undefined
  if (aud === wanted || (Array.isArray(aud) && aud.includes(wanted))) return true
  if (audience === undefined) return false
  const named: readonly unknown[] = aud === undefined ? [] : Array.isArray(aud) ? aud : [aud]
  return named.every((name) => audience.besides.some((other) => other === name)) && claims[audience.claim] === wanted
}

/**
 * Returns the name of the account. Undefined if a claim of the template is missing, or if the name could stand for two
 * accounts.
 */
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

/** Text that cannot run into the literal text of the template. */
const PLAIN = /^[\w-]+$/

/** Returns true if the tokens of an issuer can name an account so. */
export function canName(name: string, { account: { template, emptySub }, requires }: ClaimMapping): boolean {
  if (emptySub !== undefined && name.startsWith(emptySub.prefix)) return name.length > emptySub.prefix.length
  if (template === '{sub}') return name !== ''
  // Literal text and slots take turns.
  const parts = template.split(/\{(sub|oid|tid)\}/)
  const pattern = parts.map((part, index) => (index % 2 === 0 ? escaped(part) : slotPattern(part, requires)))
  return new RegExp(`^${pattern.join('')}$`).test(name)
}

/** Returns a pattern for the values of a claim: those that the mapping requires, or all that a name may be made of. */
function slotPattern(claim: string, requires: ClaimMapping['requires']): string {
  const values = requires.find(({ path }) => path.source === claim)?.values ?? []
  return values.length === 0 ? '[\\w-]+' : `(?:${values.map((value) => escaped(String(value))).join('|')})`
}

function escaped(text: string): string {
  return text.replace(/[^\w\s]/g, '\\$&')
}

/** Returns the source of the first condition that the claims do not meet, or undefined. */
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

/** Removes the first of the prefixes that a name begins with. */
export function withoutPrefix(name: string, prefixes: readonly string[]): string {
  const prefix = prefixes.find((known) => name.startsWith(known))
  return prefix === undefined ? name : name.slice(prefix.length)
}
