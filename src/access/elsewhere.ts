/**
 * Whether the value of a request field would lead an origin to another target than the one that was decided on. Which fields
 * origins read as a target cannot be listed: any framework may have its own. So an unknown field is judged by its value, read
 * as routes are: it passes, unless what it names is something that this request would not be let through to.
 */
import { fold } from '../http/rules/pattern.ts'
import { match, type Route, type RouteTable, wordsOf } from './route.ts'
import { isEndpointTarget, readTarget, type Target } from '../http/rules/target.ts'

/** What a request was let through on. */
export interface Admission {
  readonly table: RouteTable
  readonly method: string
  /** The names of the site; it may have any. */
  readonly hosts: readonly string[] | 'any'
  /** True where the request would be let through to this target, which falls on this route. */
  readonly isOpen: (route: Route, target: Target) => boolean
}

/**
 * How much is still looked at of the fields of one request, counted down. A hostile value has many readings, each of which is
 * held against every route: together they cost no more than those of one long target.
 */
export interface Effort {
  left: number
}

export function createEffort(): Effort {
  return { left: 32_768 }
}

/** What holding one reading against the routes costs, beside its length. */
const READING_COST = 64
/** What has no readings had the most of them. */
const UNREADABLE_COST = 1024

/** What ids, tokens, versions, signatures and flags are made of. */
const PLAIN = /^[\w~+=.,:; @|/-]*$/
/** Where a path or a URL begins. */
const BEGINS = /(?:^|[,; =])[/.]|:\/|https?:/i
/** Padded base64, as signatures are, which begins with a slash once in 64 times. */
const BASE64 = /^\/(?=[^]*[a-z])(?=[^]*[A-Z])[A-Za-z0-9+/]{14,}={0,2}$/
const ROOTED = /^(?:[/\\?]|%(?:25)*(?:2f|5c|3f)|\.{1,2}(?:[/\\]|%))/i
const URL_WITH_HOST = /^[a-z][a-z0-9+.-]*:[/\\]{2,}([^/\\?#]*)/i
const ENCODED_SCHEME = /^[a-z][a-z0-9+.-]*%(?:25)*3a/i
/** An escape, by any notation. `100%` has none. */
const ESCAPE = /%(?:%|u|[0-9a-f]{2})/i
const DOT_SEGMENTS = /[/\\](?:\.|%(?:25)*2e){1,2}(?=[/\\?]|%(?:25)*(?:2f|5c)|$)/gi
const LAST_DOTS = /[/\\](?:\.|%(?:25)*2e){1,2}(?=\?|$)/i
const SEPARATOR = /[/\\]|%(?:25)*(?:2f|5c)/i
/** Of a list: more than so many at either end are not a target. */
const MAX_PARTS = 8
const MEMBER_NAME = /^[\w.-]+=/
const SCHEME = /^[a-z][a-z0-9+.-]*:(?=[/\\])/i
/** The first is what joins several fields of one name: each is a value by itself, whatever else it has. */
/** WHATWG URL §4.4: with these a path of the site may follow, or an authority, whatever the number of slashes. */
const OWN_SCHEME = /^https?:[/\\]?/i
const DIVIDERS = [/,[ \t]*/, /[ \t,"'<>]+/, /[ \t,"'<>;]+/]

/** True for nearly every value that names no target, at once: no path begins in it, and no name of what is for sale is in it. */
export function namesNothing(value: string, { firsts }: RouteTable): boolean {
  if (!PLAIN.test(value) || BEGINS.test(value)) return false
  return firsts.size === 0 || !wordsOf(value.toLowerCase()).some((word) => firsts.has(word))
}

/** True where the value names a target that this request would not be let through to, and where that takes too long to tell. */
export function leadsElsewhere(value: string, admission: Admission, effort: Effort): boolean {
  return [...textsOf(value)].some((text) => isElsewhere(decodeScheme(text), { ...admission, effort }))
}

/** The value, and what it may be a list of: `a, b`, `<url>`, `path=/a; host=b`, `GET /a HTTP/1.1`. */
function textsOf(value: string): Set<string> {
  // A URL parser takes tabs out (WHATWG URL §4.4).
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

type Examination = Admission & { readonly effort: Effort }

/** A path or URL of this site is a target; anything else is one only where it begins as a path that is for sale does. */
function isElsewhere(text: string, admission: Examination): boolean {
  const [start, authority] = URL_WITH_HOST.exec(text) ?? []
  if (start === undefined || authority === undefined) {
    if (OWN_SCHEME.test(text)) {
      const rest = text.replace(OWN_SCHEME, '')
      return isRefused(`/${rest}`, true, admission) || isElsewhere(`https://${rest}`, admission)
    }
    const isPath = ROOTED.test(text) && !BASE64.test(text)
    return (
      isRefused(text, isPath, admission) || (SCHEME.test(text) && isRefused(text.replace(SCHEME, ''), false, admission))
    )
  }
  const isOfSite = isHere(authority, admission.hosts)
  const [, fragment = ''] = text.split('#', 2)
  return (
    isRefused(text.slice(start.length), isOfSite, admission) ||
    isRefused(text.slice(start.length - authority.length), false, admission) ||
    (fragment !== '' && isRefused(fragment, isOfSite, admission))
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

/** Dot segments reach the origin as they are, and on Windows some are nothing. */
function isRefused(text: string, isOfSite: boolean, admission: Examination): boolean {
  const texts =
    text.includes('.') || text.includes('%') ? [text.replace(DOT_SEGMENTS, ''), text.replace(LAST_DOTS, '')] : []
  return [...new Set([text, ...texts])].some((one) => refuses(one, isOfSite, admission))
}

function refuses(text: string, isOfSite: boolean, { table, method, isOpen, effort }: Examination): boolean {
  if (effort.left < 0) return true
  const mark = text.indexOf('?')
  const [rest, query] = mark === -1 ? [text, ''] : [text.slice(0, mark), text.slice(mark)]
  const path = rest.startsWith('/') ? rest : `/${rest}`
  const target = readTarget(path, query)
  effort.left -= text.length + (target.ok ? lengthOf(target.value) : UNREADABLE_COST)
  if (!target.ok) return isOfSite || ESCAPE.test(rest) || (SEPARATOR.test(rest) && hasFirst(rest, table))
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
    wordsOf(fold(one.split('/', 2)[1] ?? '')).some((word) => firsts.has(word)),
  )
}

/** Of a text that cannot be read as a path: any of its words. */
function hasFirst(path: string, { firsts }: RouteTable): boolean {
  return wordsOf(fold(path.replace(/%(?:25)*(?:2f|5c)/gi, '/'))).some((word) => firsts.has(word))
}
