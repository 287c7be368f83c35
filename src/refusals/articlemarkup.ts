import { html as markup, raw } from 'hono/html'
import type { ArticleFacts } from '../access/article.ts'
import { dayInWords } from '../pages/format.ts'
import { parseInstant } from '../core/instant.ts'
import { directionOf } from '../pages/language.ts'
import type { Markup } from '../pages/page.ts'
import type { Speech } from './speech.ts'

/** Writes what the head of a refusal says of the page. */
export function headMarkup(article: ArticleFacts | undefined): Markup | string {
  const description = article?.description
  return description === undefined ? '' : markup`<meta name="description" content="${description}">\n`
}

/** Tells search engines that the page is for those who pay, and which part of it stands for the rest. Data, no script. */
export function paywallMarkup(article: ArticleFacts | undefined): Markup | string {
  if (article === undefined) return ''
  const { title, byline, published } = article
  const facts = {
    '@context': 'https://schema.org',
    '@type': 'NewsArticle',
    headline: title,
    author: byline === undefined ? undefined : { '@type': 'Person', name: byline },
    datePublished: published,
    isAccessibleForFree: false,
    hasPart: { '@type': 'WebPageElement', isAccessibleForFree: false, cssSelector: '.wall' },
  }
  const json = JSON.stringify(facts).replaceAll('<', String.raw`\u003c`)
  return markup`<script type="application/ld+json">${raw(json)}</script>\n`
}

/** Writes the public facts of a page as the beginning of an article. */
export function articleMarkup(
  { title, byline, published, image, language, paragraphs, description }: ArticleFacts,
  speech: Speech,
): Markup {
  const shown = paragraphs.length > 0 || description === undefined ? paragraphs : [description]
  const tagged =
    language === undefined || language === speech.language
      ? ''
      : markup` lang="${language}" dir="${directionOf(language)}"`
  return markup`<article${tagged}>
${title === undefined ? '' : markup`<h1>${title}</h1>\n`}${bylineMarkup(byline, published, speech)}${imageMarkup(image, speech)}${
  shown.length === 0
    ? ''
    : markup`<div class="teaser">${shown.map((paragraph) => markup`<p>${paragraph}</p>\n`)}</div>\n`
}</article>
`
}

function bylineMarkup(
  byline: string | undefined,
  published: string | undefined,
  { language }: Speech,
): Markup | string {
  const at = published === undefined ? undefined : parseInstant(published)
  if (byline === undefined && at === undefined) return ''
  const day = at === undefined ? '' : markup`<time datetime="${published ?? ''}">${dayInWords(at, language)}</time>`
  return markup`<p class="byline">${byline ?? ''}${byline === undefined || at === undefined ? '' : ' · '}${day}</p>\n`
}

/** Shows a picture of the site's own: the policy of a page allows no other. */
function imageMarkup(image: ArticleFacts['image'], { hosts }: Speech): Markup | string {
  const path = image === undefined ? undefined : pathOnSite(image.url, hosts)
  return path === undefined ? '' : markup`<img src="${path}" alt="${image?.alt ?? ''}">\n`
}

/** Returns the path of a picture; undefined if it lies on another site. Open Graph has absolute URLs. */
function pathOnSite(url: string, hosts: readonly string[]): string | undefined {
  const absolute = URL.parse(url)
  const path = absolute !== null && hosts.includes(absolute.hostname) ? `${absolute.pathname}${absolute.search}` : url
  return /^\/(?![/\\])/.test(path) ? path : undefined
}
