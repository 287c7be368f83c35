import type { Block, NewsArticle } from './article.ts'
import { ARTICLES } from './articles/index.ts'
import { newestFirst } from './front.ts'
import { PAPER } from './layout.ts'

/** The paper as RSS: what anybody may read, or everything. */
export function feedOf(site: string, path: string, isWhole: boolean): string {
  const items = newestFirst(ARTICLES).map((article) => itemOf(article, site, isWhole))
  return `<?xml version="1.0" encoding="utf-8"?>
<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom" xmlns:content="http://purl.org/rss/1.0/modules/content/">
<channel>
<title>${PAPER}</title>
<link>${site}/</link>
<description>News of the harbour town</description>
<atom:link href="${site}${path}" rel="self" type="application/rss+xml"/>
${items.join('\n')}
</channel>
</rss>
`
}

function itemOf(article: NewsArticle, site: string, isWhole: boolean): string {
  const { id, title, standfirst, published } = article
  const url = `${site}/articles/${id}`
  const whole = isWhole ? `<content:encoded>${escaped(wholeOf(article))}</content:encoded>` : ''
  return `<item><title>${escaped(title)}</title><link>${url}</link><guid>${url}</guid><pubDate>${published.toUTCString()}</pubDate><description>${escaped(standfirst)}</description>${whole}</item>`
}

function wholeOf({ opening, rest }: NewsArticle): string {
  return [...opening, ...rest].map(textOf).join('')
}

function textOf(block: Block): string {
  if (typeof block === 'string') return `<p>${escaped(block)}</p>`
  return 'heading' in block ? `<h2>${escaped(block.heading)}</h2>` : `<blockquote>${escaped(block.quote)}</blockquote>`
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}
