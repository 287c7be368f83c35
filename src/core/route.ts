import { allowsMethod } from './exchange.ts'
import type { Terms } from './offer.ts'
import { refusal, type Refusal } from './problem.ts'
import { err, ok, type Result } from './result.ts'
import { readTarget, type Target } from './target.ts'

/** How long each stage may take, in milliseconds. */
export interface TimeLimits {
  readonly connectMs: number
  readonly responseMs: number
  readonly maxSessionMs: number
}

/**
 * `off`: the origin answers each caller, and is told who it is. `shared`: one copy for all who paid, so that the origin
 * learns nothing of the caller. `account`, `plan`: one copy for each.
 */
export type Partition = 'off' | 'shared' | 'account' | 'plan'

/** How a route's responses are stored, and for whom. */
export interface CachePolicy {
  readonly partition: Partition
  /** How long a client may keep a paid response without asking again. */
  readonly maxAgeSeconds: number
  readonly freshness: FreshnessPolicy
  /** Which query parameters are part of what is asked for; undefined for all. */
  readonly query: QueryPolicy | undefined
  readonly stripsSetCookie: boolean
  /** Request fields, in lower case, that reach the origin beside the standard ones. */
  readonly requestFields: readonly string[]
  readonly maxBytes: number
}

/** How long copies are fresh, and how long they may be served after that. */
export interface FreshnessPolicy {
  /** Where the origin does not say. */
  readonly defaultSeconds: number | undefined
  /** At most so long, whatever the origin says; `alwaysSeconds`: so long, whatever it says. */
  readonly mostSeconds: number | undefined
  readonly alwaysSeconds: number | undefined
  /** The most that a heuristic may grant; undefined where there is none. */
  readonly heuristicSeconds: number | undefined
  readonly staleWhileRevalidateSeconds: number
  readonly staleIfErrorSeconds: number
}

/** What the origin says, and nothing else. */
export const AS_RECEIVED: CachePolicy = {
  partition: 'shared',
  maxAgeSeconds: 0,
  freshness: {
    defaultSeconds: undefined,
    mostSeconds: undefined,
    alwaysSeconds: undefined,
    heuristicSeconds: undefined,
    staleWhileRevalidateSeconds: 0,
    staleIfErrorSeconds: 0,
  },
  query: undefined,
  stripsSetCookie: false,
  requestFields: [],
  maxBytes: Number.POSITIVE_INFINITY,
}

/** Names, and prefixes that end in `*`. */
export interface QueryPolicy {
  readonly kind: 'only' | 'ignore'
  readonly names: readonly string[]
}

/** What a path asks for, and how what it gives is had and kept. */
export interface Route {
  /** The pattern as configured; `/*` for what no route matches. */
  readonly path: string
  /** Upper case; undefined for all. GET covers HEAD. */
  readonly methods: readonly string[] | undefined
  readonly terms: Terms
  readonly cache: CachePolicy
  readonly limits: TimeLimits
}

/** A path pattern, compiled: once as written, once with case folded. */
export interface Pattern {
  readonly source: string
  /** The same for all patterns that match the same: case, escapes and a slash at the end set aside. */
  readonly key: string
  readonly exact: RegExp
  readonly folded: RegExp
  /** Sorts before another when it is more specific: literal segments before `*`, longer before shorter. */
  readonly rank: string
}

/** The routes of a zone. */
export interface RouteTable {
  /** Most specific first. */
  readonly entries: readonly { readonly pattern: Pattern; readonly route: Route }[]
  /** The canonical paths of routes without `*`. */
  readonly literals: ReadonlySet<string>
  readonly unmatched: Route
}

export const CLOSED: Terms = { kind: 'closed' }

/** Case folded as the most forgiving server would: `ı` and `I` are one letter. */
export function fold(text: string): string {
  return text.toUpperCase().toLowerCase()
}

function literal(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
}

/** A segment in both its spellings: `é` and `%C3%A9`. */
function spellings(segment: string): string {
  const decoded = decodeURIComponent(segment)
  const encoded = encodeURIComponent(decoded).replace(/%(?:24|26|2B|2C|3A|3B|3D|40)/g, decodeURIComponent)
  return decoded === encoded ? literal(decoded) : `(?:${literal(decoded)}|${literal(encoded)})`
}

/**
 * Compiles `/a/*` and its like. `*` stands for one segment, and at the end for everything below, the bare prefix
 * included: `/articles/*` covers `/articles`. Throws URIError on a malformed escape.
 */
export function compilePattern(path: string): Pattern {
  const segments = path.split('/').slice(1)
  const open = segments.at(-1) === '*'
  const fixed = (open ? segments.slice(0, -1) : segments).filter(
    (segment, index, all) => segment !== '' || index < all.length - 1,
  )
  const source = fixed.map((segment) => `/${segment === '*' ? '[^/]+' : spellings(segment)}`).join('')
  const pattern = `^${source}${open ? '(?:/.*)?' : '/?'}$`
  const rank = `${fixed.map((segment) => (segment === '*' ? 'b' : 'a')).join('')}${open ? 'c' : ''}`
  return {
    source: path,
    key: keyOf(segments),
    exact: new RegExp(pattern, 's'),
    folded: new RegExp(fold(pattern), 's'),
    rank: rank === '' ? ' ' : rank,
  }
}

function keyOf(segments: readonly string[]): string {
  const names = segments.map((segment) => (segment === '*' ? segment : `=${fold(decodeURIComponent(segment))}`))
  if (names.at(-1) === '=' && names.at(-2) !== '*') names.pop()
  return names.join('/')
}

/** Orders routes for `match`. */
export function buildTable(routes: readonly Route[], unmatched: Route): RouteTable {
  const entries = routes.map((route) => ({ pattern: compilePattern(route.path), route }))
  entries.sort((one, other) => compareRanks(one.pattern.rank, other.pattern.rank))
  return { entries, literals: new Set(routes.flatMap(({ path }) => literalOf(path))), unmatched }
}

function literalOf(path: string): readonly string[] {
  const target = path.split('/').includes('*') ? undefined : readTarget(path, '')
  return target?.ok === true ? [target.value.path] : []
}

/** `/a/b` before `/a/*` before `/*`. */
function compareRanks(one: string, other: string): number {
  const length = Math.max(one.length, other.length)
  for (let index = 0; index < length; index++) {
    const difference = (one.charCodeAt(index) || 0x20) - (other.charCodeAt(index) || 0x20)
    if (difference !== 0) return difference
  }
  return 0
}

function allows({ methods }: Route, method: string): boolean {
  return methods === undefined || allowsMethod(methods, method)
}

/**
 * The route of one reading. The most specific pattern decides; a method that it does not list is closed, and does not
 * fall through to a wider pattern that may be free.
 */
function winner(table: RouteTable, path: string, folded: boolean, method: string): Route {
  let first: Pattern | undefined
  for (const { pattern, route } of table.entries) {
    if (first !== undefined && pattern.key !== first.key) continue
    if (!(folded ? pattern.folded : pattern.exact).test(path)) continue
    if (allows(route, method)) return route
    first ??= pattern
  }
  return first === undefined ? table.unmatched : { ...table.unmatched, path: first.source, terms: CLOSED }
}

/** What a reading without its format suffix matches counts only if it says something new: `/*` says nothing new. */
function isNews(table: RouteTable, route: Route, canonical: string): boolean {
  if (route === table.unmatched) return false
  return !table.entries.some((entry) => entry.route.path === route.path && entry.pattern.folded.test(fold(canonical)))
}

/** A path that has a route of its own is that page: what it would be without its format suffix does not count. */
function candidates(table: RouteTable, target: Target, method: string): Route[] {
  const found: Route[] = []
  const isLiteral = table.literals.has(target.path)
  for (const { path, bySuffix } of target.readings) {
    if (bySuffix && isLiteral) continue
    const lower = fold(path)
    const routes = [winner(table, lower, true, method)]
    if (lower !== path) routes.push(winner(table, path, false, method))
    for (const route of routes) if (!bySuffix || isNews(table, route, target.path)) found.push(route)
  }
  return found
}

/**
 * The route of a target on its strictest reading: free only if every reading is, and paid if the paid readings agree.
 * Error: `target-ambiguous`, when readings fall on routes with different terms that are not free.
 */
export function match(table: RouteTable, target: Target, method: string): Result<Route, Refusal> {
  if (target.readings.length === 0) return ok(winner(table, target.path, true, method))
  let strictest = winner(table, fold(target.path), true, method)
  for (const route of candidates(table, target, method)) {
    if (route.path === strictest.path || route.terms.kind === 'free') continue
    if (strictest.terms.kind === 'free') strictest = route
    else return err(refusal('target-ambiguous', 'The path can be read as two pages with different terms.'))
  }
  return ok(strictest)
}
