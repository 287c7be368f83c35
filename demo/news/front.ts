import { html } from 'hono/html'
import type { NewsArticle, NewsLanguage, Section } from './article.ts'
import { ARTICLES } from './articles/index.ts'
import { newsPage } from './layout.ts'
import { teaserOf } from './teaser.ts'
import { NEWS_WORDS } from './words.ts'

const LEADS: Readonly<Record<NewsLanguage, number>> = { en: 1, de: 8 }
const DESKS = {
  en: {
    other: 'Auf Deutsch',
    desks: 'Beside the paper',
    reports: ['Reports', 'Figures of the harbour, sold one at a time: 25 cents, without an account.'],
    api: ['Data', 'Sailings and tides as JSON for developers, by plan.'],
    playground: ['Playground', 'Ask a language model, and see what each word costs.'],
    feed: ['In your feed reader', 'All articles of this paper in your feed reader, for subscribers.'],
  },
  de: {
    other: 'In English',
    desks: 'Neben der Zeitung',
    reports: ['Berichte', 'Zahlen aus dem Hafen, einzeln für 25 Cent und ohne Konto.'],
    api: ['Daten', 'Abfahrten und Gezeiten als JSON, im Tarif für Entwickler.'],
    playground: ['Werkstatt', 'Ein Sprachmodell fragen und sehen, was jedes Wort kostet.'],
    feed: ['Im Feedreader', 'Alle Artikel dieser Zeitung in Ihrem Feedreader, für Abonnenten.'],
  },
} as const

/** The front page: one story, those of its language, and those of the other. */
export function frontPage(language: NewsLanguage) {
  const lead = ARTICLES.filter(({ id }) => id === LEADS[language])
  const rest = newestFirst(ARTICLES.filter((article) => !lead.includes(article)))
  const [own, others] = [
    rest.filter((one) => one.language === language),
    rest.filter((one) => one.language !== language),
  ]
  const words = NEWS_WORDS[language]
  const desks = DESKS[language]
  return newsPage({
    title: 'Front page',
    language,
    description: words.tagline,
    path: language === 'de' ? '/de' : '/',
    isFront: true,
    body: html`${lead.map((one) => teaserOf(one, 2, true))}
<div class="grid">${own.map((one) => teaserOf(one, 2))}</div>
<section class="band" aria-labelledby="other"><h2 id="other" lang="${words.other.language}">${desks.other}</h2><div class="grid">${others.map((one) => teaserOf(one, 3))}</div></section>
<section class="band" aria-labelledby="desks"><h2 id="desks">${desks.desks}</h2><ul class="desks">
${desk('/reports/1', desks.reports)}${desk('/api/sailings', desks.api)}${desk('/feeds/all.xml', desks.feed)}${desk('/playground', desks.playground)}
</ul></section>`,
  })
}

function desk(href: string, [name, text]: readonly [string, string]) {
  return html`<li><h3><a href="${href}">${name}</a></h3><p>${text}</p></li>`
}

export function sectionPage(section: Section, language: NewsLanguage) {
  const words = NEWS_WORDS[language]
  const found = newestFirst(ARTICLES.filter((article) => article.section === section))
  return newsPage({
    title: words.sections[section],
    language,
    description: `${words.sections[section]}: ${words.tagline}`,
    path: `/sections/${section}`,
    body: html`<h1>${words.sections[section]}</h1><div class="grid">${found.map((one) => teaserOf(one, 2))}</div>`,
  })
}

export function newestFirst(articles: readonly NewsArticle[]): readonly NewsArticle[] {
  return articles.toSorted((a, b) => b.published.getTime() - a.published.getTime())
}
