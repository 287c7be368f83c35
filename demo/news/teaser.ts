import { html } from 'hono/html'
import type { NewsArticle } from './article.ts'
import { dayOf, NEWS_WORDS } from './words.ts'

/** An article in a list. `level`: that of its heading. */
export function teaserOf(article: NewsArticle, level: 2 | 3, isLead = false) {
  const { id, language, section, title, standfirst, author, published, minutes, picture } = article
  const words = NEWS_WORDS[language]
  const link = html`<a href="/articles/${id}" hreflang="${language}">${title}</a>`
  return html`<section class="teaser${isLead ? ' lead' : ''}" lang="${language}">
<img src="/images/${picture.name}.svg" alt="" width="1200" height="800"${isLead ? '' : html` loading="lazy"`}>
<div>
<p class="section">${words.sections[section]}</p>
${level === 2 ? html`<h2>${link}</h2>` : html`<h3>${link}</h3>`}
<p>${standfirst}</p>
<p class="byline"><span>${words.by} ${author}</span> <time datetime="${published.toISOString()}">${dayOf(published, language)}</time> <span>${words.minutes(minutes)}</span></p>
</div>
</section>`
}
