import type { Meter } from './meter.ts'
import { allowsMethod } from '../http/rules/exchange.ts'
import type { Terms } from './offer.ts'
import { compareRanks, compilePattern, fold, type Pattern } from '../http/rules/pattern.ts'
import { findParameters, readParameters, type WantedParameter } from '../http/rules/query.ts'
import { refusal, type Refusal } from '../core/problem.ts'
import { err, ok, type Result } from '../core/result.ts'
import { readTarget, type Target } from '../http/rules/target.ts'

/** How long each stage may take, in milliseconds. */
export interface TimeLimits {
  readonly connectMs: number
  readonly responseMs: number
  readonly maxSessionMs: number
  /** How long a client may send, or take, nothing of what it began. */
  readonly stallMs: number
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
  /** What routes of the zone name counts in any case. */
  readonly kept: readonly WantedParameter[]
}

/** What a path asks for, and how what it gives is had and kept. */
export interface Route {
  /** The pattern as configured; `/*` for what no route matches. */
  readonly path: string
  /** Parameters that the query must have; undefined where none is named. */
  readonly query?: readonly WantedParameter[]
  /** Upper case; undefined for all. GET covers HEAD. */
  readonly methods: readonly string[] | undefined
  readonly terms: Terms
  /** Counts what requests use beyond their number. */
  readonly meter?: Meter
  readonly cache: CachePolicy
  readonly limits: TimeLimits
}

interface Entry {
  readonly pattern: Pattern
  readonly route: Route
}

interface QueryEntry extends Entry {
  readonly query: readonly WantedParameter[]
  /** The same for all that match the same. */
  readonly key: string
}

/** The routes of a zone. */
export interface RouteTable {
  /** Most specific first: these by path alone, */
  readonly byPath: readonly Entry[]
  /** and these by what the query has, too. */
  readonly byQuery: readonly QueryEntry[]
  /** All of them. */
  readonly entries: readonly Entry[]
  /** The canonical paths of routes without `*`, by path alone. */
  readonly literals: ReadonlySet<string>
  /** The words of the first segments of routes that are not free, with case folded. */
  readonly firsts: ReadonlySet<string>
  readonly unmatched: Route
}

export const CLOSED: Terms = { kind: 'closed' }

/** Orders routes for `match`. */
export function buildTable(routes: readonly Route[], unmatched: Route): RouteTable {
  const entries: Entry[] = routes.map((route) => ({ pattern: compilePattern(route.path), route }))
  const sizeOf = ({ route }: Entry): number => route.query?.length ?? 0
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
    byQuery,
    literals: new Set(byPath.flatMap(({ route }) => literalOf(route.path))),
    firsts: new Set(entries.flatMap(({ route }) => firstOf(route))),
    unmatched,
  }
}

function firstOf({ path, terms }: Route): readonly string[] {
  const first = path.split('/', 2)[1] ?? ''
  return terms.kind === 'free' || first === '' || first === '*' ? [] : wordsOf(fold(decodeURIComponent(first)))
}

/** The words of a text in lower case: letters and digits, and what binds them. */
export function wordsOf(text: string): readonly string[] {
  return text.split(/[^\p{L}\p{N}\p{M}_~-]+/u).filter((word) => word !== '')
}

/** The same for all queries that are matched alike. */
export function queryKey(query: readonly WantedParameter[]): string {
  return query
    .map(({ names, folded }) => JSON.stringify([names, folded]))
    .toSorted()
    .join()
}

/** How a route is named where its path alone could be that of two: `/*?rest_route`. */
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
 * The route of one reading. The most specific pattern decides; a method that it does not list is closed, and does not
 * fall through to a wider pattern that may be free.
 */
function winner(table: RouteTable, path: string, folded: boolean, method: string): Route {
  let first: Pattern | undefined
  for (const { pattern, route } of table.byPath) {
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
  return !table.byPath.some((entry) => entry.route.path === route.path && entry.pattern.folded.test(fold(canonical)))
}

/** A path that has a route of its own is that page: what it would be without its format suffix does not count. */
function candidates(table: RouteTable, target: Target, method: string): Route[] {
  const found: Route[] = []
  const isLiteral = table.literals.has(target.path)
  for (const { path, bySuffix } of target.interpretations) {
    if (bySuffix && isLiteral) continue
    const lower = fold(path)
    const routes = [winner(table, lower, true, method)]
    if (lower !== path) routes.push(winner(table, path, false, method))
    for (const route of routes) if (!bySuffix || isNews(table, route, target.path)) found.push(route)
  }
  return found
}

const AMBIGUOUS = refusal('target-ambiguous', 'The target can be read as two pages with different terms.')

/**
 * The route of a target on its strictest reading: free only if every reading is, and paid if the paid readings agree.
 * Error: `target-ambiguous`, when readings fall on routes with different terms that are not free.
 */
export function match(table: RouteTable, target: Target, method: string): Result<Route, Refusal> {
  const found = matchPath(table, target, method)
  return table.byQuery.length === 0 || !found.ok ? found : matchQuery(table, target, method, found.value)
}

function matchPath(table: RouteTable, target: Target, method: string): Result<Route, Refusal> {
  if (target.interpretations.length === 0) return ok(winner(table, target.path, true, method))
  let strictest = winner(table, fold(target.path), true, method)
  for (const route of candidates(table, target, method)) {
    if (route.path === strictest.path || route.terms.kind === 'free') continue
    if (strictest.terms.kind === 'free') strictest = route
    else return err(AMBIGUOUS)
  }
  return ok(strictest)
}

/** A route by query that the target falls on, by one reading at least: `isSure` where it does by all. */
interface Fit extends QueryEntry {
  readonly isSure: boolean
}

/** Where the path alone falls on `byPath`, and the query may fall on more. The most specific that is sure decides. */
function matchQuery(table: RouteTable, target: Target, method: string, byPath: Route): Result<Route, Refusal> {
  const fits = allowed(fitsOf(table, target), method)
  const rank = table.byPath.find(({ pattern }) => pattern.source === byPath.path)?.pattern.rank ?? LEAST
  const sure = fits.find(({ isSure, pattern }) => isSure && compareRanks(pattern.rank, rank) <= 0)
  let strictest = sure?.route ?? byPath
  for (const fit of fits) {
    if (fit.route.terms.kind === 'free' || fit.route === strictest || (sure && isWider(fit, sure))) continue
    if (strictest.terms.kind === 'free') strictest = fit.route
    else return err(AMBIGUOUS)
  }
  return ok(strictest)
}

/** Of `/*`. */
const LEAST = 'c'

function isWider(fit: QueryEntry, than: QueryEntry): boolean {
  const names = new Set(than.query.map(({ name }) => name))
  return compareRanks(than.pattern.rank, fit.pattern.rank) <= 0 && fit.query.every(({ name }) => names.has(name))
}

function fitsOf({ byQuery, literals }: RouteTable, { path, query, interpretations }: Target): Fit[] {
  const paths = literals.has(path) ? interpretations.filter(({ bySuffix }) => !bySuffix) : interpretations
  const read = [path, ...paths.map((reading) => reading.path)]
  // What follows an escaped `?` is a query to a server that decodes first, and to no other.
  const inPath = [...new Set(read.flatMap((one) => one.split(/[?;]/).slice(1)))].flatMap(readParameters)
  const sent = [...readParameters(query.slice(1)), ...inPath.map((one) => ({ ...one, isWhole: false }))]
  if (sent.length === 0) return []
  return byQuery.flatMap((entry) => {
    const has = findParameters(entry.query, sent)
    if (has === 'none' || !read.some((one) => entry.pattern.folded.test(fold(one)))) return []
    return [{ ...entry, isSure: has === 'sure' && read.every((one) => entry.pattern.folded.test(fold(one))) }]
  })
}

/** A method that none of them lists is closed. */
function allowed(fits: readonly Fit[], method: string): Fit[] {
  return fits.flatMap((fit) => {
    if (allows(fit.route, method)) return [fit]
    const isListed = fits.some(({ key, route }) => key === fit.key && allows(route, method))
    return isListed ? [] : [{ ...fit, route: { ...fit.route, terms: CLOSED } }]
  })
}
