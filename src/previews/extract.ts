/**
 * Reads what is public of a page, by the platform's own parser.
 *
 * The page is decoded first, so that parser and browser read the same text: in its own encoding the mark of the paid part could
 * be spelled otherwise. Nothing is read from attributes, comments, scripts and data but what `PublicText` asks for by name.
 */
import type { ArticleFacts } from '../access/article.ts'
import type { PreviewPolicy } from '../access/previewpolicy.ts'
import type { NewPageParser, PageParser, ParsedElement } from './rules/pageparser.ts'
import { charsetOf } from './rules/charset.ts'
import { PublicText } from './rules/publictext.ts'

/** What is read of a page, in bytes: the public part is at its beginning. */
const MOST_BYTES = 256 * 1024

/**
 * Returns what is public of a page. Undefined for another media type, an encoding that is not known for certain, and a page
 * that the parser does not read to its end. Throws only if the body breaks off.
 */
export async function readPublic(
  page: { readonly type: string; readonly body: ReadableStream<Uint8Array> },
  policy: PreviewPolicy,
  newParser: NewPageParser,
): Promise<ArticleFacts | undefined> {
  if (!/^text\/html[ \t]*(?:;|$)/i.test(page.type)) {
    await page.body.cancel()
    return undefined
  }
  const { bytes, isWhole } = await readBegin(page.body)
  const text = decode(bytes, page.type, isWhole)
  if (text === undefined) return undefined
  const found = new PublicText(policy)
  if (!isWhole) found.cut()
  try {
    await parse(text, found, policy, newParser)
  } catch {
    return undefined // the parser gives up rather than guess
  }
  return found.facts()
}

async function readBegin(
  body: ReadableStream<Uint8Array>,
): Promise<{ readonly bytes: Uint8Array; readonly isWhole: boolean }> {
  const chunks: Uint8Array[] = []
  let length = 0
  let isWhole = true
  for await (const chunk of body) {
    chunks.push(chunk)
    length += chunk.byteLength
    if (length > MOST_BYTES) {
      isWhole = false
      break
    }
  }
  const bytes = new Uint8Array(length)
  let at = 0
  for (const chunk of chunks) {
    bytes.set(chunk, at)
    at += chunk.byteLength
  }
  return { bytes, isWhole }
}

/** Decodes a page that says its encoding, or that is UTF-8. Undefined if a byte does not belong to it. */
function decode(bytes: Uint8Array, type: string, isWhole: boolean): string | undefined {
  try {
    // A page that was cut may end within a character.
    return new TextDecoder(charsetOf(type, bytes) ?? 'utf-8', { fatal: true, ignoreBOM: false }).decode(bytes, {
      stream: !isWhole,
    })
  } catch {
    return undefined
  }
}

/** What ends a paragraph at its beginning or end. */
const BLOCKS = new Set(
  'address article aside blockquote center dd details dialog dir div dl dt fieldset figcaption figure footer form h1 h2 h3 h4 h5 h6 header hgroup hr li main menu nav ol p pre search section table tbody td tfoot th thead tr ul'.split(
    ' ',
  ),
)
/** What holds no prose of the article. */
const NOT_PROSE = new Set(
  'aside button canvas datalist dialog embed figure footer form frameset iframe listing math nav noembed noframes noscript object option plaintext portal script select style svg table template textarea title xmp'.split(
    ' ',
  ),
)
const SCRIPTS = new Set(['script', 'style', 'template'])
const VOID = new Set('area base br col embed hr img input link meta param source track wbr'.split(' '))

async function parse(text: string, found: PublicText, policy: PreviewPolicy, newParser: NewPageParser): Promise<void> {
  const parser = newParser()
  readHead(parser, found)
  readText(parser, found, policy)
  const parsed = parser.transform(new Response(text, { headers: { 'content-type': 'text/html; charset=utf-8' } }))
  await parsed.arrayBuffer()
}

/** What a head may hold (HTML §4.2). Anything else begins the body, also if its tag is left out. */
const IN_HEAD = new Set('html head base link meta noscript script style template title'.split(' '))

/** Reads the facts of the head. What looks like them in the body is not read. */
function readHead(parser: PageParser, found: PublicText): void {
  let isInBody = false
  let title: string | undefined
  parser
    .on('html', { element: (element) => found.language(element.getAttribute('lang') ?? '') })
    .on('*', { element: ({ tagName }) => void (isInBody ||= !IN_HEAD.has(tagName.toLowerCase())) })
    .on('meta', {
      element(element) {
        const name = element.getAttribute('property') ?? element.getAttribute('name') ?? ''
        if (!isInBody) found.head(name.toLowerCase(), element.getAttribute('content') ?? '')
      },
    })
    .on('title', {
      text(chunk) {
        if (isInBody) return
        title = (title ?? '') + chunk.text
        if (chunk.lastInTextNode) found.head('title', title)
      },
    })
}

/** Reads the paragraphs of the first chosen element, up to the end of its public part. */
function readText(parser: PageParser, found: PublicText, { select, marker, until, byline }: PreviewPolicy): void {
  const state = { depth: 0, isOver: false, hidden: 0, scripts: 0 }
  const isReading = () => state.depth > 0 && !found.isEnded
  parser.on('script, style, template', {
    element(element) {
      // An element calls back once at its end: while the article is read, the handler below takes it.
      if (!isReading() && whenEnded(element, () => void (state.scripts -= 1))) state.scripts += 1
    },
  })
  parser.on(select, {
    element(element) {
      if (state.isOver || state.depth > 0) return
      if (VOID.has(element.tagName)) return
      state.depth = 1
      element.onEndTag(() => {
        state.depth = 0
        state.isOver = true
        found.end()
      })
    },
    comments(comment) {
      if (state.depth > 0 && marker !== undefined && comment.text.trim() === marker) found.mark()
    },
    text(chunk) {
      const isRead = state.scripts === 0 || found.isEnded
      if (state.depth > 0 && isRead) found.text(chunk.text, state.hidden === 0)
    },
  })
  // The paid part may stand in an element of its own after the chosen one: what the head says is compared with that, too.
  parser.on('*', { text: (chunk) => void (state.isOver && state.scripts === 0 && found.text(chunk.text, false)) })
  if (until !== undefined) parser.on(within(select, until), { element: () => void (state.depth > 0 && found.mark()) })
  parser.on(within(select, '*'), {
    element(element) {
      // Of the paid part the text alone is read.
      if (!isReading()) return
      const name = element.tagName.toLowerCase()
      const isBlock = BLOCKS.has(name)
      if (isBlock) found.close()
      if (name === 'br') found.text(' ', state.hidden === 0)
      if (VOID.has(name)) return
      const isScript = SCRIPTS.has(name)
      const isHidden = NOT_PROSE.has(name) || hides(element)
      const hasEnd =
        (isBlock || isHidden) &&
        whenEnded(element, () => {
          if (isBlock) found.close()
          if (isHidden) state.hidden -= 1
          if (isScript) state.scripts -= 1
        })
      if (isScript && hasEnd) state.scripts += 1
      if (isHidden && hasEnd) state.hidden += 1
      else if (name === 'p' && !isHidden && state.hidden === 0) found.open()
    },
  })
  if (byline !== undefined) parser.on(byline, { text: (chunk) => found.byline(chunk.text) })
}

/** Calls back at the end of an element. Returns false if it closes itself, as one of a drawing, and so holds nothing. */
function whenEnded(element: ParsedElement, end: () => void): boolean {
  try {
    element.onEndTag(end)
    return true
  } catch {
    return false
  }
}

/** Writes a selector for what lies within the elements of another. */
function within(select: string, inner: string): string {
  const outer = select.split(',').map((one) => one.trim())
  return outer.flatMap((one) => inner.split(',').map((other) => `${one} ${other.trim()}`)).join(', ')
}

const HIDING = /(?:display\s*:\s*none|visibility\s*:\s*hidden)/i

/** Returns true for an element that a browser does not show. */
function hides(element: ParsedElement): boolean {
  if (element.getAttribute('hidden') !== null || element.getAttribute('aria-hidden') === 'true') return true
  return HIDING.test(element.getAttribute('style') ?? '')
}
