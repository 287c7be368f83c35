import { refusal, type Refusal } from '../../core/problem.ts'
import { interpretationsOf, removeDotSegments, type Interpretation } from './interpretations.ts'
import { err, ok, type Result } from '../../core/result.ts'

/** What a request asks for: the one spelling the origin gets, and all that it could be taken for. */
export interface Target {
  /** The canonical path: normalised by RFC 3986 §6.2.2, never empty, no dot segments. */
  readonly path: string
  /** The query with its `?`, or nothing. */
  readonly query: string
  /** Empty when the path can only be read as it stands, in lower case. */
  readonly interpretations: readonly Interpretation[]
}

/** A path that has one reading only; nearly every request has one. No dots, no upper case, no escapes. */
const PLAIN_PATH = /^\/(?:[a-z0-9_~-]+(?:\/[a-z0-9_~-]+)*\/?)?$/
/** RFC 9110 §4.1 asks for 8,000 octets. Of a path that has one reading alone any number is taken. */
const MAX_PATH_CHARACTERS = 8192
const PLAIN_QUERY = /^(?:\?[\w\-.~!$&()*+,;=:@/?%]*)?$/
const BAD_ESCAPE = /%(?![0-9a-f]{2})/i
const UNRESERVED = /^[\w\-.~]$/
const NOT_PCHAR = /[^\w\-.~!$&'()*+,;=:@/%]/gu

/** Upper-cases escapes, decodes those of unreserved characters, and escapes what may not stand in a path. */
function normaliseEscapes(path: string): string {
  return path
    .replace(/%([0-9a-f]{2})/gi, (escape, hex: string) => {
      const character = String.fromCharCode(Number.parseInt(hex, 16))
      return UNRESERVED.test(character) ? character : escape.toUpperCase()
    })
    .replace(NOT_PCHAR, encodeURIComponent)
}

function ambiguous(detail: string): Result<never, Refusal> {
  return err(refusal('target-ambiguous', detail))
}

function canonicalOf(path: string): Result<string, Refusal> {
  if (path.length > MAX_PATH_CHARACTERS)
    return ambiguous(`The path can be read in more than one way, and has more than ${MAX_PATH_CHARACTERS} characters.`)
  if (BAD_ESCAPE.test(path)) return ambiguous('The path has a "%" that is not followed by two hexadecimal digits.')
  if (/[\ud800-\udfff]/.test(path.replace(/[\ud800-\udbff][\udc00-\udfff]/g, '')))
    return ambiguous('The path is not Unicode.')
  return ok(removeDotSegments(normaliseEscapes(path)))
}

/** The canonical spelling of a path, or the path itself where it has none. */
export function spell(path: string): string {
  const canonical = canonicalOf(path)
  return canonical.ok ? canonical.value : path
}

/**
 * Reads the path and query of a request as they were sent.
 * Error: `target-ambiguous`, when two servers could read the target differently in a way no rule here accounts for.
 */
export function readTarget(rawPath: string, rawQuery: string): Result<Target, Refusal> {
  const path = rawPath === '' ? '/' : rawPath
  if (PLAIN_PATH.test(path) && PLAIN_QUERY.test(rawQuery)) {
    return ok({ path, query: rawQuery, interpretations: [] })
  }
  const canonical = canonicalOf(path)
  if (!canonical.ok) return canonical
  const interpretations = interpretationsOf(canonical.value, path)
  if (interpretations === undefined) {
    return ambiguous(
      'The path can be read in more than one way: it has control characters, text that is not UTF-8, or nested escapes.',
    )
  }
  return agreed(canonical.value, rawQuery, interpretations)
}

/** The path of the gate's own endpoints, or one below it. */
const OWN = /^\/__faregate(?:\/|$)/i

/** True for a target that some server could read as one of the gate's own endpoints: no origin is asked for it. */
export function isEndpointTarget({ path, interpretations }: Target): boolean {
  return OWN.test(path) || interpretations.some((reading) => OWN.test(reading.path))
}

/** What is sent to an origin goes through a URL parser (WHATWG URL), which must not change the path again. */
function agreed(path: string, rawQuery: string, interpretations: readonly Interpretation[]): Result<Target, Refusal> {
  const url = URL.parse(`http://host${path}${rawQuery}`)
  if (url === null || url.pathname !== path || url.hash !== '') {
    return ambiguous('The path can be read in more than one way.')
  }
  return ok({ path, query: url.search, interpretations })
}
