import { html as markup } from 'hono/html'
import { accountDocument } from '../account/document.ts'
import { ACCOUNT_PATH } from '../account/links.ts'
import type { Exchange } from '../http/rules/exchange.ts'
import type { UrlParameter } from '../http/rules/parameter.ts'
import type { IssuedCredential } from '../ledger/rules/credentials.ts'
import { dayInWords } from '../pages/format.ts'
import { languageOf } from '../pages/language.ts'
import type { Markup } from '../pages/page.ts'
import { plainPhrase, wordsOf } from '../pages/words.ts'
import { type EndpointProblem, NOT_STORED } from '../refusals/endpointproblem.ts'
import type { Zone } from '../zone.ts'
import { FEED_WORDS, type FeedWords } from './words.ts'

export const FEEDS_PATH = '/__faregate/feeds'

/** What the page of an account's feeds shows. */
export interface FeedPage {
  readonly feeds: readonly IssuedCredential[]
  /** Where feeds can be. */
  readonly parameters: readonly UrlParameter[]
  /** The URL that was just made. */
  readonly url?: string | undefined
  /** Why an order of the page was not carried out. */
  readonly problem?: EndpointProblem
}

type Said = FeedWords['my-feeds']

/** Answers the page on which owners make, replace and remove their feeds. `cookie`: one that is set with it. */
export function answerFeedPage(shown: FeedPage, exchange: Exchange, { pages }: Zone, cookie?: string): Response {
  const language = languageOf(exchange.fields, pages)
  const said = wordsOf(FEED_WORDS, pages, language)['my-feeds']
  const { feeds, parameters, url, problem } = shown
  const wanted = new URLSearchParams(exchange.target.query).get('path') ?? ''
  const body = markup`<h1>${said.title}</h1>
<p>${said.intro}</p>
${problem === undefined ? '' : markup`<p class="notice" role="alert">${problemInWords(problem, said)}</p>\n`}${
  url === undefined ? '' : madeMarkup(url, said)
}${feeds.length === 0 ? markup`<p>${said.none}</p>\n` : feeds.map((feed) => feedMarkup(feed, said, language))}${makeMarkup(parameters, wanted, said)}`
  const { fields, page } = accountDocument(said.title, body, { pages, language }, [
    { href: ACCOUNT_PATH, text: said.account },
  ])
  const headers = new Headers({ ...NOT_STORED, ...fields, vary: 'Accept, Accept-Language, Authorization, Cookie' })
  if (cookie !== undefined) headers.set('set-cookie', cookie)
  return new Response(page, { status: problem?.status ?? 200, headers })
}

function problemInWords({ status }: EndpointProblem, said: Said): string {
  if (status === 400) return said.badOrder
  if (status === 404) return said.gone
  return status === 409 ? said.tooMany : said.later
}

function madeMarkup(url: string, said: Said): Markup {
  return markup`<section class="notice" role="status"><p>${said.made}</p>
<p><label for="url">${said.address}</label><input id="url" dir="ltr" readonly value="${url}"></p></section>
`
}

function feedMarkup(feed: IssuedCredential, said: Said, language: string): Markup {
  const { id, name, path = '', lastUsedDay, isDisabled = false } = feed
  const used =
    lastUsedDay === undefined ? said.unused : plainPhrase(said.used, { day: dayInWords(lastUsedDay * DAY, language) })
  return markup`<section class="row"><h2>${name}</h2>
<p><bdi dir="ltr">${path}</bdi><br><small>${isDisabled ? `${said.off} · ` : ''}${used}</small></p>
${orderMarkup('rotate', id, said.rotate, name)}${orderMarkup('remove', id, said.remove, name)}
<p class="soft">${said.rotateNote}</p></section>
`
}

/** The seconds of a day. */
const DAY = 86_400

function orderMarkup(action: 'rotate' | 'remove', id: string, words: string, name: string): Markup {
  return markup`<form method="post" action="${FEEDS_PATH}"><input type="hidden" name="action" value="${action}"><input type="hidden" name="id" value="${id}"><button class="main other" aria-label="${words}: ${name}">${words}</button></form>
`
}

/** Writes the form that makes a feed. The page of the feed is chosen from a list if each route has one page. */
function makeMarkup(parameters: readonly UrlParameter[], wanted: string, said: Said): Markup {
  const routes = parameters.map(({ route }) => route)
  const field = routes.some((route) => /[*:]/.test(route))
    ? markup`<input id="path" name="path" dir="ltr" value="${wanted || beginningOf(routes[0] ?? '/')}" required>`
    : markup`<select id="path" name="path">${routes.map((route) => markup`<option>${route}</option>`)}</select>`
  return markup`<section><h2>${said.make}</h2>
<form method="post" action="${FEEDS_PATH}"><input type="hidden" name="action" value="create">
<p><label for="name">${said.name}</label><input id="name" name="name" maxlength="100" required></p>
<p><label for="path">${said.page}</label>${field}</p>
<p><button class="main">${said.create}</button></p></form></section>
`
}

/** Returns the part of a pattern before what varies. */
function beginningOf(route: string): string {
  return route.split(/[*:]/, 1)[0] ?? ''
}
