/**
 * Lists every plausible reading of a request target by a server behind the gate.
 *
 * Frameworks differ: in how often they decode, in folding case, in stripping `;parameters`, format suffixes or trailing
 * dots. If the gate took `/Premium%2Fa` for a free page and the server served the paid `/premium/a`, the page would be
 * free. So a route is matched against all readings, and no reading of a paid page is free. A path with too many readings
 * is refused rather than guessed.
 */

/** A path, as some server might read it. */
export interface Interpretation {
  readonly path: string
  /** True if only dropping a format suffix leads here (`/articles.json` read as `/articles`). */
  readonly bySuffix: boolean
}

/** The most readings of one target; beyond, it is refused as ambiguous. Ordinary targets have fewer than ten. */
const MAX_READINGS = 64
/** The most characters in all readings together, so that a long hostile target costs no more than a short one. */
const MAX_CHARACTERS = 32_768
/** `/a.tar.gz.asc` has three. */
const MAX_SUFFIXES = 4

const ESCAPES = /(?:%[0-9a-f]{2})+/gi
const CONTROL = /\p{Cc}/u
const NON_ASCII = /[^\x20-\x7e]/

type Rule = (path: string) => string

/**
 * Decodes each valid escape once and leaves the rest. Throws URIError if the result is not UTF-8, overlong forms
 * included.
 */
function decodeOnce(path: string): string {
  return path.replace(ESCAPES, decodeURIComponent)
}

const DOT_SEGMENT = /\/\.{1,2}(?:\/|$)/

/** Removes dot segments by RFC 3986 §5.2.4; `..` at the root stays at the root. */
export function removeDotSegments(path: string): string {
  if (!DOT_SEGMENT.test(path)) return path
  const kept: string[] = []
  const segments = path.split('/').slice(1)
  segments.forEach((segment, index) => {
    if (segment === '.' || segment === '..') {
      if (segment === '..') kept.pop()
      if (index === segments.length - 1) kept.push('')
    } else kept.push(segment)
  })
  return `/${kept.join('/')}`
}

/** Rewrites each segment of a path that matches `trigger`; most readings do not. */
function eachSegment(path: string, trigger: RegExp, rewrite: (segment: string) => string): string {
  return trigger.test(path) ? path.split('/').map(rewrite).join('/') : path
}

/**
 * Trims characters that match `ignored`, at the end and in linear time. A pattern such as /x+$/ would scan n of them n
 * times.
 */
function trimEnd(text: string, ignored: RegExp): string {
  let end = text.length
  while (end > 0 && ignored.test(text.charAt(end - 1))) end--
  return text.slice(0, end)
}

const DOT_OR_SPACE = /[.\s]/
const PLUS_OR_SPACE = /[+\s]/
const SPACE_AT_EDGE = /\s(?:\/|$)|\/\s/
const DOT_AT_END = /[.\s](?:\/|$)/

/**
 * Trims trailing dots and spaces as Windows does: `articles. .` names `articles`. The segments `.` and `..` are not
 * names.
 */
function trimTrailingDots(segment: string): string {
  if (segment === '.' || segment === '..') return segment
  return trimEnd(segment, DOT_OR_SPACE)
}

/** Maps look-alikes to `/` and `\` as Windows' code pages 1252, 932 and 949 do for characters they lack. */
function bestFit(path: string): string {
  return path.replace(/[\u2044\u2215]/g, '/').replace(/[\u00a5\u20a9\u2216]/g, '\\')
}

const SCRIPT = /^(?:\/[^/]*)*?\/[^/]+\.(?:php\d?|cgi|fcgi|pl|py|aspx?|cfm|dll)(?=\/)/i
const INDEX_PAGE = /\/(?:index|default)\.[a-z0-9]+$/i

const RULES: readonly Rule[] = [
  (path) => (path.includes('%') ? decodeOnce(path) : path),
  removeDotSegments,
  (path) => path.replaceAll('\\', '/'),
  (path) => path.replace(/\/{2,}/g, '/'),
  (path) => path.replace(/^\/{2,}[^/]*/, ''), // `//host/path`, `///host/path` read as a URL with an authority
  (path) => path.replace(/;[^/]*/g, ''),
  (path) => path.replace(/[;?#].*/s, ''),
  (path) => path.replaceAll('+', ' '),
  (path) => eachSegment(path, SPACE_AT_EDGE, (segment) => segment.trim()),
  (path) => eachSegment(path, DOT_AT_END, trimTrailingDots),
  (path) => path.replace(/:[^/]*/g, ''), // an NTFS stream: `page::$DATA` and `page:x` name `page`
  (path) => (NON_ASCII.test(path) ? path.normalize('NFKC') : path),
  (path) => (NON_ASCII.test(path) ? path.replace(/[\p{Cf}\p{Default_Ignorable_Code_Point}]/gu, '') : path),
  (path) => (NON_ASCII.test(path) ? path.normalize('NFKD').replace(/\p{M}/gu, '') : path), // a database's collation
  (path) => (NON_ASCII.test(path) ? bestFit(path) : path),
  (path) => path.replace(SCRIPT, ''), // `/index.php/page`: a front controller
  (path) => path.replace(INDEX_PAGE, '/'),
]

function rooted(path: string): string {
  return path.startsWith('/') ? path : `/${path}`
}

/**
 * Adds to `found` every reading that the rules reach. Returns false if there are too many, or if one has control
 * characters.
 */
function addReadings(found: Set<string>): boolean {
  let characters = 0
  for (const path of found) {
    characters += path.length
    if (found.size > MAX_READINGS || characters > MAX_CHARACTERS || CONTROL.test(path)) return false
    for (const rule of RULES) {
      const next = rooted(rule(path))
      if (next !== path) found.add(next)
    }
  }
  return true
}

/**
 * Returns the readings of a path, the given spellings among them. Returns undefined if the path is ambiguous: malformed
 * or overlong UTF-8 at any depth of decoding, a control character, or more readings than an honest target has.
 */
export function interpretationsOf(...spellings: readonly string[]): readonly Interpretation[] | undefined {
  const found = new Set(spellings)
  try {
    if (!addReadings(found)) return undefined
  } catch {
    return undefined // URIError: not UTF-8
  }
  const interpretations: Interpretation[] = Array.from(found, (path) => ({ path, bySuffix: false }))
  for (const path of found) {
    for (const bare of withoutSuffixes(path)) if (!found.has(bare)) interpretations.push({ path: bare, bySuffix: true })
  }
  return interpretations
}

/** Trims the end of a name before a suffix: `/a .json` is `/a`. */
function trimNameEnd(path: string): string {
  const bare = trimEnd(path, PLUS_OR_SPACE)
  return bare === '' ? '/' : bare
}

/** Drops suffixes one by one: `/a.tar.gz` gives `/a.tar` and `/a`. */
function withoutSuffixes(path: string): string[] {
  const bare: string[] = []
  let rest = path.endsWith('/') ? path.slice(0, -1) : path
  const name = rest.lastIndexOf('/') + 1
  const first = rest.indexOf('.', name)
  while (bare.length < MAX_SUFFIXES) {
    const dot = rest.lastIndexOf('.')
    if (dot < name) break
    rest = rest.slice(0, dot)
    bare.push(trimNameEnd(rest))
  }
  const shortest = trimNameEnd(path.slice(0, first))
  if (first >= name && !bare.includes(shortest)) bare.push(shortest)
  return bare
}
