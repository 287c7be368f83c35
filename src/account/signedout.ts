/**
 * The account page of whoever is not identified: how to sign in, or to look at the account of an API key.
 */
import { html as markup } from 'hono/html'
import type { Refusal } from '../core/problem.ts'
import type { Remedy } from '../core/remedy.ts'
import type { EndpointRequest } from '../endpoints/endpoint.ts'
import { languageOf } from '../pages/language.ts'
import type { Markup } from '../pages/page.ts'
import { phrase } from '../pages/words.ts'
import { describeRefusal, requestRefOf } from '../refusals/describe.ts'
import type { EndpointProblem } from '../refusals/endpointproblem.ts'
import type { Site } from '../site.ts'
import { sayRefusal } from '../refusals/saying.ts'
import { speechFor } from '../refusals/speech.ts'
import { ACCOUNT_PATH } from './links.ts'
import { accountDocument } from './document.ts'
import { type AccountSpeech, accountSpeech } from './speech.ts'

interface SignedOutContext {
  readonly asked: EndpointRequest
  /** True if another site has led here, so that the cookie says nothing. */
  readonly isElsewhere: boolean
}

/** Returns the problem as a page. `why`: the refusal of the credential; undefined if there was none. */
export function signedOutPage(
  problem: EndpointProblem,
  why: Refusal | undefined,
  { asked: { exchange, site }, isElsewhere }: SignedOutContext,
): EndpointProblem {
  const speech = accountSpeech(site.zone.pages, languageOf(exchange.fields, site.zone.pages))
  const words = speech.words['signed-out']
  const ref = requestRefOf(exchange)
  const refused = why && describeRefusal(why, ref, site.zone, undefined, { language: speech.language })
  const said = refused && sayRefusal(refused, speechFor({ zone: site.zone, language: speech.language }), why)
  const title = said?.heading ?? words.title
  const signIn = problem.remedies?.find(({ rel }) => rel === 'sign-in')
  const body = markup`<h1>${title}</h1>
${(said?.sentences ?? [isElsewhere ? words.elsewhere : words.text]).map((one) => markup`<p>${one}</p>\n`)}
${mainMarkup(isElsewhere ? { href: ACCOUNT_PATH, title: words.show } : signIn && { ...signIn, title: words['sign-in'] }, speech)}
${site.zone.gateKeys === undefined || !hasKeys(site) ? '' : keyMarkup(speech)}
<p class="reference">${speech.words.account.reference} <code>${ref.id}</code></p>`
  return withPage(problem, title, body, speech)
}

/** Returns the page after a key was pasted that opens no account. */
export function pastedInVain({ exchange, site }: EndpointRequest, why: Refusal | undefined): EndpointProblem {
  const speech = accountSpeech(site.zone.pages, languageOf(exchange.fields, site.zone.pages))
  const words = speech.words['signed-out']
  const isLate = why?.reason.endsWith('-unavailable') === true
  const text = isLate ? words.late : words.bad
  const body = markup`<h1>${text}</h1>\n${keyMarkup(speech)}
<p class="reference">${speech.words.account.reference} <code>${exchange.id}</code></p>`
  const facts = { title: text, detail: text, ...(why && { reason: why.reason, check: why.check }) }
  return withPage({ status: isLate ? 503 : 401, ...facts }, text, body, speech)
}

/** Returns true if accounts of the site have API keys. */
function hasKeys({ rails }: Site): boolean {
  return rails.some(({ name }) => name === 'keys')
}

function withPage(problem: EndpointProblem, title: string, body: Markup, speech: AccountSpeech): EndpointProblem {
  const { fields, page } = accountDocument(title, body, speech)
  return { ...problem, fields: { ...problem.fields, ...fields }, page }
}

function mainMarkup(link: Pick<Remedy, 'href' | 'title'> | undefined, { words, pages }: AccountSpeech): Markup {
  const { href, title } = link ?? { href: pages.site.home, title: words['signed-out'].home }
  return markup`<p><a class="main" href="${href}">${title}</a></p>`
}

function keyMarkup({ words }: AccountSpeech): Markup {
  const own = words['signed-out']
  return markup`<section>
<h2>${own.key}</h2>
<form method="post" action="${ACCOUNT_PATH}">
<p><label for="key">${own.label}</label><input id="key" name="key" type="password" autocomplete="off" required></p>
<p><button class="main other">${own['show-key']}</button></p>
</form>
<p class="soft">${phrase(own.note)}</p>
</section>`
}
