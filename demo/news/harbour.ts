import { html } from 'hono/html'
import { newsPage } from './layout.ts'

const TITLES = ['Freight by quay', 'Ferry passengers', 'Water temperature', 'Berths in use'] as const
const FIGURES = [3, 1, 4, 1, 5, 9] as const
const MONTHS = ['April', 'May', 'June', 'July', 'August', 'September'] as const

/** A report for programs. */
export function reportOf(id: string) {
  return { report: id, title: titleOf(id), figures: FIGURES, months: MONTHS }
}

/** The same report for people: bars of its figures, and the figures. */
export function reportPage(id: string) {
  const title = titleOf(id)
  const most = Math.max(...FIGURES)
  const bars = FIGURES.map(
    (figure, index) =>
      html`<tr><th scope="row">${MONTHS[index] ?? ''}</th><td><svg class="bar" viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true"><rect width="${(figure / most) * 100}" height="10" fill="currentColor"/></svg></td><td class="number">${figure}</td></tr>`,
  )
  return newsPage({
    title: `Report ${id}: ${title}`,
    language: 'en',
    description: `${title} in Sundby, April to September`,
    path: `/reports/${id}`,
    body: html`<article class="report">
<header><p class="section">Harbour reports</p><h1>Report ${id}: ${title}</h1><p class="standfirst">April to September, in thousands, as counted by the harbour office.</p></header>
<table><thead><tr><th scope="col">Month</th><th scope="col"><span class="hidden">Bar</span></th><th scope="col" class="number">Thousands</th></tr></thead><tbody>${bars}</tbody></table>
<p>Programs get the same figures as JSON: <code>Accept: application/json</code>.</p>
</article>`,
  })
}

function titleOf(id: string): string {
  return TITLES[(id.charCodeAt(0) + id.length) % TITLES.length] ?? TITLES[0]
}

/** The day's boats, for the API. */
export function sailings() {
  const boats = ['Anna Lund', 'Seestern', 'Vesterø'] as const
  return {
    pier: 4,
    timeZone: 'Europe/Berlin',
    sailings: ['06:40', '08:10', '12:05', '16:30', '20:45', '00:10'].map((departs, index) => ({
      departs,
      boat: boats[index % boats.length],
      to: index % 2 === 0 ? 'Vesterø' : 'Hallig Norden',
      minutes: index % 2 === 0 ? 35 : 50,
      seats: 96 - index * 7,
    })),
  }
}
