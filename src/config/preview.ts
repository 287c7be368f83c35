import * as v from 'valibot'
import type { PreviewPolicy } from '../access/previewpolicy.ts'
import { text } from './rules/values.ts'

const SELECTOR = 'expected a CSS selector of elements, classes, ids and attributes'
/** What the parser of the platform can match, and no more: an unknown selector would be an error at each page. */
const selector = v.pipe(text, v.maxLength(200, SELECTOR), v.regex(/^[\w\s.#>,*[\]="'|~^$-]+$/, SELECTOR))
const count = (most: number) =>
  v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(most, `expected at most ${most}`))

const options = v.strictObject({
  select: v.optional(selector),
  paragraphs: v.optional(count(20)),
  marker: v.optional(
    v.pipe(text, v.trim(), v.maxLength(100), v.regex(/^(?!.*--)[^<>]+$/, 'expected the text of a comment')),
  ),
  until: v.optional(selector),
  byline: v.optional(selector),
  maxBytes: v.optional(count(4000)),
  from: v.optional(v.picklist(['copy', 'origin'], 'expected "copy" or "origin"')),
})

export const previewSchema = v.union([options, v.boolean()], 'expected true, false or {select, paragraphs, …}')

type CheckedPreview = v.InferOutput<typeof previewSchema>

/** Compiles what is public of a route's pages; undefined if nothing is. */
export function compilePreview(options: CheckedPreview | undefined): PreviewPolicy | undefined {
  if (options === undefined || options === false) return undefined
  const {
    select = 'article',
    paragraphs = 2,
    maxBytes = 2000,
    from = 'origin',
    ...more
  } = options === true ? {} : options
  return { select, paragraphs, maxBytes, from, marker: more.marker, until: more.until, byline: more.byline }
}

/** The parts of terms that say who shares a copy. */
interface Shared {
  readonly preview?: CheckedPreview | undefined
  readonly cache?: string | { readonly key?: string | undefined } | undefined
  readonly meter?: unknown
}

export const PREVIEW_SHARED =
  'expected "preview" only for a route whose copies all payers share: what is public of a page must not depend on its reader'

/** Returns true unless a route names a preview although its copies are not shared by all. */
export function isSharedIfPreviewed(terms: Shared): boolean {
  return terms.preview === undefined || terms.preview === false || sharesCopies(terms)
}

/** Returns true if all who pay share one copy of a page. */
export function sharesCopies({ cache, meter }: Shared): boolean {
  if (cache === undefined) return meter === undefined
  return typeof cache === 'string' ? cache === 'shared' : cache.key === undefined
}
