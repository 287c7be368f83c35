/**
 * How the pages of a zone look and speak, compiled from its option `pages`.
 */
import type { LocalText } from '../core/localtext.ts'
import type { TextOverrides } from './words.ts'
import { DEFAULT_COLORS, type PageColors, policyHash, styleOf } from './style.ts'

/** The look and the languages of a zone's pages. */
export interface Pages {
  readonly site: PageSite
  /** Language tags; the first is for readers who want none of them. */
  readonly languages: readonly [string, ...string[]]
  /** Texts of the operator's, in place of those built in. */
  readonly texts: TextOverrides
  /** The path of the operator's own stylesheet. */
  readonly stylesheet: string | undefined
  readonly legal: LegalLinks
  /** The text of the one style element. */
  readonly style: string
  /** The source of that element in a `Content-Security-Policy`. */
  readonly styleSource: string
}

export interface PageSite {
  readonly name: LocalText
  /** A path or URL. */
  readonly home: string
  readonly logo: { readonly path: string; readonly alt: LocalText } | undefined
}

/** Paths or URLs. */
export interface LegalLinks {
  readonly terms?: LocalText
  readonly privacy?: LocalText
  readonly imprint?: LocalText
}

/** What a configuration says of the pages. */
export interface PagesInput {
  readonly site: PageSite
  readonly languages: readonly [string, ...string[]]
  readonly texts: TextOverrides
  readonly stylesheet: string | undefined
  readonly legal: LegalLinks
  readonly colors: Partial<PageColors>
}

/** The languages that have words of their own here. */
export const BUILT_IN_LANGUAGES = ['en', 'de'] as const

/** Compiles the look of a zone's pages. */
export function compilePages({ colors, ...input }: PagesInput): Pages {
  const style = styleOf({ ...DEFAULT_COLORS, ...colors })
  return { ...input, style, styleSource: policyHash(style) }
}

/** Returns the pages of a site of which no more than its name is known. */
export function plainPages(name: string): Pages {
  return compilePages({
    site: { name, home: '/', logo: undefined },
    languages: BUILT_IN_LANGUAGES,
    texts: {},
    stylesheet: undefined,
    legal: {},
    colors: {},
  })
}
