/**
 * The page of a problem of the gate's own endpoints, for whoever meets it in a browser. Programs get the problem document.
 */
import { html as markup } from 'hono/html'
import type { Exchange } from '../http/rules/exchange.ts'
import { languageOf } from '../pages/language.ts'
import { pageOf, pagePolicyOf } from '../pages/page.ts'
import type { Pages } from '../pages/pages.ts'
import { wordsOf } from '../pages/words.ts'
import type { EndpointProblem } from './endpointproblem.ts'
import { OWN_WORDS, type OwnWords } from './ownwords.ts'

/** A page and the fields that go with it. */
export interface OwnPage {
  readonly text: string
  readonly fields: Readonly<Record<string, string>>
}

/** Writes the page of a problem. It says what to do next, and no more of the problem than its kind. */
export function ownPage(problem: Pick<EndpointProblem, 'status' | 'remedies'>, asked: Exchange, pages: Pages): OwnPage {
  const language = languageOf(asked.fields, pages)
  const words = wordsOf(OWN_WORDS, pages, language)
  const { own } = words
  const [title, text] = saidOf(problem.status, words)
  const cures = (problem.remedies ?? []).flatMap(({ rel, href }) =>
    rel === 'sign-in' || rel === 'account' || rel === 'support' ? [{ href, words: own[rel] }] : [],
  )
  const [main, ...others] = [...cures, { href: pages.site.home, words: own.home }]
  const body = markup`<h1>${title}</h1>
<p>${text}</p>
${main === undefined ? '' : markup`<p><a class="main" href="${main.href}">${main.words}</a></p>\n`}${
  others.length === 0
    ? ''
    : markup`<ul>${others.map((one) => markup`<li><a href="${one.href}">${one.words}</a></li>`)}</ul>\n`
}<p class="reference">${own.reference} <code>urn:uuid:${asked.id}</code></p>`
  return {
    text: pageOf({ title, body, language }, pages),
    fields: {
      'content-type': 'text/html; charset=utf-8',
      'content-language': language,
      'content-security-policy': pagePolicyOf(pages),
      'referrer-policy': 'same-origin',
    },
  }
}

/** Returns the heading and the sentence for a status. */
function saidOf(status: number, { own }: OwnWords): readonly [string, string] {
  if (status === 404) return [own.nothing, own.nothingText]
  if (status === 401) return [own.signIn, own.signInText]
  if (status === 403) return [own.forbidden, own.forbiddenText]
  if (status === 405) return [own.notThisWay, own.notThisWayText]
  return status >= 500 || status === 429 ? [own.later, own.laterText] : [own.failed, own.failedText]
}
