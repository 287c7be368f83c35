import { refusal, type Refusal } from '../../core/problem.ts'
import { interpretationsOf, removeDotSegments, type Interpretation } from './interpretations.ts'
import { err, ok, type Result } from '../../core/result.ts'

/** The target of a request: the one spelling sent to the origin, and every other reading of it. */
export interface Target {
  /** The canonical path: normalised by RFC 3986 §6.2.2, never empty, without dot segments. */
  readonly path: string
  /** The query with its `?`, or nothing. */
  readonly query: string
  /** Empty if the path has only one reading: as it stands, in lower case. */
  readonly interpretations: readonly Interpretation[]
}

/** A path with one reading only, as nearly every request has: no dots, no upper case, no escapes. */
const PLAIN_PATH = /^\/(?:[a-z0-9_~-]+(?:\/[a-z0-9_~-]+)*\/?)?$/
/** RFC 9110 §4.1 asks for 8,000 octets. A path with one reading only may be longer. */
const MAX_PATH_CHARACTERS = 8192
const PLAIN_QUERY = /^(?:\?[\w\-.~!$&()*+,;=:@/?%]*)?$/
const BAD_ESCAPE = /%(?![0-9a-f]{2})/i
const UNRESERVED = /^[\w\-.~]$/
const NOT_PCHAR = /[^\w\-.~!$&'()*+,;=:@/%]/gu

/** Upper-cases escapes, decodes those of unreserved characters, and escapes characters that a path may not have. */
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

/** Returns the canonical spelling of a path, or the path itself if it has none. */
export function spell(path: string): string {
  const canonical = canonicalOf(path)
  return canonical.ok ? canonical.value : path
}

/**
 * Reads the path and query of a request, as sent. Error: `target-ambiguous`, if two servers could read the target
 * differently in a way that no rule here accounts for.
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
  return confirmUnchanged(canonical.value, rawQuery, interpretations)
}

/** Matches the path of the gate's endpoints, and every path below. */
const OWN = /^\/__faregate(?:\/|$)/i

/**
 * Returns true for a target that some server could read as one of the gate's own endpoints. No origin is asked for it.
 */
export function isEndpointTarget({ path, interpretations }: Target): boolean {
  return OWN.test(path) || interpretations.some((reading) => OWN.test(reading.path))
}

/** Checks that a URL parser (WHATWG URL), which every request to an origin passes, does not change the path again. */
function confirmUnchanged(
  path: string,
  rawQuery: string,
  interpretations: readonly Interpretation[],
): Result<Target, Refusal> {
  const url = URL.parse(`http://host${path}${rawQuery}`)
  if (url === null || url.pathname !== path || url.hash !== '') {
    return ambiguous('The path can be read in more than one way.')
  }
  return ok({ path, query: url.search, interpretations })
}
