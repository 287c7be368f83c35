/**
 * Finds the claims that a configuration names and a token does not have.
 *
 * A path with a slip in it finds nothing, and nobody is told: every account is one without entitlements. One token proves
 * little, because many accounts have no roles; so this says what one token lacks, and where it has something of a like name.
 */
import { claimAt, type ClaimMapping, type ClaimPath, type Claims, type ExpectedClaim } from './claims.ts'

/** Returns the facts of which a token has nothing, in any of their places. */
export function missedClaims(claims: Claims, { expected }: ClaimMapping): readonly ExpectedClaim[] {
  if (expected.length === 0) return expected
  return expected.filter(({ paths }) => paths.every((path) => claimAt(claims, path) === undefined))
}

/** A place in which a token has nothing. */
export interface EmptyPlace {
  readonly fact: ExpectedClaim['fact']
  readonly path: string
  /** Paths of claims with a like name that the token has. */
  readonly similar: readonly string[]
}

/** Returns every configured place in which a token has nothing, with claims of a like name that it has. */
export function emptyPlaces(claims: Claims, { expected }: ClaimMapping): readonly EmptyPlace[] {
  return expected.flatMap(({ fact, paths }) =>
    paths
      .filter((path) => claimAt(claims, path) === undefined)
      .map((path) => ({ fact, path: path.source, similar: similarPaths(claims, path) })),
  )
}

const MOST_DEPTH = 4
const MOST_MEMBERS = 256
const MOST_SIMILAR = 5

/** Returns the paths of claims whose own name is like that of the wanted one. */
function similarPaths(claims: Claims, { members }: ClaimPath): readonly string[] {
  const wanted = plainName(members.at(-1) ?? '')
  const found: string[] = []
  let left = MOST_MEMBERS
  const look = (value: object, at: readonly string[]): void => {
    for (const [name, inner] of Object.entries(value)) {
      if (--left < 0 || found.length === MOST_SIMILAR) return
      const path = [...at, name]
      if (plainName(name) === wanted) found.push(sourceOf(path))
      else if (typeof inner === 'object' && inner !== null && !Array.isArray(inner) && path.length < MOST_DEPTH)
        look(inner, path)
    }
  }
  look(claims, [])
  return found
}

/** Returns a name without what spellings differ in: a namespace, case, a plural, joints of words. */
function plainName(name: string): string {
  const own = name.slice(Math.max(name.lastIndexOf('/'), name.lastIndexOf(':')) + 1)
  return own.toLowerCase().replace(/[_-]/g, '').replace(/s$/, '')
}

/** Returns the path as a configuration writes it: `compileClaimPath` of it leads there. */
function sourceOf(members: readonly string[]): string {
  const [first = '', ...others] = members
  if (others.length === 0 && !first.startsWith('/')) return first
  const isPlain = members.every((member) => member !== '' && !/[./]/.test(member))
  if (isPlain) return members.join('.')
  return members.map((member) => `/${member.replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')
}
