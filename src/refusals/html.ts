import { html as markup, raw } from 'hono/html'
import type { ArticleFacts } from '../access/article.ts'
import type { ActionForm, Refusal } from '../core/problem.ts'
import { localText } from '../core/localtext.ts'
import { slot } from '../core/template.ts'
import { prefersHtml } from '../http/accept.ts'
import { languageOf } from '../pages/language.ts'
import { type Markup, markupText, pageOf, pagePolicyOf } from '../pages/page.ts'
import { actionsOf, type PageAction, PASSING_REASONS } from './actions.ts'
import { articleMarkup, headMarkup, paywallMarkup } from './articlemarkup.ts'
import type { RefusedView } from './describe.ts'
import type { RefusalFormat, WrittenFor } from './format.ts'
import { offersMarkup } from './offersmarkup.ts'
import { sayRefusal } from './saying.ts'
import { REFUSAL_WORDS, type Speech, speechFor } from './speech.ts'

/** Options of the page of a refusal. */
export interface HtmlOptions {
  /** True: says to search engines that a page whose public part is shown is not free (`isAccessibleForFree`). */
  readonly markPaywalled?: boolean
}

/**
 * Writes a page for clients that prefer HTML to JSON: the site, what is public of the page, the reason in words, what is on
 * sale and the way to sign in. The same page lets a reader confirm a price to be paid from credit with the cookie. The page
 * that answers a declined prefetch reloads itself once it is shown, and a page of a passing fault after a while.
 *
 * @example
 * ```ts zone
 * refusals: [html()]
 * ```
 */
export function html({ markPaywalled = false }: HtmlOptions = {}): RefusalFormat {
  return {
    name: 'html',
    showsForms: true,
    ...(markPaywalled && { marksPaywalled: true }),
    words: REFUSAL_WORDS.en,
    refreshes: PASSING_REASONS,
    accepts: ({ fields }) => prefersHtml(fields.get('accept')),
    languageOf: ({ fields }, { pages }) => languageOf(fields, pages),
    write: (refused, refusal, _members, how) => ({
      fields: fieldsOf(refusal, how),
      body: refusalPage(refused, refusal, speechFor(how)),
    }),
    article: (article, refused, how) => partsOf(article, refused, speechFor(how), markPaywalled),
  }
}

function fieldsOf({ form, reason }: Refusal, how: WrittenFor): readonly (readonly [string, string])[] {
  const { pages, language } = speechFor(how)
  const sources = {
    forms: form === undefined ? [] : ["'self'"],
    scripts: reason === 'prefetch-declined' ? [`'sha256-${RELOAD_HASH}'`] : [],
    images: ["'self'"],
  }
  return [
    ['Content-Type', 'text/html; charset=utf-8'],
    ['Content-Language', language],
    ['Vary', 'Accept, Accept-Language'],
    // Other sites receive no address; the gate's own origin does, or browsers would send `Origin: null` with a form.
    ['Referrer-Policy', 'same-origin'],
    ['X-Content-Type-Options', 'nosniff'],
    ['Content-Security-Policy', pagePolicyOf(pages, sources)],
  ]
}

/** What is known of the refused page goes into these slots. */
const PARTS = {
  title: slot(4),
  head: raw(slot(5)),
  article: raw(slot(6)),
  level: raw(slot(7)),
  sentences: raw(slot(8)),
}

/** Writes the parts of a page for its slots, in their order. */
function partsOf(
  article: ArticleFacts | undefined,
  refused: RefusedView,
  speech: Speech,
  isMarked: boolean,
): readonly string[] {
  const { heading, sentences } = sayRefusal(refused, speech, { isArticle: article !== undefined })
  const site = localText(speech.pages.site.name, speech.language)
  return [
    markupText(markup`${article?.title ?? heading} – ${site}`),
    markupText(markup`${headMarkup(article)}${isMarked ? paywallMarkup(article) : ''}`),
    markupText(article === undefined ? '' : articleMarkup(article, speech)),
    article?.title === undefined ? '1' : '2',
    markupText(reasonMarkup(sentences)),
  ]
}

/** Writes the page, and escapes every value. Only the page of a declined prefetch has a script. */
function refusalPage(refused: RefusedView, refusal: Refusal, speech: Speech): string {
  const { language, pages, words } = speech
  // Whoever has something to confirm or to open is signed in.
  const isSignedIn = refusal.form !== undefined || refusal.isToReopen === true
  const signIn = isSignedIn ? undefined : refused.remedies.find(({ rel }) => rel === 'sign-in')
  const body = markup`${PARTS.article}<section class="wall">
${wallMarkup(refused, refusal, speech)}</section>
${referenceMarkup(refused, speech)}
${refusal.reason === 'prefetch-declined' ? markup`<script>${raw(RELOAD)}</script>\n` : ''}`
  const links = signIn === undefined ? [] : [{ ...signIn, text: words.actions['sign-in'] }]
  return pageOf({ title: PARTS.title, head: PARTS.head, body, language, links }, pages)
}

/** Writes the reason and its cure. */
function wallMarkup(refused: RefusedView, refusal: Refusal, speech: Speech): Markup {
  const { form, isToReopen, ownRemedy, hint } = refusal
  const { words } = speech
  const hints = ownRemedy === undefined || hint === undefined ? [] : [hint]
  if (form !== undefined)
    return markup`${headingMarkup(form.heading)}${boughtMarkup(refused, form)}${formMarkup(form)}${sentencesMarkup(hints)}${
      ownRemedy === undefined ? '' : linksMarkup([{ ...ownRemedy, text: words.actions.status }])
    }`
  if (isToReopen) {
    const { reopenHeading, reopen, reopenOften } = words['payment-required']
    const why = refused.check === 'charge' ? reopenOften : reopen
    return markup`${headingMarkup(reopenHeading)}${sentencesMarkup([why])}${openMarkup(speech)}`
  }
  const { heading, sentences } = sayRefusal(refused, speech, refusal)
  // The first sentence of what is for sale names the page.
  const said = refused.reason === 'payment-required' ? PARTS.sentences : reasonMarkup(sentences)
  const notes = PASSING_REASONS.has(refused.reason) ? [words.notes.tryingAgain] : []
  return markup`${headingMarkup(heading)}${said}${sentencesMarkup([...hints, ...notes])}${
    refused.reason === 'prefetch-declined' ? openMarkup(speech) : curesMarkup(refused, speech)
  }`
}

/** Writes what cures the refusal. */
function curesMarkup(refused: RefusedView, speech: Speech): Markup {
  const { offers = [] } = refused
  const isSold = offers.some(({ href }) => href !== undefined)
  const { main, signIn, others } = actionsOf(refused, speech, isSold)
  const { notes } = speech.words
  return markup`${main === undefined ? '' : markup`<p>${linkMarkup(main, 'main')}</p>\n`}${
    offers.length === 0 ? '' : offersMarkup(offers, speech, main === undefined)
  }${signIn === undefined ? '' : markup`<p>${notes.signIn} ${linkMarkup(signIn)}</p>\n`}${linksMarkup(others)}${
    isSold ? markup`<p class="soft">${notes.comeBack}</p>\n` : ''
  }`
}

function linksMarkup(links: readonly PageAction[]): Markup | string {
  if (links.length === 0) return ''
  return markup`<ul class="links">${links.map((link) => markup`<li>${linkMarkup(link)}</li>`)}</ul>\n`
}

/** Writes the reason as one paragraph. */
function reasonMarkup(sentences: readonly string[]): Markup {
  return sentencesMarkup([sentences.join(' ')])
}

function headingMarkup(heading: string): Markup {
  return markup`<h${PARTS.level}>${heading}</h${PARTS.level}>\n`
}

function sentencesMarkup(sentences: readonly string[]): Markup {
  return markup`${sentences.map((sentence) => markup`<p>${sentence}</p>\n`)}`
}

/** Writes the link to the refused page itself. */
function openMarkup({ words }: Speech): Markup {
  return markup`<p>${linkMarkup({ href: '', text: words.actions.open }, 'main')}</p>\n`
}

function linkMarkup({ href, rel, text }: PageAction, style?: 'main'): Markup {
  return markup`<a${style === undefined ? '' : markup` class="${style}"`} href="${href}"${rel === undefined ? '' : markup` rel="${rel}"`}>${text}</a>`
}

/** Writes what support is told, and where the reason is explained. */
function referenceMarkup({ type, instance, reference }: RefusedView, { words }: Speech): Markup {
  const { notes, actions } = words
  const help = type.startsWith('urn:') ? '' : markup` <a href="${type}" rel="help">${actions.help}</a>`
  return markup`<p class="reference">${notes.reference} <code>${reference ?? instance}</code>${
    reference === undefined ? '' : ` · ${instance}`
  }${help}</p>`
}

/** Says what a form opens: the title of the page, or of what is on sale, or the address. */
function boughtMarkup({ offer }: RefusedView, { hidden, subject }: ActionForm): Markup | '' {
  const named = [
    subject ?? offer?.title ?? hidden['target'],
    subject === undefined ? offer?.description : undefined,
  ].filter((part) => part !== undefined)
  return named.length === 0 ? '' : markup`<p><strong>${named.join(' · ')}</strong></p>\n`
}

/** Writes a form with the sentence before its button and the note after it. */
function formMarkup({ action, hidden, text, button, note }: ActionForm): Markup {
  return markup`<p>${text.map((part, index) => (index % 2 === 0 ? part : markup`<strong>${part}</strong>`))}</p>
<form method="post" action="${action}">
${Object.entries(hidden).map(([name, value]) => markup`<input type="hidden" name="${name}" value="${value}">`)}
<button class="main">${button}</button>
</form>
<p class="soft">${note}</p>
`
}

/**
 * Reloads a page that was fetched ahead once it is shown: prerendered (Chromium), hidden, or kept in a cache until then. The
 * script does not act on a reload, so it runs once.
 */
const RELOAD = `(()=>{const again=()=>{if(performance.getEntriesByType('navigation')[0]?.type!=='reload')location.reload()};
if(document.prerendering)document.addEventListener('prerenderingchange',again,{once:true});
else if(document.visibilityState==='visible')again();
else document.addEventListener('visibilitychange',again,{once:true})})()`
/** The SHA-256 of the script for the policy (CSP3 §2.3.1): no other script runs. */
const RELOAD_HASH = 'FZpqrnlM2cmcr+PGnz/0YIH4UgieR4T36dUZGj4g08U='
