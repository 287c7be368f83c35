import { html, raw } from 'hono/html'
import type { Block, NewsArticle } from './article.ts'
import { ARTICLES } from './articles/index.ts'
import { newsPage, PAPER } from './layout.ts'
import { teaserOf } from './teaser.ts'
import { dayOf, NEWS_WORDS } from './words.ts'

/** An article as its readers get it. What follows the comment is sold; a preview ends there. */
export function articlePage(article: NewsArticle, site: string) {
  const { id, language, section, title, standfirst, author, published, minutes, picture } = article
  const words = NEWS_WORDS[language]
  const others = ARTICLES.filter((other) => other.id !== id)
  const next = [...others.filter((other) => other.language === language), ...others].slice(0, 3)
  return newsPage({
    title,
    language,
    description: standfirst,
    path: `/articles/${id}`,
    head: headOf(article, site),
    body: html`<article>
<header>
<p class="section"><a href="/sections/${section}${language === 'de' ? '/de' : ''}">${words.sections[section]}</a></p>
<h1>${title}</h1>
<p class="standfirst">${standfirst}</p>
<p class="byline"><span class="author" rel="author">${words.by} ${author}</span> <time datetime="${published.toISOString()}">${dayOf(published, language)}</time> <span>${words.minutes(minutes)}</span></p>
</header>
<figure><img src="/images/${picture.name}.svg" alt="${picture.alt}" width="1200" height="800"><figcaption>${picture.caption}</figcaption></figure>
<div class="text">
${article.opening.map((text) => html`<p>${text}</p>\n`)}<!--members-only-->
${article.rest.map(blockOf)}</div>
</article>
<aside class="more" aria-labelledby="more"><h2 id="more">${words.more}</h2><div class="grid">${next.map((other) => teaserOf(other, 3))}</div></aside>`,
  })
}

function blockOf(block: Block) {
  if (typeof block === 'string') return html`<p>${block}</p>\n`
  if ('heading' in block) return html`<h2>${block.heading}</h2>\n`
  return html`<blockquote><p>${block.quote}</p><footer>${block.by}</footer></blockquote>\n`
}

/** What search engines and shared links show: public facts, and no paragraph of the article. */
function headOf({ id, language, title, standfirst, author, published, picture }: NewsArticle, site: string) {
  const url = `${site}/articles/${id}`
  const image = `${site}/images/${picture.name}.svg`
  const facts = {
    '@context': 'https://schema.org',
    '@type': 'NewsArticle',
    headline: title,
    description: standfirst,
    image: [image],
    inLanguage: language,
    datePublished: published.toISOString(),
    author: author.split(' and ').map((name) => ({ '@type': 'Person', name })),
    publisher: { '@type': 'Organization', name: PAPER, logo: { '@type': 'ImageObject', url: `${site}/logo.svg` } },
    mainEntityOfPage: url,
    isAccessibleForFree: false,
  }
  return html`<link rel="canonical" href="${url}">
<meta name="author" content="${author}">
<meta property="og:type" content="article">
<meta property="og:site_name" content="${PAPER}">
<meta property="og:title" content="${title}">
<meta property="og:description" content="${standfirst}">
<meta property="og:url" content="${url}">
<meta property="og:image" content="${image}">
<meta property="og:image:alt" content="${picture.alt}">
<meta property="og:locale" content="${language === 'de' ? 'de_DE' : 'en_GB'}">
<meta property="article:published_time" content="${published.toISOString()}">
<script type="application/ld+json">${raw(JSON.stringify(facts).replaceAll('<', '\\u003c'))}</script>`
}
