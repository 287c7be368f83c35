/**
 * Reads the page that a reader wants to come back to.
 *
 * Whoever can make a reader open a link chooses this value, so it must not lead anywhere but to a page of the same site: an
 * open redirect lends the site's name to a forger. It is read once, when the reader leaves, by the parser that the redirect will
 * meet, and is kept in the gate's own spelling.
 */
import { isEndpointTarget, readTarget } from '../../http/rules/target.ts'

/** The home page: the answer to every value that is not a page of this site. */
export const HOME = '/'

/** The longest path and query that is kept, in characters: it travels in a cookie. */
export const MAX_TO_CHARACTERS = 1000
/** Longer texts are not read. */
const MAX_TEXT_CHARACTERS = 16_384

/** The gate's own pages that a reader comes back to. They show what the reader has, and change nothing. */
const OWN_PAGES: ReadonlySet<string> = /* @__PURE__ */ new Set(['/__faregate/account', '/__faregate/feeds'])

/** Control characters, which URL parsers drop or cut at, and the slash of one platform. */
// oxlint-disable-next-line no-control-regex
const UNFIT = /[\u0000-\u0020\u007f-\u009f\\]/
const LONE_SURROGATE = /[\ud800-\udfff]/u

/**
 * Returns the path and query of a page of `origin`: beginning with exactly one slash, in canonical spelling, at most 1,000
 * characters long. `text` is such a path, or the absolute URL of the page. Everything else becomes `/`. A page that is too
 * long loses its query first.
 */
export function readTo(text: string | null | undefined, origin: string): string {
  if (!text || text.length > MAX_TEXT_CHARACTERS || UNFIT.test(text) || LONE_SURROGATE.test(text)) return HOME
  const rest = text.startsWith(origin) ? text.slice(origin.length) : text
  if (!isRooted(rest)) return HOME
  const [sent = '', ...more] = withoutFragment(rest).split('?')
  const target = readTarget(sent, more.length === 0 ? '' : `?${more.join('?')}`)
  if (!target.ok || (isEndpointTarget(target.value) && !OWN_PAGES.has(target.value.path))) return HOME
  const { path, query } = target.value
  if (!isRooted(path) || !isOf(`${path}${query}`, origin)) return HOME
  return [`${path}${query}`, path].find(({ length }) => length <= MAX_TO_CHARACTERS) ?? HOME
}

/** Returns true if a path begins with one slash: two begin an authority. */
function isRooted(path: string): boolean {
  return path.startsWith('/') && !path.startsWith('//')
}

function withoutFragment(text: string): string {
  const at = text.indexOf('#')
  return at === -1 ? text : text.slice(0, at)
}

/** Returns true if the parser of every browser (WHATWG URL) takes the reference for a page of `origin`. */
function isOf(reference: string, origin: string): boolean {
  const url = URL.parse(reference, origin)
  return url !== null && url.origin === origin && url.username === '' && url.password === ''
}
