/**
 * What a page says of a refusal: the heading, and sentences with their numbers.
 *
 * They are written from the facts that programs get as well, so that page and document cannot differ; the words are apart from
 * `detail`, which is for programs.
 */
import type { Reason } from '../core/problem.ts'
import { countInWords, dayInWords, durationInWords, instantInWords, moneyInWords } from '../pages/format.ts'
import { localText } from '../core/localtext.ts'
import { parseInstant } from '../core/instant.ts'
import { formFor, plainPhrase } from '../pages/words.ts'
import type { RefusedView } from './describe.ts'
import type { Speech } from './speech.ts'

/** What is said of a refusal. Plain text. */
export interface Said {
  readonly heading: string
  readonly sentences: readonly string[]
}

/** The facts of a refusal that its words depend on. */
export type SayableRefusal = Pick<RefusedView, 'reason'> &
  Partial<Pick<RefusedView, 'check' | 'offer' | 'offers' | 'facts' | 'left' | 'needed'>>

/** What is known beside the facts of a refusal. */
export interface SaidOf {
  /** True if the refused page is known to be an article. */
  readonly isArticle?: boolean
  /** Whole seconds until the same request may be granted. */
  readonly retryAfterSeconds?: number | undefined
}

/** Says a refusal in words. */
export function sayRefusal(refused: SayableRefusal, speech: Speech, more: SaidOf = {}): Said {
  const say = SAYING[refused.reason]
  if (say !== undefined) return say(refused, speech, more)
  const { heading, text } = speech.words[refused.reason as PlainReason]
  return { heading, sentences: [text] }
}

type Say = (refused: SayableRefusal, speech: Speech, more: SaidOf) => Said

/** The reasons whose words have no numbers. */
type PlainReason = Exclude<Reason, 'payment-required'>

const SAYING: Readonly<Partial<Record<string, Say>>> = {
  'payment-required': sayPaymentRequired,
  'credential-not-yet-valid': sayNotYetValid,
  'credential-expired': sayUntil,
  'security-hold': sayUntil,
  'payment-declined': sayDeclined,
  'credit-insufficient': sayCredit,
  'usage-limit-reached': sayLimit,
  'entitlement-insufficient': sayInsufficient,
  'payment-insufficient': sayOtherPayment,
}

function sayPaymentRequired(refused: SayableRefusal, speech: Speech, { isArticle }: SaidOf): Said {
  const { words, language, pages } = speech
  const own = words['payment-required']
  const offer = refused.offer?.title ?? localText(pages.site.name, language)
  const views = refused.facts?.views
  const meter = views && {
    quota: countInWords(views.quota, language),
    resets: dayInWords(secondsOf(views.resets), language),
  }
  const { description } = refused.offer ?? {}
  return {
    heading: plainPhrase(own.heading, { offer }),
    sentences: [
      ...sayTerms(refused, speech, isArticle === true),
      ...(description === undefined ? [] : [description]),
      ...(meter ? [plainPhrase(isArticle ? own.viewsOfArticles : own.views, meter)] : []),
    ],
  }
}

/** Says for whom the page is, and what it costs by itself unless an offer says that. */
function sayTerms(refused: SayableRefusal, { words, language }: Speech, isArticle: boolean): readonly string[] {
  const own = words['payment-required']
  const { offer, offers = [] } = refused
  const isSold = offers.some(({ price }) => price.every === undefined && price.amount === offer?.price?.amount)
  const price = offer?.price === undefined || isSold ? undefined : moneyInWords(offer.price, language)
  if (!isSubscribed(refused))
    return price === undefined
      ? [isArticle ? own.unpricedArticle : own.unpricedPage]
      : [plainPhrase(isArticle ? own.pricedArticle : own.pricedPage, { price })]
  return [isArticle ? own.article : own.page, ...(price === undefined ? [] : [plainPhrase(own.pricedAlone, { price })])]
}

/** Returns true if a subscription opens the page. */
function isSubscribed({ offers, offer }: SayableRefusal): boolean {
  if (offers === undefined) return offer?.entitlements !== undefined
  return offers.some(({ price }) => price.every !== undefined)
}

function sayNotYetValid({ facts }: SayableRefusal, { words, language }: Speech): Said {
  const { heading, text, textAlone } = words['credential-not-yet-valid']
  if (facts?.from === undefined) return { heading, sentences: [textAlone] }
  return { heading, sentences: [plainPhrase(text, { from: instantInWords(secondsOf(facts.from), language) })] }
}

function sayUntil({ reason, facts }: SayableRefusal, { words, language }: Speech): Said {
  const { heading, text, textAlone } = words[reason === 'security-hold' ? reason : 'credential-expired']
  if (facts?.until === undefined) return { heading, sentences: [textAlone] }
  return { heading, sentences: [plainPhrase(text, { until: instantInWords(secondsOf(facts.until), language) })] }
}

function sayDeclined({ check }: SayableRefusal, { words }: Speech): Said {
  const { heading, text, headingOfPayment, textOfPayment } = words['payment-declined']
  return check === 'charge' ? { heading: headingOfPayment, sentences: [textOfPayment] } : { heading, sentences: [text] }
}

function sayCredit({ left, needed }: SayableRefusal, { words, language }: Speech): Said {
  const { heading, text, textAlone, left: leftAlone, debt: owed } = words['credit-insufficient']
  const balance = left?.credit && moneyInWords(left.credit, language)
  const price = needed?.credit && moneyInWords(needed.credit, language)
  const debt = left?.debt && plainPhrase(owed, { debt: moneyInWords(left.debt, language) })
  const told = balance === undefined ? textAlone : price === undefined ? leftAlone : text
  return {
    heading,
    sentences: [
      plainPhrase(told, { ...(balance !== undefined && { balance }), ...(price !== undefined && { price }) }),
      ...(debt === undefined ? [] : [debt]),
    ],
  }
}

function sayLimit({ facts }: SayableRefusal, { words, language }: Speech, { retryAfterSeconds }: SaidOf): Said {
  const { heading, headingAlone, text, textAlone } = words['usage-limit-reached']
  const limit = facts?.limit
  if (limit === undefined) return { heading: headingAlone, sentences: [textAlone] }
  const { unit = limit.name, quota, used = quota, resets } = limit
  const told = plainPhrase(heading, {
    used: countInWords(BigInt(used), language),
    quota: countInWords(BigInt(quota), language),
    unit: formFor(wordOfUnit(unit, words.units) ?? unit, quota, language),
  })
  if (resets === undefined || retryAfterSeconds === undefined) return { heading: told, sentences: [textAlone] }
  const wait = durationInWords(retryAfterSeconds, language)
  return {
    heading: told,
    sentences: [plainPhrase(text, { resets: instantInWords(secondsOf(resets), language), wait })],
  }
}

/** Returns the word for a unit; undefined if it has none. Whoever signs tokens may call a unit anything. */
export function wordOfUnit(unit: string, words: Readonly<Record<string, string>>): string | undefined {
  return Object.hasOwn(words, unit) ? words[unit] : undefined
}

function sayInsufficient(refused: SayableRefusal, { words }: Speech): Said {
  const { heading, headingAlone, text, textAlone } = words['entitlement-insufficient']
  const offer = refused.offer?.title
  const plan = refused.facts?.plan
  return {
    heading: offer === undefined ? headingAlone : plainPhrase(heading, { offer }),
    sentences: [plan === undefined ? textAlone : plainPhrase(text, { plan })],
  }
}

function sayOtherPayment({ facts }: SayableRefusal, { words }: Speech): Said {
  const { heading, text, textAlone } = words['payment-insufficient']
  const resource = facts?.resource
  return { heading, sentences: [resource === undefined ? textAlone : plainPhrase(text, { resource })] }
}

function secondsOf(instant: string): number {
  return parseInstant(instant) ?? 0
}
