import { html as markup } from 'hono/html'
import { describeMoney, type MoneyView } from '../core/money.ts'
import { parseInstant } from '../core/instant.ts'
import { dayInWords, durationInWords, instantInWords, moneyInWords } from '../pages/format.ts'
import type { Markup } from '../pages/page.ts'
import { formFor, plainPhrase } from '../pages/words.ts'
import type { Availability, ChargesView, LimitView, ListedCharge } from '../ledger/ledgerview.ts'
import { countInWords } from '../pages/format.ts'
import { wordOfUnit } from '../refusals/saying.ts'
import type { AccountView } from './accountview.ts'
import { type Bar, barsMarkup } from './bars.ts'
import { ACCOUNT_PATH, type AccountLinks } from './links.ts'
import { isRead, type PastView, type SpendDay, type SpendView } from './past.ts'
import { type AmountSpeech, inWords, sayAmount, totalOf } from './saidamounts.ts'
import type { AccountSpeech } from './speech.ts'

/** Writes a part of the page under its heading. */
export function sectionOf(title: string, body: Markup | string): Markup {
  return markup`<section><h2>${title}</h2>
${body}</section>
`
}

/** Says that a fact cannot be read. It is never shown as nothing. */
export function unavailableMarkup({ words }: AccountSpeech): Markup {
  return markup`<p>${words.account.unavailable}</p>\n`
}

/** Writes each limit with its meter, and when it renews. */
export function limitsSection(limits: readonly LimitView[], how: AmountSpeech): Markup | string {
  const { words } = how.speech
  if (limits.length === 0) return ''
  return sectionOf(words.limits.title, markup`${limits.map((limit) => limitMarkup(limit, how))}`)
}

function limitMarkup({ name, quota, unit, from, usage }: LimitView, { speech, refusalWords }: AmountSpeech): Markup {
  const { words, language } = speech
  const title = markup`<h3>${name}</h3>\n${from === 'key' ? markup`<p class="soft">${words.limits.ofKey}</p>\n` : ''}`
  if (!isRead(usage)) return markup`${title}${unavailableMarkup(speech)}`
  const units = { ...refusalWords.units, requests: words.limits.requests }
  const { used, reset } = usage
  const said = plainPhrase(words.limits.used, {
    used: inWords(used, language),
    quota: inWords(quota, language),
    unit: formFor(wordOfUnit(unit, units) ?? unit, quota, language),
  })
  const renews = plainPhrase(words.limits.renews, {
    wait: durationInWords(reset.inSeconds, language),
    resets: instantInWords(reset.seconds, language),
  })
  return markup`${title}<meter min="0" max="${quota}" value="${used}" aria-label="${name}: ${said}"></meter>
<p>${said}<br><small>${renews}</small></p>
`
}

/** Writes the credit, what is owed, and what 30 days took. */
export function creditSection(
  { credit, debt = [], spend }: Pick<AccountView, 'credit' | 'debt'> & PastView,
  how: AmountSpeech,
): Markup {
  const { words, language } = how.speech
  const balances = isRead(credit)
    ? credit.map(
        (one) => markup`<p>${plainPhrase(words.credit.balance, { balance: moneyInWords(one, language) })}</p>\n`,
      )
    : [unavailableMarkup(how.speech)]
  const owed = debt.map(
    (one) => markup`<p>${plainPhrase(words.credit.debt, { debt: moneyInWords(one, language) })}</p>\n`,
  )
  const left = balances.length === 0 ? [markup`<p>${words.credit.empty}</p>\n`] : balances
  return markup`${sectionOf(words.credit.title, markup`${left}${owed}`)}${sectionOf(words.credit.spend, spendMarkup(spend, how))}`
}

function spendMarkup(spend: Availability<SpendView>, how: AmountSpeech): Markup {
  const { words } = how.speech
  if (!isRead(spend)) return unavailableMarkup(how.speech)
  if (spend.days.length === 0) return markup`<p>${words.credit.nothing}</p>\n`
  const currencies = [...new Set(spend.days.flatMap(({ money }) => money.map(({ currency }) => currency)))]
  const charts =
    currencies.length === 0 ? [countChart(spend, how)] : currencies.map((one) => moneyChart(one, spend, how))
  return markup`${charts}<details><summary>${words.credit.table}</summary>
<table><thead><tr><th scope="col">${words.credit.day}</th><th scope="col">${words.credit.charges}</th><th scope="col">${words.credit.amount}</th></tr></thead>
<tbody>${spend.days.map((day) => dayRow(day, how))}</tbody></table></details>
`
}

function dayRow(day: SpendDay, how: AmountSpeech): Markup {
  const { language } = how.speech
  const [first, ...others] = day.money
  const amounts = [
    sayAmount({ counts: day.counts, price: first ?? null }, how),
    ...others.map((one) => moneyInWords(one, language)),
  ]
  return markup`<tr><th scope="row">${dayInWords(secondsOf(day.day), language)}</th><td>${countInWords(day.charges, language)}</td><td>${amounts.join(' · ')}</td></tr>
`
}

function moneyChart(currency: string, spend: SpendView, { speech }: AmountSpeech): Markup {
  const { words, language } = speech
  const amountOn = ({ money }: SpendDay): MoneyView =>
    money.find((one) => one.currency === currency) ?? { amount: '0', currency }
  const amounts = spend.days.map(amountOn)
  const total = moneyInWords(describeMoney({ units: totalOf(amounts), currency }), language)
  const days = countInWords(amounts.filter(({ amount }) => amount !== '0').length, language)
  const bars = barsOf(
    spend,
    (day) => {
      const amount = day === undefined ? { amount: '0', currency } : amountOn(day)
      return { value: Number(amount.amount), label: moneyInWords(amount, language) }
    },
    language,
  )
  return barsMarkup(bars, plainPhrase(words.credit.spent, { total, days }))
}

function countChart(spend: SpendView, { speech }: AmountSpeech): Markup {
  const { words, language } = speech
  const total = spend.days.reduce((sum, { charges }) => sum + charges, 0)
  const days = countInWords(spend.days.filter(({ charges }) => charges > 0).length, language)
  const bars = barsOf(
    spend,
    (day) => {
      const charges = day?.charges ?? 0
      return { value: charges, label: countInWords(charges, language) }
    },
    language,
  )
  return barsMarkup(
    bars,
    plainPhrase(formFor(words.credit.counted, total, language), { total: countInWords(total, language), days }),
  )
}

const DAY_SECONDS = 86_400

/** Returns a bar for each day, also for those without charges. */
function barsOf(
  { from, to, days }: SpendView,
  barOf: (day: SpendDay | undefined) => Bar,
  language: string,
): readonly Bar[] {
  const known = new Map(days.map((one) => [one.day, one]))
  const bars: Bar[] = []
  for (let at = secondsOf(from); at < secondsOf(to); at += DAY_SECONDS) {
    const { value, label } = barOf(known.get(new Date(at * 1000).toISOString().slice(0, 'YYYY-MM-DD'.length)))
    bars.push({ value, label: `${dayInWords(at, language)}: ${label}` })
  }
  return bars
}

function secondsOf(day: string): number {
  return parseInstant(`${day}T00:00:00Z`) ?? 0
}

/** Writes the last charges, each with its reference. */
export function chargesSection(charges: Availability<ChargesView>, { csv }: AccountLinks, how: AmountSpeech): Markup {
  const { words, language } = how.speech
  const { charges: own } = words
  if (!isRead(charges)) return sectionOf(own.title, unavailableMarkup(how.speech))
  const { last, total, unsettled } = charges
  if (total === 0) return sectionOf(own.title, markup`<p>${own.none}</p>\n`)
  const numbers = [
    plainPhrase(formFor(own.total, total, language), { total: countInWords(total, language) }),
    ...(unsettled === 0
      ? []
      : [plainPhrase(formFor(own.unsettled, unsettled, language), { unsettled: countInWords(unsettled, language) })]),
  ]
  const columns = [own.when, own.amount, own.reference].map((name) => markup`<th scope="col">${name}</th>`)
  return sectionOf(
    own.title,
    markup`<p>${numbers.join(' ')}</p>
<table><thead><tr>${columns}</tr></thead>
<tbody>${last.map((charge) => chargeRow(charge, how))}</tbody></table>
${csv === undefined ? '' : markup`<p><a href="${csv}">${own.download}</a></p>\n`}`,
  )
}

function chargeRow(charge: ListedCharge, how: AmountSpeech): Markup {
  const { language, words } = how.speech
  const { id, time, route } = charge
  return markup`<tr><td>${instantInWords(time.seconds, language)}<small>${how.placeOf(String(route ?? ''))}</small></td><td>${sayAmount(charge, how)}<small>${stateInWords(charge, how.speech)}</small></td><td><a href="${ACCOUNT_PATH}?reference=${encodeURIComponent(id)}" aria-label="${words.charges.reference} ${id}"><code>${id.slice(0, SHOWN_CHARACTERS)}</code></a></td></tr>
`
}

/** The beginning of a reference: its link has all of it. */
const SHOWN_CHARACTERS = 8

/** Says what became of a charge. */
export function stateInWords({ state }: Pick<ListedCharge, 'state'>, { words }: AccountSpeech): string {
  const { charges } = words
  return state === 'unsettled' ? charges.unsettledOne : charges[state]
}
