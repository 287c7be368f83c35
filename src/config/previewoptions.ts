/**
 * What is public of a page on sale: its title, byline, description, image and date, and the first paragraphs of its text. It is read
 * from the page itself, once for each stored copy, and shown on the page that asks to be paid, to programs and to link previews.
 * Needs a platform that can read pages, as Cloudflare's. Only for routes whose copies all payers share.
 */
export interface PreviewOptions {
  /** A CSS selector: the first element that it matches holds the text. Default `article`. */
  select?: string
  /** How many paragraphs are public, at most. Default 2. */
  paragraphs?: number
  /**
   * Where the public part ends: a comment with this text, as `members-only`. A page without the mark shows no paragraph.
   */
  marker?: string
  /** Where the public part ends: the first element of the text that this CSS selector matches, as `.paywall`. As `marker`. */
  until?: string
  /** A CSS selector of the byline. Default: what the head of the page says. */
  byline?: string
  /** The greatest length of the paragraphs together, in bytes. Default 2000, at most 4000. */
  maxBytes?: number
  /**
   * `copy`: only from pages that a paying reader has fetched. `origin`: the gate fetches a missing page itself, without any field of
   * the visitor, at most `previewsPerSecond` times a second; a page that does not exist is then answered 404 instead of being on
   * sale. Default `origin`.
   */
  from?: 'copy' | 'origin'
}
