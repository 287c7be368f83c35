/**
 * Finds request fields that would lead an origin to another target than the one decided on.
 *
 * Frameworks read targets out of fields such as `X-Original-URL`, and nobody can list all of them. If such a field reached
 * the origin, a reader who paid for one page could have another served. So an unknown field is judged by its value,
 * interpreted as a route would be: it passes unless it names a target that this request would not be let through to. Values
 * are hostile input: the work for all fields of one request is bounded, and a value that exhausts the bound is refused.
 */
import { fold, patternWords } from '../http/rules/pattern.ts'
import { match, type Route, type RouteTable } from './route.ts'
import { isEndpointTarget, readTarget, type Target } from '../http/rules/target.ts'

/** The terms on which a request was let through. */
export interface Admission {
  readonly table: RouteTable
  readonly method: string
  /** The host names of the site. */
  readonly hosts: readonly string[] | 'any'
  /** Returns true if the request would be let through to `target`, which falls on `route`. */
  readonly isOpen: (route: Route, target: Target) => boolean
}

/**
 * The work left for the fields of one request, counted down. A hostile value has many interpretations, each compared with
 * every route; all fields together cost no more than one long target.
 */
export interface Effort {
  left: number
}

export function createEffort(): Effort {
  return { left: 32_768 }
}

/** The cost of comparing one interpretation with the routes, beside its length. */
const READING_COST = 64
/** The cost of a text that cannot be interpreted: such a text has had the most interpretations. */
const UNREADABLE_COST = 1024

/** The characters of ids, tokens, versions, signatures and flags. */
const PLAIN = /^[\w~+=.,:; @|/-]*$/
/** The beginning of a path or a URL. */
const BEGINS = /(?:^|[,; =])[/.]|:\/|https?:/i
/** Padded base64, as in signatures: it begins with a slash once in 64 times. */
const BASE64 = /^\/(?=[^]*[a-z])(?=[^]*[A-Z])[A-Za-z0-9+/]{14,}={0,2}$/
const ROOTED = /^(?:[/\\?]|%(?:25)*(?:2f|5c|3f)|\.{1,2}(?:[/\\]|%))/i
const URL_WITH_HOST = /^[a-z][a-z0-9+.-]*:[/\\]{2,}([^/\\?#]*)/i
const ENCODED_SCHEME = /^[a-z][a-z0-9+.-]*%(?:25)*3a/i
/** An escape in any notation. `100%` has none. */
const ESCAPE = /%(?:%|u|[0-9a-f]{2})/i
const DOT_SEGMENTS = /[/\\](?:\.|%(?:25)*2e){1,2}(?=[/\\?]|%(?:25)*(?:2f|5c)|$)/gi
const LAST_DOTS = /[/\\](?:\.|%(?:25)*2e){1,2}(?=\?|$)/i
const SEPARATOR = /[/\\]|%(?:25)*(?:2f|5c)/i
/** The parts of a list that are read, at either end. */
const MAX_PARTS = 8
const MEMBER_NAME = /^[\w.-]+=/
const SCHEME = /^[a-z][a-z0-9+.-]*:(?=[/\\])/i
/** A scheme that a path of the site or an authority may follow, after any number of slashes (WHATWG URL §4.4). */
const OWN_SCHEME = /^https?:[/\\]?/i
/** The first divider joins several fields of one name: each part is a value by itself, whatever else it contains. */
const DIVIDERS = [/,[ \t]*/, /[ \t,"'<>]+/, /[ \t,"'<>;]+/]

/**
 * Returns true, quickly, for nearly every value that names no target: it contains no beginning of a path and no word of a
 * sold path.
 */
export function namesNothing(value: string, { firsts }: RouteTable): boolean {
  if (!PLAIN.test(value) || BEGINS.test(value)) return false
  return firsts.size === 0 || !patternWords(value.toLowerCase()).some((word) => firsts.has(word))
}

/** Returns true if the value names a target that this request would not be let through to, or if `effort` is used up. */
export function leadsElsewhere(value: string, admission: Admission, effort: Effort): boolean {
  return [...textsOf(value)].some((text) => isElsewhere(decodeScheme(text), { ...admission, effort }))
}

/** Returns the value, and its parts if it is a list: `a, b`, `<url>`, `path=/a; host=b`, `GET /a HTTP/1.1`. */
function textsOf(value: string): Set<string> {
  // A URL parser removes tabs (WHATWG URL §4.4).
  const texts = new Set([value.trim(), value.replaceAll('\t', '').trim()])
  for (const divider of DIVIDERS) {
    const parts = value.split(divider).filter((part) => part !== '')
    const ends = parts.length > 2 * MAX_PARTS ? [...parts.slice(0, MAX_PARTS), ...parts.slice(-MAX_PARTS)] : parts
    for (const part of ends) texts.add(part).add(part.replace(MEMBER_NAME, ''))
  }
  texts.delete('')
  return texts
}

function decodeScheme(text: string): string {
  let rest = text
  try {
    for (let depth = 0; depth < 3 && ENCODED_SCHEME.test(rest); depth++) rest = decodeURIComponent(rest)
  } catch {
    return rest
  }
  return rest
}

type BudgetedAdmission = Admission & { readonly effort: Effort }

/** Judges one text. A path or URL of this site is a target; other text is one only if it begins like a sold path. */
function isElsewhere(text: string, admission: BudgetedAdmission): boolean {
  const [start, authority] = URL_WITH_HOST.exec(text) ?? []
  if (start === undefined || authority === undefined) {
    if (OWN_SCHEME.test(text)) {
      const rest = text.replace(OWN_SCHEME, '')
      return leadsToRefused(`/${rest}`, true, admission) || isElsewhere(`https://${rest}`, admission)
    }
    const isPath = ROOTED.test(text) && !BASE64.test(text)
    return (
      leadsToRefused(text, isPath, admission) ||
      (SCHEME.test(text) && leadsToRefused(text.replace(SCHEME, ''), false, admission))
    )
  }
  const isOfSite = isHere(authority, admission.hosts)
  const [, fragment = ''] = text.split('#', 2)
  return (
    leadsToRefused(text.slice(start.length), isOfSite, admission) ||
    leadsToRefused(text.slice(start.length - authority.length), false, admission) ||
    (fragment !== '' && leadsToRefused(fragment, isOfSite, admission))
  )
}

function isHere(authority: string, hosts: Admission['hosts']): boolean {
  if (hosts === 'any') return true
  const host = authority
    .slice(authority.lastIndexOf('@') + 1)
    .replace(/:\d*$/, '')
    .replace(/\.$/, '')
  return hosts.includes(host.toLowerCase())
}

/** Tries the text with and without dot segments: they reach the origin as sent, and Windows drops some. */
function leadsToRefused(text: string, isOfSite: boolean, admission: BudgetedAdmission): boolean {
  const texts =
    text.includes('.') || text.includes('%') ? [text.replace(DOT_SEGMENTS, ''), text.replace(LAST_DOTS, '')] : []
  return [...new Set([text, ...texts])].some((one) => isTargetRefused(one, isOfSite, admission))
}

function isTargetRefused(
  text: string,
  isOfSite: boolean,
  { table, method, isOpen, effort }: BudgetedAdmission,
): boolean {
  if (effort.left < 0) return true
  const mark = text.indexOf('?')
  const [rest, query] = mark === -1 ? [text, ''] : [text.slice(0, mark), text.slice(mark)]
  const path = rest.startsWith('/') ? rest : `/${rest}`
  const target = readTarget(path, query)
  effort.left -= text.length + (target.ok ? lengthOf(target.value) : UNREADABLE_COST)
  if (!target.ok) return isOfSite || ESCAPE.test(rest) || (SEPARATOR.test(rest) && hasSoldWord(rest, table))
  if (isEndpointTarget(target.value)) return false
  if (!isOfSite && !beginsAsSold(target.value, table)) return false
  effort.left -= READING_COST * (1 + target.value.interpretations.length)
  const found = match(table, target.value, method)
  return !found.ok || !isOpen(found.value, target.value)
}

function lengthOf({ interpretations }: Target): number {
  return interpretations.reduce((length, { path }) => length + path.length, 0)
}

function beginsAsSold({ path, interpretations }: Target, { firsts }: RouteTable): boolean {
  return [path, ...interpretations.map((reading) => reading.path)].some((one) =>
    patternWords(fold(one.split('/', 2)[1] ?? '')).some((word) => firsts.has(word)),
  )
}

/** Returns true if a text that cannot be interpreted contains a first word of a sold path. */
function hasSoldWord(path: string, { firsts }: RouteTable): boolean {
  return patternWords(fold(path.replace(/%(?:25)*(?:2f|5c)/gi, '/'))).some((word) => firsts.has(word))
}
