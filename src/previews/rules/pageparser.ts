/** A parser of HTML as the runtime has it, as far as it is used: `HTMLRewriter` of Workers. */
export interface PageParser {
  /** Calls the handlers for what a CSS selector matches, in the order of the page. */
  on(selector: string, handlers: PageHandlers): PageParser
  transform(response: Response): Response
}

export interface PageHandlers {
  element?(element: ParsedElement): void
  comments?(comment: { readonly text: string }): void
  text?(chunk: ParsedText): void
}

export interface ParsedElement {
  readonly tagName: string
  getAttribute(name: string): string | null
  onEndTag(handler: () => void): void
}

/** A part of a text, with its character references as they are written. */
export interface ParsedText {
  readonly text: string
  readonly lastInTextNode: boolean
}

/** Makes the parser of one page. */
export type NewPageParser = () => PageParser
