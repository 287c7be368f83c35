/**
 * The pages of signing in and buying. Each says what happened, that nothing is lost, and the one thing to do.
 */
import { html as markup } from 'hono/html'
import { type LocalText, localText } from '../core/localtext.ts'
import type { Exchange } from '../http/rules/exchange.ts'
import type { Markup } from '../pages/page.ts'
import { instantInWords } from '../pages/format.ts'
import { plainPhrase } from '../pages/words.ts'
import type { Login } from '../rails/login.ts'
import { describeOffer } from '../refusals/describe.ts'
import { offersMarkup } from '../refusals/offersmarkup.ts'
import { speechFor } from '../refusals/speech.ts'
import type { Zone } from '../zone.ts'
import type { OfferChoice } from './choices.ts'
import { mainLink, otherLinks, pathTo, type WriteTripPage } from './page.ts'
import type { TripWords } from './words/en.ts'

/** The parts of a site that decide which links a page has. */
interface Ways {
  readonly logins?: readonly Login[]
}

function signInLink({ logins = [] }: Ways, to: string, { trips }: TripWords): readonly (readonly [string, string])[] {
  return logins.some(({ signsIn }) => signsIn) ? [[pathTo('sign-in', to), trips.signIn]] : []
}

/** Nothing is sold on this site. */
export function nothingHere(to: string, ways: Ways): WriteTripPage {
  return ({ words }) => {
    const body = markup`${mainLink(to, words.trips.back)}\n${otherLinks(signInLink(ways, to, words))}`
    return { status: 404, title: words.checkout.none, body }
  }
}

export function noSignIn(to: string): WriteTripPage {
  return ({ words }) => ({ status: 404, title: words['sign-in'].none, body: mainLink(to, words.trips.back) })
}

/** Asks what to buy: in the words of the refusal's page, if the zone describes what is on sale. */
export function offersPage(
  choices: readonly OfferChoice[],
  to: string,
  ways: Ways & { readonly zone: Zone },
): WriteTripPage {
  const hrefOf = ({ login, offer }: OfferChoice): string =>
    pathTo('checkout', to, { login: login.name, offer: offer.name })
  return ({ words, language }) => {
    const views = choices.flatMap((choice) =>
      choice.priced === undefined
        ? []
        : [describeOffer(choice.priced, hrefOf(choice), { language, country: choice.country })],
    )
    const others = choices.filter(({ priced }) => priced === undefined)
    const items = others.map((choice) => {
      const { title, price } = choice.offer
      return markup`<li><a class="main" href="${hrefOf(choice)}">${title}${price === undefined ? '' : ` · ${price}`}</a></li>`
    })
    const [signIn] = signInLink(ways, to, words)
    const body = markup`${views.length === 0 ? '' : offersMarkup(views, speechFor({ zone: ways.zone, language }), true)}${
      items.length === 0 ? '' : markup`<ul>${items}</ul>\n`
    }${signIn === undefined ? '' : markup`<p>${words.checkout.bought} <a href="${signIn[0]}">${signIn[1]}</a></p>`}
${backLink(to, words)}`
    return { status: 200, title: words.checkout.heading, body }
  }
}

export function loginsPage(logins: readonly Login[], to: string): WriteTripPage {
  return ({ words }) => {
    const { heading, with: text } = words['sign-in']
    const items = logins.map(
      ({ name }) =>
        markup`<li><a class="main" href="${pathTo('sign-in', to, { login: name })}">${plainPhrase(text, { name })}</a></li>`,
    )
    return { status: 200, title: heading, body: markup`<ul>${items}</ul>\n${backLink(to, words)}` }
  }
}

function backLink(to: string, { trips }: TripWords): Markup {
  return markup`<p><a href="${to}">${trips.back}</a></p>`
}

/** What a form posts to begin a trip. */
export type BeginFields = Readonly<Record<string, string | undefined>>

/** Asks for a click, if it is not certain that a reader in a browser has followed a link. */
export function clickPage(page: 'sign-in' | 'checkout', fields: BeginFields): WriteTripPage {
  const inputs = Object.entries(fields).map(([name, value]) =>
    value === undefined ? '' : markup`<input type="hidden" name="${name}" value="${value}">\n`,
  )
  return ({ words }) => {
    const { click, button } = words[page]
    const body = markup`<form method="post" action="/__faregate/${page}">
${inputs}<button class="main">${button}</button>
</form>
${backLink(fields['to'] ?? '/', words)}`
    return { status: 200, title: click, body, hasForm: true }
  }
}

/** The page was opened over plain http. */
export function exposedPage(
  page: 'sign-in' | 'checkout',
  { host, target }: Pick<Exchange, 'host' | 'target'>,
): WriteTripPage {
  return ({ words }) => {
    const { exposed, exposedText } = words.trips
    const link = mainLink(`https://${host}${target.path}${target.query}`, words[page].click)
    return { status: 403, title: exposed, body: markup`<p>${exposedText}</p>\n${link}` }
  }
}

/** A form was posted by another site. */
export function postedElsewhere(page: 'sign-in' | 'checkout', to: string): WriteTripPage {
  return ({ words }) => {
    const { elsewhere, elsewhereText, signIn } = words.trips
    const link = mainLink(pathTo(page, to), page === 'checkout' ? words.checkout.see : signIn)
    return { status: 403, title: elsewhere, body: markup`<p>${elsewhereText}</p>\n${link}` }
  }
}

/** The return is of no trip of this browser. */
export function strangerPage(ways: Ways): WriteTripPage {
  return ({ words }) => {
    const { stranger, strangerText, strangerPaid, strangerPaidOrSignIn } = words.return
    const signIn = signInLink(ways, '/', words)
    const body = markup`<p>${strangerText}</p>
<p>${signIn.length === 0 ? strangerPaid : strangerPaidOrSignIn}</p>
${mainLink('/', words.trips.home)}
${otherLinks(signIn)}`
    return { status: 400, title: stranger, body }
  }
}

/** What went wrong, and where to go from there. */
export interface FailedTrip {
  readonly to: string
  readonly offer: string | undefined
  /** The request's id, for support. */
  readonly id: string
}

/** The other side said no for good. */
export function refusedPage({ to, offer, id }: FailedTrip, detail: LocalText, ways: Ways): WriteTripPage {
  return ({ words, language }) => {
    const { trips } = words
    const again = offer === undefined ? pathTo('sign-in', to) : pathTo('checkout', to, { offer })
    const body = markup`<p>${localText(detail, language)}</p>
${mainLink(again, trips.again)}
${otherLinks([...(offer === undefined ? [] : signInLink(ways, to, words)), [to, trips.back]])}
${referenceOf(id, words)}`
    return { status: 400, title: words[offer === undefined ? 'sign-in' : 'checkout'].failed, body }
  }
}

/** The other side does not answer. The reader tries the same URL again: it alone may hold what ends the trip. */
export function unavailablePage({ to, offer, id }: FailedTrip): WriteTripPage {
  return ({ words }) => {
    const { trips } = words
    const body = markup`<p>${words[offer === undefined ? 'sign-in' : 'checkout'].silent}</p>
${mainLink('', trips.again)}
${otherLinks([[to, trips.back]])}
${referenceOf(id, words)}`
    return { status: 503, title: trips.moment, body, fields: { 'retry-after': '5' } }
  }
}

/** Too many others begin or end a trip. */
export function busyPage(to: string): WriteTripPage {
  return ({ words: { trips } }) => {
    const body = markup`<p>${trips.busy}</p>\n${mainLink('', trips.again)}\n${otherLinks([[to, trips.back]])}`
    return { status: 503, title: trips.moment, body, fields: { 'retry-after': '5' } }
  }
}

/** Too many begin to buy from the reader's network. */
export function crowdedPage(to: string, seconds: number): WriteTripPage {
  return (speech) => ({ ...busyPage(to)(speech), status: 429, fields: { 'retry-after': String(seconds) } })
}

/**
 * Something about the purchase is not normal. `until`: when the hold ends by itself, in seconds since 1970. `reference`: by which an
 * operator finds it.
 */
export function heldPage(
  to: string,
  { until, reference }: { readonly until: number | undefined; readonly reference: string },
  support: string | undefined,
): WriteTripPage {
  return ({ words, language }) => {
    const { held, heldText, heldUntil } = words.checkout
    const ends =
      until === undefined ? '' : ` ${plainPhrase(heldUntil, { until: instantInWords(Math.ceil(until), language) })}`
    const body = markup`<p>${heldText}${ends}</p>
${until === undefined ? '' : mainLink('', words.return.checkLater)}
${otherLinks([...(support === undefined ? [] : [[support, words.checkout.support] as const]), [to, words.trips.back]])}
${referenceOf(reference, words)}`
    return { status: 402, title: held, body }
  }
}

/** Answers what was only fetched ahead, and HEAD: nobody may ever look at it. */
export function aheadPage(): WriteTripPage {
  return ({ words: { trips } }) => ({ status: 503, title: trips.ahead, body: mainLink('', trips.open) })
}

/** The reader is back, and signed in or has bought. */
export function donePage(to: string, notice: LocalText | undefined, isSignedIn: boolean): WriteTripPage {
  return ({ words, language }) => {
    const { signedIn, bought, goOn } = words.return
    const said = notice === undefined ? '' : markup`<p>${localText(notice, language)}</p>\n`
    const body = markup`${said}${mainLink(to, goOn)}`
    return { status: 200, title: isSignedIn ? signedIn : bought, body, ...(notice === undefined && { next: to }) }
  }
}

/** The payment has not arrived. This page asks again by itself, after `seconds`. */
export function waitingPage({ offer, id }: FailedTrip, seconds: number): WriteTripPage {
  return ({ words }) => {
    const { waiting, check } = words.return
    const body = markup`<p>${waiting}</p>\n${mainLink('', check)}\n${referenceOf(id, words)}`
    return { status: 200, title: waitingFor(offer, words), body, fields: { refresh: String(seconds) } }
  }
}

/** The payment has not arrived for so long that the page asks no more by itself. `again`: where to ask. */
export function stillWaitingPage({ to, offer, id }: FailedTrip, again: string): WriteTripPage {
  return ({ words }) => {
    const { longPayment, longSignIn, checkLater } = words.return
    const body = markup`<p>${offer === undefined ? longSignIn : longPayment}</p>
${mainLink(again, checkLater)}
${otherLinks([[to, words.trips.back]])}
${referenceOf(id, words)}`
    return { status: 200, title: waitingFor(offer, words), body }
  }
}

function waitingFor(offer: string | undefined, words: TripWords): string {
  return offer === undefined ? words.return.waitingSignIn : words.return.waitingPayment
}

/** Something here is broken. */
export function brokenPage(): WriteTripPage {
  return ({ words: { trips } }) => {
    const body = markup`<p>${trips.brokenText}</p>\n${mainLink('', trips.again)}\n${otherLinks([['/', trips.home]])}`
    return { status: 500, title: trips.broken, body }
  }
}

/** Another site led here: the reader goes on with a click. */
export function portalPage(to: string): WriteTripPage {
  return ({ words: { portal, trips } }) => {
    const body = markup`${mainLink(pathTo('portal', to), portal.goOn)}\n${otherLinks([[to, trips.back]])}`
    return { status: 200, title: portal.heading, body }
  }
}

/** There is no account to manage. */
export function noPortalPage(to: string, ways: Ways): WriteTripPage {
  return ({ words }) => {
    const { none, noneText } = words.portal
    const [signIn] = signInLink(ways, to, words)
    const back = [to, words.trips.back] as const
    const body = markup`<p>${noneText}</p>
${mainLink(...(signIn ?? back))}
${otherLinks(signIn === undefined ? [] : [back])}`
    return { status: 401, title: none, body }
  }
}

function referenceOf(id: string, { trips }: TripWords): Markup {
  return markup`<p class="reference">${trips.reference} <code>${id}</code></p>`
}
