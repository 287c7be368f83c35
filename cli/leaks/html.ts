/**
 * Reads from HTML what a reader sees, what is there but is not seen, and where it leads.
 */
import { Parser } from 'htmlparser2'

/** A paragraph, a heading, a list item. */
export interface Block {
  readonly text: string
  /** Where it stands: in the article, around it (menus, forms, notes at the end), or neither is marked. */
  readonly place: 'article' | 'around' | 'page'
}

export interface HtmlLink {
  readonly element: string
  readonly rel: readonly string[]
  readonly type: string
  readonly href: string
}

export interface HtmlDocument {
  readonly language: string | undefined
  readonly blocks: readonly Block[]
  /** Scripts, attributes, comments and elements that are hidden. */
  readonly unseen: readonly string[]
  readonly links: readonly HtmlLink[]
  /** The content of `meta`, by its `name` or `property`. */
  readonly metas: ReadonlyMap<string, string>
  /** All classes, and ids of the body. */
  readonly bodyClasses: readonly string[]
  /** `data-key` of scripts: how Ghost tells its own scripts the key of its API. */
  readonly keys: readonly string[]
}

type Attributes = Readonly<Record<string, string>>

const INLINE = new Set(
  'a abbr acronym b bdi bdo big cite code data del dfn em font i ins kbd mark q s samp small span strong sub sup time tt u var wbr'.split(
    ' ',
  ),
)
const AROUND = new Set(['header', 'footer', 'nav', 'aside', 'form', 'dialog', 'menu'])
/** What readers wrote. */
const COMMENTS = /\b(?:comments?|comments?-(?:area|list|body)|respond)\b/
const ARTICLE_CLASS = /\b(?:entry-content|post-content|article-body|gh-content|wp-block-post-content)\b/

interface Level {
  readonly name: string
  readonly isHidden: boolean
  readonly place: Block['place']
}

class Reader {
  readonly blocks: Block[] = []
  readonly unseen: string[] = []
  readonly links: HtmlLink[] = []
  readonly metas = new Map<string, string>()
  readonly keys: string[] = []
  bodyClasses: readonly string[] = []
  language: string | undefined
  readonly #levels: Level[] = [{ name: '', isHidden: false, place: 'page' }]
  #text = ''

  open(name: string, attributes: Attributes): void {
    if (!INLINE.has(name)) this.flush()
    this.#note(name, attributes)
    const above = this.#level()
    const isHidden = above.isHidden || name === 'template' || isHiddenBy(attributes)
    // The text before an element that is hidden within a line is seen.
    if (isHidden && !above.isHidden) this.flush()
    this.#levels.push({ name, isHidden, place: placeOf(name, attributes, above.place) })
  }

  close(name: string): void {
    if (!INLINE.has(name)) this.flush()
    const level = this.#level()
    if (level.isHidden && this.#levels.at(-2)?.isHidden === false) this.flush()
    if (this.#levels.length > 1 && level.name === name) this.#levels.pop()
  }

  write(text: string): void {
    if (this.#level().name !== 'style') this.#text += text
  }

  flush(): void {
    const text = this.#text
    this.#text = ''
    if (text.trim() === '') return
    const { name, isHidden, place } = this.#level()
    if (isHidden || name === 'script') this.unseen.push(text)
    else this.blocks.push({ text: text.replace(/\s+/g, ' ').trim(), place })
  }

  #level(): Level {
    return this.#levels.at(-1) ?? { name: '', isHidden: false, place: 'page' }
  }

  #note(name: string, attributes: Attributes): void {
    const { href, rel = '', type = '', content, class: classes = '', id } = attributes
    if (href !== undefined) this.links.push({ element: name, rel: rel.toLowerCase().split(/\s+/), type, href })
    if (name === 'meta' && content !== undefined) {
      const property = attributes['property'] ?? attributes['name'] ?? attributes['itemprop']
      if (property !== undefined) this.metas.set(property.toLowerCase(), content)
    }
    if (name === 'html') this.language = attributes['lang']
    if (name === 'body') this.bodyClasses = classes.split(/\s+/)
    else if (id !== undefined && /^post-\d+$/.test(id)) this.bodyClasses = [...this.bodyClasses, id]
    const key = attributes['data-key']
    if (name === 'script' && key !== undefined) this.keys.push(key)
    for (const [attribute, value] of Object.entries(attributes))
      if (value.length > 30 && !/^(?:href|src|srcset|class|style|sizes)$/.test(attribute)) this.unseen.push(value)
  }
}

function isHiddenBy(attributes: Attributes): boolean {
  const style = attributes['style'] ?? ''
  return (
    attributes['hidden'] !== undefined ||
    attributes['aria-hidden'] === 'true' ||
    /display\s*:\s*none|visibility\s*:\s*hidden/i.test(style)
  )
}

function placeOf(name: string, attributes: Attributes, above: Block['place']): Block['place'] {
  const { id = '', class: classes = '' } = attributes
  if (AROUND.has(name) || COMMENTS.test(id) || (name !== 'body' && COMMENTS.test(classes))) return 'around'
  const isArticle =
    name === 'article' || name === 'main' || attributes['itemprop'] === 'articleBody' || ARTICLE_CLASS.test(classes)
  return isArticle && above !== 'around' ? 'article' : above
}

/** Reads a document, or a piece of one. */
export function readHtml(html: string): HtmlDocument {
  const reader = new Reader()
  const parser = new Parser(
    {
      onopentag: (name, attributes) => reader.open(name, attributes),
      onclosetag: (name) => reader.close(name),
      ontext: (text) => reader.write(text),
      oncomment: (text) => reader.unseen.push(text),
    },
    { recognizeCDATA: true },
  )
  parser.end(html)
  reader.flush()
  return reader
}
