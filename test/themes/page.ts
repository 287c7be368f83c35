/** An article as a real theme wrote it. */
export interface ThemePage {
  readonly name: string
  readonly theme: string
  readonly kind: string
  /** The selector of the article's text. */
  readonly article: string
  readonly html: string
}

declare module 'vitest' {
  interface ProvidedContext {
    /** The articles, as JSON. */
    themePages: string
  }
}
