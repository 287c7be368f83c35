/**
 * Writes the account as a page: without a script, from the same object that programs are answered.
 */
import { html as markup } from 'hono/html'
import type { Exchange } from '../http/rules/exchange.ts'
import { instantInWords } from '../pages/format.ts'
import { languageOf } from '../pages/language.ts'
import type { Markup } from '../pages/page.ts'
import { NOT_STORED } from '../refusals/endpointproblem.ts'
import { remedyLabel } from '../refusals/actions.ts'
import { sayRefusal } from '../refusals/saying.ts'
import { speechFor } from '../refusals/speech.ts'
import type { Zone } from '../zone.ts'
import type { AccountAnswer } from './accountanswer.ts'
import type { ReceiptView, StandingView } from './accountview.ts'
import { accountDocument } from './document.ts'
import { ACCOUNT_PATH } from './links.ts'
import { chargesSection, creditSection, limitsSection } from './sections.ts'
import { feedsSection, keysSection, purchasesSection, referenceSection } from './moresections.ts'
import { placeInWords } from './place.ts'
import { type AccountSpeech, accountSpeech } from './speech.ts'

/** The request that a page is written for. */
export interface PageContext {
  readonly exchange: Exchange
  readonly zone: Zone
  /** True if the account is that of a pasted key. */
  readonly isPasted: boolean
  /** Milliseconds since 1970. */
  readonly now: number
}

/** Answers the page of an account. */
export function answerAccountPage(facts: AccountAnswer, context: PageContext): Response {
  const { exchange, zone, isPasted } = context
  const speech = accountSpeech(zone.pages, languageOf(exchange.fields, zone.pages))
  const { words } = speech
  const { account, receipt, links } = facts
  const refusalWords = speechFor({ zone, language: speech.language }).words
  const counters = account?.limits.filter(({ name, unit }) => name !== unit) ?? []
  const placeOf = (route: string): string => placeInWords(route, zone, speech.language)
  const sayUnits = { speech, refusalWords, limitNames: new Set(counters.map(({ name }) => name)), placeOf }
  const body = markup`<h1>${words.account.title}</h1>
${isPasted ? pastedMarkup(speech) : ''}${
  account === undefined
    ? ''
    : markup`${standingMarkup(account.standing, zone, speech)}${identityMarkup(account, speech)}${limitsSection(account.limits, sayUnits)}${creditSection(account, sayUnits)}${chargesSection(account.charges, links, sayUnits)}${referenceSection(facts.reference, sayUnits)}${keysSection(account.keys, speech)}${feedsSection(account.feeds, links, speech)}`
}${receipt === undefined ? '' : receiptMarkup(receipt, zone, speech)}${linksMarkup(links, speech)}
<p class="reference">${words.account.reference} <code>${facts.instance}</code></p>`
  const signOut = links.signOut === undefined ? [] : [{ href: links.signOut, text: words.links['sign-out'] }]
  const { fields, page } = accountDocument(words.account.title, body, speech, signOut)
  return new Response(page, { headers: { ...NOT_STORED, ...fields } })
}

function pastedMarkup({ words }: AccountSpeech): Markup {
  return markup`<div class="notice"><p>${words.account.pasted}</p>
<form method="post" action="${ACCOUNT_PATH}"><input type="hidden" name="forget" value="1"><button class="other">${words.account.forget}</button></form></div>
`
}

/** Writes how the account stands, and what cures it. An account that stands well is told so in one word. */
function standingMarkup(standing: StandingView, zone: Zone, speech: AccountSpeech): Markup | string {
  const { reason, remedies = [] } = standing
  if (reason === undefined) return ''
  const how = speechFor({ zone, language: speech.language })
  const { heading, sentences } = sayRefusal({ ...standing, reason }, how)
  const [main, ...others] = remedies.filter(({ rel }) => rel !== 'help' && rel !== 'account')
  return markup`<section class="notice"><h2>${heading}</h2>
${sentences.map((sentence) => markup`<p>${sentence}</p>\n`)}${
  main === undefined ? '' : markup`<p><a class="main" href="${main.href}">${remedyLabel(main, reason, how)}</a></p>\n`
}${others.map((one) => markup`<p><a href="${one.href}">${remedyLabel(one, reason, how)}</a></p>\n`)}</section>
`
}

function identityMarkup(
  { id, plan, entitlements, standing, token }: NonNullable<AccountAnswer['account']>,
  { words, language }: AccountSpeech,
): Markup {
  const { account } = words
  const state = standing.state === 'active' ? account.active : standing.state === 'unavailable' ? account.unknown : ''
  return markup`<dl>
<dt>${account.account}</dt><dd>${id}</dd>
${plan === null ? '' : markup`<dt>${account.plan}</dt><dd>${plan}</dd>\n`}${
  entitlements.length === 0 ? '' : markup`<dt>${account.opens}</dt><dd>${entitlements.join(', ')}</dd>\n`
}${state === '' ? '' : markup`<dt>${account.standing}</dt><dd>${state}</dd>\n`}<dt>${account.ends}</dt><dd>${instantInWords(token.expires.seconds, language)}</dd>
</dl>
`
}

function receiptMarkup(receipt: ReceiptView, zone: Zone, speech: AccountSpeech): Markup {
  return markup`${standingMarkup(receipt.standing, zone, speech)}${purchasesSection(receipt, speech, (route) => placeInWords(route, zone, speech.language))}`
}

function linksMarkup({ portal, support }: AccountAnswer['links'], { words }: AccountSpeech): Markup | string {
  const shown = [
    [portal, words.links.portal],
    [support, words.links.support],
  ] as const
  const links = shown.flatMap(([href, text]) =>
    href === undefined ? [] : [markup`<li><a href="${href}">${text}</a></li>`],
  )
  return links.length === 0 ? '' : markup`<ul class="links">${links}</ul>`
}
