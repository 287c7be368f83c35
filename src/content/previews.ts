import type { ArticleFacts } from '../access/article.ts'
import type { Eventually } from '../core/eventually.ts'
import type { Call, Origin } from '../ports.ts'
import type { Rail } from '../rails/rail.ts'
import type { PreviewRequest } from './preview.ts'

/** What is publicly known of a page on sale. */
export type FoundPreview = { readonly kind: 'article'; readonly article: ArticleFacts } | { readonly kind: 'gone' }

/** The way to the page itself. */
export interface PreviewWays {
  readonly rails: readonly Rail[]
  readonly origin: Origin
  readonly call: Call
}

/** Finds the public facts of pages on sale. */
export interface Previews {
  /** Returns what is known of a page; `gone` if the origin has no such page; undefined if nothing can be shown. Never throws. */
  find(asked: PreviewRequest, ways: PreviewWays): Eventually<FoundPreview | undefined>
}
