import { html } from 'hono/html'
import type { NewsLanguage } from './article.ts'
import { NEWS_WORDS } from './words.ts'

export const PAPER = 'The Daily Fare'

interface NewsPage {
  readonly title: string
  readonly language: NewsLanguage
  readonly description: string
  readonly body: unknown
  readonly head?: unknown
  /** True for the front page, whose name is the heading. */
  readonly isFront?: boolean
  /** Where one comes back to from signing in. */
  readonly path: string
}

/** A page of the paper. What is interpolated into `html` is escaped. */
export function newsPage({ title, language, description, body, head, isFront = false, path }: NewsPage) {
  const words = NEWS_WORDS[language]
  const home = language === 'de' ? '/de' : '/'
  const name = html`<a class="name" href="${home}" lang="en">${PAPER}</a>`
  return html`<!doctype html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${isFront ? PAPER : `${title} · ${PAPER}`}</title>
<meta name="description" content="${description}">
<link rel="icon" href="/logo.svg" type="image/svg+xml">
<link rel="stylesheet" href="/news.css">
<link rel="alternate" type="application/rss+xml" title="${PAPER}" href="/rss.xml">
${head}
</head>
<body>
<a class="skip" href="#content">${words.skip}</a>
<header class="masthead">
<p class="corner"><a href="${words.other.href}" lang="${words.other.language}" hreflang="${words.other.language}">${words.other.label}</a></p>
${isFront ? html`<h1 class="title">${name}</h1>` : html`<p class="title">${name}</p>`}
<p class="corner end"><a href="/__faregate/sign-in?to=${encodeURIComponent(path)}">${words.signIn}</a> <a href="/__faregate/account">${words.account}</a></p>
<p class="tagline">${words.tagline}</p>
<nav aria-label="${words.navigation}"><ul>${Object.entries(words.sections).map(
    ([key, label]) => html`<li><a href="/sections/${key}${language === 'de' ? '/de' : ''}">${label}</a></li>`,
  )}</ul></nav>
</header>
<main id="content">
${body}
</main>
<footer>
<p><a href="/free/about">${words.about}</a> ${words.legal.map(([href, label]) => html`<a href="${href}">${label}</a> `)}<a href="/rss.xml">RSS</a></p>
<p>Sundby, and everybody in it, is invented. This paper is the demo of a paywall.</p>
</footer>
</body>
</html>
`
}
