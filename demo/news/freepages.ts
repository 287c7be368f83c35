import { html } from 'hono/html'
import { newsPage, PAPER } from './layout.ts'

interface FreePage {
  readonly title: string
  readonly body: unknown
}

const PAGES: Readonly<Record<string, FreePage>> = {
  about: {
    title: 'About us',
    body: html`<p>The Daily Fare reports on a harbour town that does not exist. It exists to be sold: every article, report and line of data on this site stands behind Faregate, a paywall at the edge, and this server knows nothing of it.</p>
<p>Three articles a month are free. After that, a subscription opens everything, and any article can be bought by itself.</p>`,
  },
  terms: {
    title: 'Terms',
    body: html`<p>A subscription renews each month or year until you cancel it, in your account, with effect from the end of the period that is paid. A single article stays open in your browser for thirty days. In this demo nobody pays.</p>
<p lang="de">Ein Abo verlängert sich um einen Monat oder ein Jahr, bis Sie es in Ihrem Konto kündigen; es endet mit dem bezahlten Zeitraum. Ein einzelner Artikel bleibt in Ihrem Browser dreißig Tage lang offen. In dieser Demo zahlt niemand.</p>`,
  },
  privacy: {
    title: 'Privacy',
    body: html`<p>Who reads three articles a month without an account gets a cookie that says which pages were read in this period, as sealed marks. It has no number of its own, is the same for everybody who has read the same pages, and ends with the month.</p>
<p lang="de">Wer ohne Konto liest, bekommt ein Cookie, das versiegelte Zeichen der in diesem Zeitraum gelesenen Seiten enthält. Es hat keine eigene Nummer, ist für alle gleich, die dasselbe gelesen haben, und endet mit dem Monat.</p>`,
  },
  imprint: {
    title: 'Imprint',
    body: html`<p>The Daily Fare, Speicherstraße 40, Sundby. Letterboxes 12 to 16. Neither the street nor the boxes exist.</p>
<p lang="de">The Daily Fare, Speicherstraße 40, Sundby. Briefkästen 12 bis 16. Weder die Straße noch die Kästen gibt es.</p>`,
  },
}

/** A page that anybody may read; undefined if there is none of the name. */
export function freePage(name: string) {
  const found = Object.hasOwn(PAGES, name) ? PAGES[name] : undefined
  if (found === undefined) return undefined
  return plainPage(found.title, found.body, `/free/${name}`)
}

export function plainPage(title: string, body: unknown, path: string) {
  return newsPage({
    title,
    language: 'en',
    description: `${title}: ${PAPER}`,
    path,
    body: html`<article class="plain"><h1>${title}</h1>${body}</article>`,
  })
}

export function missingPage(path: string) {
  const text = html`<p>There is no page at this address. <a href="/">The front page</a> has everything that there is.</p>`
  return plainPage('Not in this paper', text, path)
}
