import type { PictureName } from './pictures/index.ts'

export type NewsLanguage = 'en' | 'de'
export type Section = 'city' | 'business' | 'science' | 'culture' | 'investigations'

/** A paragraph, or something that stands between two. */
export type Block = string | { readonly heading: string } | { readonly quote: string; readonly by: string }

/** A piece of the paper. Nobody in it exists. */
export interface NewsArticle {
  readonly id: number
  readonly language: NewsLanguage
  readonly section: Section
  readonly title: string
  /** One sentence that says what the piece is about. */
  readonly standfirst: string
  readonly author: string
  /** Long ago and fixed, so that a restarted origin confirms what a cache already has. */
  readonly published: Date
  readonly minutes: number
  readonly picture: { readonly name: PictureName; readonly alt: string; readonly caption: string }
  /** Anybody may read these; the rest is sold. */
  readonly opening: readonly string[]
  readonly rest: readonly Block[]
}
