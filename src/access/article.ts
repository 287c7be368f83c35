/** The public facts of a page on sale, as plain text. Nothing of its paid part is among them. */
export interface ArticleFacts {
  readonly title?: string
  readonly byline?: string
  readonly description?: string
  readonly image?: { readonly url: string; readonly alt?: string }
  /** RFC 3339. */
  readonly published?: string
  /** A language tag (BCP 47). */
  readonly language?: string
  /** The first paragraphs; empty if none is public. */
  readonly paragraphs: readonly string[]
}
