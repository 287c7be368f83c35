import { html as markup } from 'hono/html'
import { parseInstant } from '../core/instant.ts'
import type { Availability } from '../ledger/ledgerview.ts'
import { dayInWords, instantInWords } from '../pages/format.ts'
import type { Markup } from '../pages/page.ts'
import { formFor, plainPhrase } from '../pages/words.ts'
import type { ReceiptView } from './accountview.ts'
import { ACCOUNT_PATH, type AccountLinks } from './links.ts'
import { type IssuedView, isRead } from './past.ts'
import type { ReferenceAnswer } from './referenced.ts'
import { type AmountSpeech, sayAmount } from './saidamounts.ts'
import { sectionOf, stateInWords, unavailableMarkup } from './sections.ts'
import type { AccountSpeech } from './speech.ts'

/** Writes the box in which a reference is looked up, and what was found. */
export function referenceSection(found: ReferenceAnswer | undefined, how: AmountSpeech): Markup {
  const { reference } = how.speech.words
  const answer =
    found === undefined
      ? ''
      : markup`<div class="notice" role="status">${referenceSentences(found, how).map((one) => markup`<p>${one}</p>`)}</div>\n`
  return sectionOf(
    reference.title,
    markup`${answer}<form method="get" action="${ACCOUNT_PATH}">
<p><label for="reference">${reference.label}</label><input id="reference" name="reference" autocomplete="off" required></p>
<p><button class="main other">${reference.button}</button></p>
</form>
`,
  )
}

function referenceSentences(found: ReferenceAnswer, how: AmountSpeech): readonly string[] {
  const { words, language } = how.speech
  const own = words.reference
  if (found.kind === 'charge') {
    const { id, time, route, kept } = found.charge
    const values = {
      when: instantInWords(time.seconds, language),
      what: how.placeOf(String(route ?? '')),
      amount: sayAmount(kept, how),
      state: stateInWords(found.charge, how.speech),
    }
    return [plainPhrase(own.charge, values), id]
  }
  if (found.kind === 'refusal') {
    const said = plainPhrase(own.refusal, {
      when: instantInWords(found.time.seconds, language),
      what: how.placeOf(found.route ?? ''),
    })
    const why = headingOf(found.reason, how) ?? found.title
    return [said, ...(why === null ? [] : [plainPhrase(own.why, { why })])]
  }
  return [{ unknown: own.unknown, unavailable: own.unavailable, 'too-soon': own.soon }[found.kind]]
}

/** Returns the heading that the page of a refusal has, if that has no numbers. */
function headingOf(reason: string | null, { refusalWords }: AmountSpeech): string | undefined {
  const groups: Readonly<Record<string, Readonly<Record<string, string>>>> = refusalWords
  const { heading, headingAlone = heading } = groups[reason ?? ''] ?? {}
  return headingAlone?.includes('{') === true ? undefined : headingAlone
}

/** Writes the API keys with the day of their last use. */
export function keysSection(
  keys: Availability<readonly IssuedView[]> | undefined,
  speech: AccountSpeech,
): Markup | string {
  if (keys === undefined) return ''
  const own = speech.words.keys
  if (!isRead(keys)) return sectionOf(own.title, unavailableMarkup(speech))
  if (keys.length === 0) return sectionOf(own.title, markup`<p>${own.none}</p>\n`)
  const columns = [own.name, own.used, own.ends].map((name) => markup`<th scope="col">${name}</th>`)
  return sectionOf(
    own.title,
    markup`<table><thead><tr>${columns}</tr></thead>
<tbody>${keys.map((key) => keyRow(key, speech))}</tbody></table>
`,
  )
}

function keyRow({ name, lastUsed, expires, isDisabled }: IssuedView, { words, language }: AccountSpeech): Markup {
  const { never, open, off } = words.keys
  const used = lastUsed === null ? never : dayInWords(secondsIn(`${lastUsed}T00:00:00Z`), language)
  const ends = expires === null ? open : dayInWords(secondsIn(expires), language)
  return markup`<tr><th scope="row">${name}${isDisabled ? markup` <small>(${off})</small>` : ''}</th><td>${used}</td><td>${ends}</td></tr>
`
}

/** Writes the feeds, and the way to change them. */
export function feedsSection(
  feeds: Availability<readonly IssuedView[]> | undefined,
  { feeds: href }: AccountLinks,
  speech: AccountSpeech,
): Markup | string {
  if (feeds === undefined) return ''
  const own = speech.words.feeds
  const known = isRead(feeds)
    ? markup`<p>${feeds.length === 0 ? own.none : feeds.map(({ name }) => name).join(' · ')}</p>\n`
    : unavailableMarkup(speech)
  return sectionOf(
    own.title,
    markup`${known}${href === undefined ? '' : markup`<p><a href="${href}">${own.manage}</a></p>\n`}`,
  )
}

/** Writes what was bought without an account. */
export function purchasesSection(
  { resource, left, uses, token }: ReceiptView,
  speech: AccountSpeech,
  placeOf: AmountSpeech['placeOf'],
): Markup {
  const { words, language } = speech
  const own = words.purchases
  const what = plainPhrase(own.what, {
    what: placeOf(resource),
    until: instantInWords(token.expires.seconds, language),
  })
  return sectionOf(own.title, markup`<p>${what}</p>\n<p>${leftInWords()}</p>\n`)

  function leftInWords(): string {
    if (!isRead(left)) return words.account.unavailable
    if ('uses' in left) {
      const all = uses ?? left.uses
      return plainPhrase(formFor(own.uses, all, language), { left: String(left.uses), uses: String(all) })
    }
    const { passEnds } = left
    return passEnds === null ? own.unused : plainPhrase(own.pass, { ends: instantInWords(passEnds.seconds, language) })
  }
}

function secondsIn(instant: string): number {
  return parseInstant(instant) ?? 0
}
