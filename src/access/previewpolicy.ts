/** What is public of the pages of a route. */
export interface PreviewPolicy {
  /** A CSS selector: the first element that it matches holds the text. */
  readonly select: string
  /** How many paragraphs of that are public, at most. */
  readonly paragraphs: number
  /** Where the public part ends: a comment with this text. A page without it shows no paragraph. */
  readonly marker: string | undefined
  /** Where the public part ends: the first element that this CSS selector matches within the text. As `marker`. */
  readonly until: string | undefined
  /** A CSS selector of the byline; it counts before the end of the public part only. */
  readonly byline: string | undefined
  /** The greatest length of the paragraphs together, in bytes of UTF-8. */
  readonly maxBytes: number
  /** `copy`: only from what a paying reader has fetched. `origin`: fetched when missing. */
  readonly from: 'copy' | 'origin'
}
