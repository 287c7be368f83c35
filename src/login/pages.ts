/**
 * The words of the pages of signing in and buying. Each says what happened, that nothing is lost, and the one thing to do.
 */
import { html as markup } from 'hono/html'
import type { Exchange } from '../http/rules/exchange.ts'
import type { Login, LoginOffer } from '../rails/login.ts'
import { mainLink, otherLinks, pathTo, type TripPage } from './page.ts'

/** The parts of a site that decide which links a page has. */
interface Ways {
  readonly logins?: readonly Login[]
}

function signInLink({ logins = [] }: Ways, to: string): readonly (readonly [string, string])[] {
  return logins.some(({ signsIn }) => signsIn) ? [[pathTo('sign-in', to), 'Sign in']] : []
}

/** Nothing is sold, or nobody signs in, on this site. */
export function nothingHere(to: string, ways: Ways): TripPage {
  const title = 'There is nothing to buy here'
  const body = markup`<h1>${title}</h1>
${mainLink(to, 'Go back to the page')}
${otherLinks(signInLink(ways, to))}`
  return { status: 404, title, body }
}

export function noSignIn(to: string): TripPage {
  const title = 'Nobody signs in here'
  return { status: 404, title, body: markup`<h1>${title}</h1>\n${mainLink(to, 'Go back to the page')}` }
}

/** One offer of one login. */
export interface OfferChoice {
  readonly login: Login
  readonly offer: LoginOffer
}

export function offersPage(choices: readonly OfferChoice[], to: string, ways: Ways): TripPage {
  const title = 'Choose what to buy'
  const items = choices.map(({ login, offer }) => {
    const href = pathTo('checkout', to, { login: login.name, offer: offer.name })
    return markup`<li><a class="main" href="${href}">${offer.title}${offer.price === undefined ? '' : ` · ${offer.price}`}</a></li>`
  })
  const body = markup`<h1>${title}</h1>
<ul>${items}</ul>
${signInLink(ways, to).length === 0 ? '' : markup`<p>You have bought already? <a href="${pathTo('sign-in', to)}">Sign in</a></p>`}
<p><a href="${to}">Go back to the page</a></p>`
  return { status: 200, title, body }
}

export function loginsPage(logins: readonly Login[], to: string): TripPage {
  const title = 'Choose how to sign in'
  const items = logins.map(
    ({ name }) =>
      markup`<li><a class="main" href="${pathTo('sign-in', to, { login: name })}">Sign in with ${name}</a></li>`,
  )
  const body = markup`<h1>${title}</h1>\n<ul>${items}</ul>\n<p><a href="${to}">Go back to the page</a></p>`
  return { status: 200, title, body }
}

/** What a form posts to begin a trip. */
export type BeginFields = Readonly<Record<string, string | undefined>>

/** Asks for a click, if it is not certain that a reader in a browser has followed a link. */
export function clickPage(page: 'sign-in' | 'checkout', fields: BeginFields): TripPage {
  const [title, button] = page === 'checkout' ? ['Go on to buy', 'Go to the checkout'] : ['Go on to sign in', 'Sign in']
  const inputs = Object.entries(fields).map(([name, value]) =>
    value === undefined ? '' : markup`<input type="hidden" name="${name}" value="${value}">\n`,
  )
  const body = markup`<h1>${title}</h1>
<form method="post" action="/__faregate/${page}">
${inputs}<button>${button}</button>
</form>
<p><a href="${fields['to'] ?? '/'}">Go back to the page</a></p>`
  return { status: 200, title, body, hasForm: true }
}

/** The page was opened over plain http. */
export function exposedPage(
  page: 'sign-in' | 'checkout',
  { host, target }: Pick<Exchange, 'host' | 'target'>,
): TripPage {
  const title = 'Go on over a safe connection'
  const body = markup`<h1>${title}</h1>
<p>This page was opened without encryption. Nothing was done.</p>
${mainLink(`https://${host}${target.path}${target.query}`, page === 'checkout' ? 'Go on to buy' : 'Go on to sign in')}`
  return { status: 403, title, body }
}

/** A form was posted by another site. */
export function postedElsewhere(page: 'sign-in' | 'checkout', to: string): TripPage {
  const title = 'Please begin on this site'
  const body = markup`<h1>${title}</h1>
<p>This was sent by another site. Nothing was done.</p>
${mainLink(pathTo(page, to), page === 'checkout' ? 'See what you can buy' : 'Sign in')}`
  return { status: 403, title, body }
}

/** The return is of no trip of this browser. */
export function strangerPage(ways: Ways): TripPage {
  const title = 'This cannot be finished here'
  const body = markup`<h1>${title}</h1>
<p>This page ends what you begin by signing in or buying. It was ended already, or it was begun in another browser or a private window, or longer than three days ago. Nothing was changed.</p>
<p>If you have paid, nothing is lost: ${
    signInLink(ways, '/').length === 0 ? '' : 'sign in, or '
  }go back to the browser in which you paid and open the page there.</p>
${mainLink('/', 'Go to the home page')}
${otherLinks(signInLink(ways, '/'))}`
  return { status: 400, title, body }
}

/** What went wrong, and where to go from there. */
interface FailedTrip {
  readonly to: string
  readonly offer: string | undefined
  /** The request's id, for support. */
  readonly id: string
}

/** The other side said no for good. */
export function refusedPage({ to, offer, id }: FailedTrip, detail: string, ways: Ways): TripPage {
  const title = offer === undefined ? 'You are not signed in' : 'This did not work'
  const again = offer === undefined ? pathTo('sign-in', to) : pathTo('checkout', to, { offer })
  const body = markup`<h1>${title}</h1>
<p>${detail}</p>
${mainLink(again, 'Try again')}
${otherLinks([...(offer === undefined ? [] : signInLink(ways, to)), [to, 'Go back to the page']])}
${referenceOf(id)}`
  return { status: 400, title, body }
}

/** The other side does not answer. The reader tries the same URL again: it alone may hold what ends the trip. */
export function unavailablePage({ to, offer, id }: FailedTrip): TripPage {
  const title = 'One moment, please'
  const what = offer === undefined ? 'The sign-in does not answer right now.' : 'The shop does not answer right now.'
  const body = markup`<h1>${title}</h1>
<p>${what} Nothing is lost. Please try again in a moment.</p>
${mainLink('', 'Try again')}
${otherLinks([[to, 'Go back to the page']])}
${referenceOf(id)}`
  return { status: 503, title, body, fields: { 'retry-after': '5' } }
}

/** Too many others begin or end a trip. */
export function busyPage(to: string): TripPage {
  const title = 'One moment, please'
  const body = markup`<h1>${title}</h1>
<p>Many readers are here right now. Nothing is lost. Please try again in a moment.</p>
${mainLink('', 'Try again')}
${otherLinks([[to, 'Go back to the page']])}`
  return { status: 503, title, body, fields: { 'retry-after': '5' } }
}

/** Answers what was only fetched ahead, and HEAD: nobody may ever look at it. */
export function aheadPage(): TripPage {
  const title = 'Open this page to go on'
  return { status: 503, title, body: markup`<h1>${title}</h1>\n${mainLink('', 'Open the page')}` }
}

/** The reader is back, and signed in or has bought. */
export function donePage(to: string, notice: string | undefined, isSignedIn: boolean): TripPage {
  const title = isSignedIn ? 'You are signed in' : 'Thank you'
  const body = markup`<h1>${title}</h1>
${notice === undefined ? '' : markup`<p>${notice}</p>`}
${mainLink(to, 'Go on to your page')}`
  return { status: 200, title, body, ...(notice === undefined && { next: to }) }
}

/** The payment has not arrived. This page asks again by itself, after `seconds`. */
export function waitingPage({ offer, id }: FailedTrip, seconds: number): TripPage {
  const title = waitingFor(offer)
  const body = markup`<h1>${title}</h1>
<p>It has not been confirmed yet. This page asks again by itself, and then takes you on. You need not do anything.</p>
${mainLink('', 'Check again now')}
${referenceOf(id)}`
  return { status: 200, title, body, fields: { refresh: String(seconds) } }
}

/** The payment has not arrived for so long that the page asks no more by itself. `again`: where to ask. */
export function stillWaitingPage({ to, offer, id }: FailedTrip, again: string): TripPage {
  const title = waitingFor(offer)
  const body = markup`<h1>${title}</h1>
<p>It takes longer than usual, so we go on without you. Nothing is lost, and you need not ${offer === undefined ? 'begin anew' : 'buy again'}: come back to your page with this browser within three days, and choose “Check again”.</p>
${mainLink(again, 'Check again')}
${otherLinks([[to, 'Go back to the page']])}
${referenceOf(id)}`
  return { status: 200, title, body }
}

function waitingFor(offer: string | undefined): string {
  return offer === undefined ? 'We are waiting for your sign-in' : 'We are waiting for your payment'
}

/** Something here is broken. */
export function brokenPage(): TripPage {
  const title = 'Something here is broken'
  const body = markup`<h1>${title}</h1>
<p>It is our fault, and nothing you have paid is lost. Please try again in a few minutes.</p>
${mainLink('', 'Try again')}
${otherLinks([['/', 'Go to the home page']])}`
  return { status: 500, title, body }
}

/** Another site led here: the reader goes on with a click. */
export function portalPage(to: string): TripPage {
  const title = 'Manage what you bought'
  const body = markup`<h1>${title}</h1>
${mainLink(pathTo('portal', to), 'Go on')}
${otherLinks([[to, 'Go back to the page']])}`
  return { status: 200, title, body }
}

/** There is no account to manage. */
export function noPortalPage(to: string, ways: Ways): TripPage {
  const title = 'Sign in to manage what you bought'
  const links = signInLink(ways, to)
  const [first] = links
  const body = markup`<h1>${title}</h1>
<p>This page is for whoever is signed in and has bought something here.</p>
${first === undefined ? mainLink(to, 'Go back to the page') : mainLink(first[0], first[1])}
${first === undefined ? '' : otherLinks([[to, 'Go back to the page']])}`
  return { status: 401, title, body }
}

function referenceOf(id: string): ReturnType<typeof markup> {
  return markup`<p><small>Reference: <code>${id}</code></small></p>`
}
