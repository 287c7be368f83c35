/**
 * Finds the route of a request, although gate and origin might read its target differently.
 *
 * Servers disagree about targets: some fold case, decode twice, drop a format suffix, or take part of a path for a query. A
 * paywall that matches only its own reading can be passed around. So a target has a list of interpretations, each falls on a
 * route, and the strictest result decides. Within one interpretation the most specific pattern decides, whatever the order.
 */
import type { Closing, Meter } from './meter.ts'
import type { Protocol } from './protocol.ts'
import { allowsMethod } from '../http/rules/exchange.ts'
import type { Terms } from './offer.ts'
import { compareRanks, compilePattern, fold, type Pattern, patternWords } from '../http/rules/pattern.ts'
import { findParameters, readParameters, type WantedParameter } from '../http/rules/query.ts'
import { type FindEntries, indexEntries } from './routeindex.ts'
import { refusal, type Refusal } from '../core/problem.ts'
import { err, ok, type Result } from '../core/result.ts'
import { readTarget, type Target } from '../http/rules/target.ts'

/** The time limits of each stage, in milliseconds. */
export interface TimeLimits {
  readonly connectMs: number
  readonly responseMs: number
  readonly maxSessionMs: number
  /** The time a client may stall while it sends or receives. */
  readonly stallMs: number
}

/**
 * `off`: the origin answers each caller, and learns the caller's identity. `shared`: one copy for all who paid, and the
 * origin learns nothing of the caller. `account`, `plan`: one copy for each.
 */
export type Partition = 'off' | 'shared' | 'account' | 'plan'

/** The policy by which a route's responses are stored and shared. */
export interface CachePolicy {
  readonly partition: Partition
  /** The time a client may reuse a paid response without asking again. */
  readonly maxAgeSeconds: number
  readonly freshness: FreshnessPolicy
  /** The query parameters that belong to the key; undefined for all. */
  readonly query: QueryPolicy | undefined
  readonly stripsSetCookie: boolean
  /** Request fields that reach the origin beside the standard ones; lower case. */
  readonly requestFields: readonly string[]
  readonly maxBytes: number
}

/** The lifetimes of copies, and the times that stale copies may be served. */
export interface FreshnessPolicy {
  /** The lifetime if the origin states none. */
  readonly defaultSeconds: number | undefined
  /** `mostSeconds` caps the origin's lifetime; `alwaysSeconds` replaces it. */
  readonly mostSeconds: number | undefined
  readonly alwaysSeconds: number | undefined
  /** The longest heuristic lifetime; undefined for none. */
  readonly heuristicSeconds: number | undefined
  readonly staleWhileRevalidateSeconds: number
  readonly staleIfErrorSeconds: number
}

/** Stores by what the origin says alone. */
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
  /** Parameters that always count, because routes of the zone name them. */
  readonly kept: readonly WantedParameter[]
}

/** The terms of a path, and how its content is fetched and stored. */
export interface Route {
  /** The pattern as configured; `/*` for unmatched targets. */
  readonly path: string
  /** Parameters required in the query; undefined for none. */
  readonly query?: readonly WantedParameter[]
  /** Upper case; undefined for all. GET covers HEAD. */
  readonly methods: readonly string[] | undefined
  readonly terms: Terms
  readonly meter?: Meter
  readonly closing?: Closing
  /** Present if the content of its requests says what they ask for. */
  readonly protocol?: Protocol
  /** The number of gates before this one in an app, each with charges of its own; undefined for none. */
  readonly gatesBefore?: number
  readonly cache: CachePolicy
  readonly limits: TimeLimits
  /** Present if billing answers here, and may sign its reader in. */
  readonly billing?: 'same-host'
}

export interface RouteEntry {
  readonly pattern: Pattern
  readonly route: Route
}

interface QueryEntry extends RouteEntry {
  readonly query: readonly WantedParameter[]
  /** Equal for all entries that match the same targets. */
  readonly key: string
}

/** The routes of a zone. */
export interface RouteTable {
  /** Routes by path alone, most specific first. */
  readonly byPath: readonly RouteEntry[]
  /** Finds those of `byPath` that may match a path, case folded. */
  readonly find: FindEntries<RouteEntry>
  /** Routes by path and query, most specific first. */
  readonly byQuery: readonly QueryEntry[]
  /** Both kinds, most specific first. */
  readonly entries: readonly RouteEntry[]
  /** The canonical paths of routes by path alone that have no `*`. */
  readonly literals: ReadonlySet<string>
  /** The words in the first segments of routes that are not free, case folded. */
  readonly firsts: ReadonlySet<string>
  readonly unmatched: Route
}

export const CLOSED: Terms = { kind: 'closed' }

/** Orders routes for `match`. */
export function buildTable(routes: readonly Route[], unmatched: Route): RouteTable {
  const entries: RouteEntry[] = routes.map((route) => ({ pattern: compilePattern(route.path), route }))
  const sizeOf = ({ route }: RouteEntry): number => route.query?.length ?? 0
  entries.sort((one, other) => compareRanks(one.pattern.rank, other.pattern.rank) || sizeOf(other) - sizeOf(one))
  const byPath = entries.filter(({ route }) => route.query === undefined)
  const byQuery = entries.flatMap((entry) =>
    entry.route.query === undefined
      ? []
      : [{ ...entry, query: entry.route.query, key: `${entry.pattern.key}${queryKey(entry.route.query)}` }],
  )
  return {
    entries,
    byPath,
    find: indexEntries(byPath),
    byQuery,
    literals: new Set(byPath.flatMap(({ route }) => literalOf(route.path))),
    firsts: new Set(entries.flatMap(({ route }) => firstWordsOf(route))),
    unmatched,
  }
}

function firstWordsOf({ path, terms }: Route): readonly string[] {
  const first = path.split('/', 2)[1] ?? ''
  return terms.kind === 'free' || first === '' || first === '*' ? [] : patternWords(fold(decodeURIComponent(first)))
}

/** Returns a text that is equal for all queries that match alike. */
export function queryKey(query: readonly WantedParameter[]): string {
  return query
    .map(({ names, folded }) => JSON.stringify([names, folded]))
    .toSorted()
    .join()
}

/** Returns the path of a route, with its query if it has one: `/*?rest_route`. */
export function routeName({ path, query }: Pick<Route, 'path' | 'query'>): string {
  if (query === undefined) return path
  return `${path}?${query.map(({ name, value }) => (value === undefined ? name : `${name}=${value}`)).join('&')}`
}

function literalOf(path: string): readonly string[] {
  const target = path.split('/').includes('*') ? undefined : readTarget(path, '')
  return target?.ok === true ? [target.value.path] : []
}

function allows({ methods }: Route, method: string): boolean {
  return methods === undefined || allowsMethod(methods, method)
}

/**
 * Returns the route of one interpretation. The most specific pattern decides. A method that it does not list is closed, and
 * does not fall through to a wider pattern, which may be free.
 */
function routeOfPath(table: RouteTable, path: string, folded: boolean, method: string): Route {
  let first: Pattern | undefined
  for (const { pattern, route } of table.find(folded ? path : fold(path))) {
    if (first !== undefined && pattern.key !== first.key) continue
    if (!(folded ? pattern.folded : pattern.exact).test(path)) continue
    if (allows(route, method)) return route
    first ??= pattern
  }
  return first === undefined ? table.unmatched : { ...table.unmatched, path: first.source, terms: CLOSED }
}

/** Returns true if the path without its format suffix falls on a route that the canonical path does not match, as `/*` does. */
function addsRoute(table: RouteTable, route: Route, canonical: string): boolean {
  if (route === table.unmatched) return false
  const lower = fold(canonical)
  return !table.find(lower).some((entry) => entry.route.path === route.path && entry.pattern.folded.test(lower))
}

/**
 * Returns the routes of all interpretations. A path with a route of its own is taken literally, and not without its format
 * suffix.
 */
function candidates(table: RouteTable, target: Target, method: string): Route[] {
  const found: Route[] = []
  const isLiteral = table.literals.has(target.path)
  for (const { path, bySuffix } of target.interpretations) {
    if (bySuffix && isLiteral) continue
    const lower = fold(path)
    const routes = [routeOfPath(table, lower, true, method)]
    if (lower !== path) routes.push(routeOfPath(table, path, false, method))
    for (const route of routes) if (!bySuffix || addsRoute(table, route, target.path)) found.push(route)
  }
  return found
}

const AMBIGUOUS = refusal('target-ambiguous', 'The target can be read as two pages with different terms.')

/**
 * Returns the route of a target on its strictest interpretation: free only if all interpretations are free, paid if the paid
 * ones agree. Error `target-ambiguous` if interpretations fall on different routes that are not free.
 */
export function match(table: RouteTable, target: Target, method: string): Result<Route, Refusal> {
  const found = matchPath(table, target, method)
  return table.byQuery.length === 0 || !found.ok ? found : matchQuery(table, target, method, found.value)
}

function matchPath(table: RouteTable, target: Target, method: string): Result<Route, Refusal> {
  if (target.interpretations.length === 0) return ok(routeOfPath(table, target.path, true, method))
  let strictest = routeOfPath(table, fold(target.path), true, method)
  for (const route of candidates(table, target, method)) {
    if (route.path === strictest.path || route.terms.kind === 'free') continue
    if (strictest.terms.kind === 'free') strictest = route
    else return err(AMBIGUOUS)
  }
  return ok(strictest)
}

/** A route by query that matches at least one interpretation of the target. `isSure` if it matches all. */
interface QueryMatch extends QueryEntry {
  readonly isSure: boolean
}

/** Refines `byPath` by the query. The most specific route that is sure decides. */
function matchQuery(table: RouteTable, target: Target, method: string, byPath: Route): Result<Route, Refusal> {
  const matches = closeUnlisted(queryMatchesOf(table, target), method)
  const rank = table.byPath.find(({ pattern }) => pattern.source === byPath.path)?.pattern.rank ?? WILDCARD_RANK
  const sure = matches.find(({ isSure, pattern }) => isSure && compareRanks(pattern.rank, rank) <= 0)
  let strictest = sure?.route ?? byPath
  for (const candidate of matches) {
    if (candidate.route.terms.kind === 'free' || candidate.route === strictest || (sure && isWider(candidate, sure)))
      continue
    if (strictest.terms.kind === 'free') strictest = candidate.route
    else return err(AMBIGUOUS)
  }
  return ok(strictest)
}

/** The rank of `/*`. */
const WILDCARD_RANK = 'c'

function isWider(candidate: QueryEntry, than: QueryEntry): boolean {
  const names = new Set(than.query.map(({ name }) => name))
  return (
    compareRanks(than.pattern.rank, candidate.pattern.rank) <= 0 && candidate.query.every(({ name }) => names.has(name))
  )
}

function queryMatchesOf({ byQuery, literals }: RouteTable, { path, query, interpretations }: Target): QueryMatch[] {
  const paths = literals.has(path) ? interpretations.filter(({ bySuffix }) => !bySuffix) : interpretations
  const read = [path, ...paths.map((reading) => reading.path)]
  // Text after an escaped `?` is a query to a server that decodes first, and to no other.
  const inPath = [...new Set(read.flatMap((one) => one.split(/[?;]/).slice(1)))].flatMap(readParameters)
  const sent = [...readParameters(query.slice(1)), ...inPath.map((one) => ({ ...one, isWhole: false }))]
  if (sent.length === 0) return []
  return byQuery.flatMap((entry) => {
    const has = findParameters(entry.query, sent)
    if (has === 'none' || !read.some((one) => entry.pattern.folded.test(fold(one)))) return []
    return [{ ...entry, isSure: has === 'sure' && read.every((one) => entry.pattern.folded.test(fold(one))) }]
  })
}

/** Closes a method that no route of its key lists. */
function closeUnlisted(matches: readonly QueryMatch[], method: string): QueryMatch[] {
  return matches.flatMap((candidate) => {
    if (allows(candidate.route, method)) return [candidate]
    const isListed = matches.some(({ key, route }) => key === candidate.key && allows(route, method))
    return isListed ? [] : [{ ...candidate, route: { ...candidate.route, terms: CLOSED } }]
  })
}
