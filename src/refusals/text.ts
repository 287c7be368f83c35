import type { ArticleFacts } from '../access/article.ts'
import type { Refusal } from '../core/problem.ts'
import { slot } from '../core/template.ts'
import { prefersType } from '../http/accept.ts'
import { languageOf } from '../pages/language.ts'
import { actionsOf } from './actions.ts'
import type { RefusedView } from './describe.ts'
import type { RefusalFormat } from './format.ts'
import { sayOffer } from './sayoffer.ts'
import { sayRefusal } from './saying.ts'
import { REFUSAL_WORDS, type Speech, speechFor } from './speech.ts'

/**
 * Writes a few lines of plain text for clients that ask for `text/plain` rather than a page or JSON: what the page of `html()`
 * says, and its links.
 *
 * @example
 * ```ts zone
 * refusals: [html(), plainText()]
 * ```
 */
export function plainText(): RefusalFormat {
  return linesIn(PLAIN)
}

/**
 * Writes the same lines for clients that ask for `text/markdown`.
 *
 * @example
 * ```ts zone
 * refusals: [html(), markdown()]
 * ```
 */
export function markdown(): RefusalFormat {
  return linesIn(MARKDOWN)
}

/** How the lines of a media type are written. */
interface TextStyle {
  readonly name: string
  readonly type: string
  readonly escape: (text: string) => string
  readonly heading: (text: string) => string
  readonly link: (text: string, href: string) => string
}

const PLAIN: TextStyle = {
  name: 'plain-text',
  type: 'text/plain',
  escape: (value) => value,
  heading: (value) => value,
  link: (label, href) => `${label}: ${href}`,
}

const MARKDOWN: TextStyle = {
  name: 'markdown',
  type: 'text/markdown',
  escape: (value) => value.replaceAll(/[\\`*_{}[\]()<>#+!|~&-]/g, '\\$&'),
  heading: (value) => `# ${value}`,
  link: (label, href) => `[${label}](<${href}>)`,
}

function linesIn(style: TextStyle): RefusalFormat {
  return {
    name: style.name,
    words: REFUSAL_WORDS.en,
    accepts: ({ fields }) => prefersType(fields.get('accept'), style.type),
    languageOf: ({ fields }, { pages }) => languageOf(fields, pages),
    write: (refused, refusal, _members, how) => ({
      fields: [
        ['Content-Type', `${style.type}; charset=utf-8`],
        ['Content-Language', how.language],
        ['Vary', 'Accept, Accept-Language'],
        ['X-Content-Type-Options', 'nosniff'],
      ],
      body: textOf(refused, refusal, speechFor(how), style),
    }),
    article: (article, refused, how) => [
      articleText(article, style),
      sayRefusal(refused, speechFor(how), { isArticle: article !== undefined })
        .sentences.map(style.escape)
        .join(' '),
    ],
  }
}

function textOf(refused: RefusedView, refusal: Refusal, speech: Speech, style: TextStyle): string {
  const { escape, heading, link } = style
  const said = sayRefusal(refused, speech, refusal)
  const offers = refused.offers ?? []
  const { main, signIn, others } = actionsOf(refused, speech, false)
  const links = [main, signIn, ...others].filter((one) => one !== undefined && one.href !== '')
  const sentences = refused.reason === 'payment-required' ? slot(5) : said.sentences.map(escape).join(' ')
  return [
    `${slot(4)}${heading(escape(said.heading))}`,
    '',
    sentences,
    '',
    ...offers.map((offer) => {
      const { title, price, every, terms } = sayOffer(offer, speech)
      return `- ${escape(`${title}: ${[price, every].filter(Boolean).join(' ')}. ${terms.join(' ')}`)}`
    }),
    ...links.flatMap((one) => (one === undefined ? [] : [`- ${link(escape(one.text), one.href)}`])),
    '',
    `${speech.words.notes.reference} ${refused.instance} (${refused.status} ${refused.reason})`,
    '',
  ].join('\n')
}

function articleText(article: ArticleFacts | undefined, { escape, heading }: TextStyle): string {
  if (article === undefined) return ''
  const { title, byline, paragraphs } = article
  const parts = [title && heading(escape(title)), byline && escape(byline), ...paragraphs.map(escape)]
  return parts.flatMap((part) => (part === undefined || part === '' ? [] : [`${part}\n\n`])).join('')
}
