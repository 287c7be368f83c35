/**
 * Begins trips: to sign in, and to buy.
 *
 * A trip costs the other side a call, and a shop an open purchase. So it begins only for a reader who has followed a link in a
 * browser; everybody else, crawlers among them, is shown a page with a button.
 */
import { err, ok, type Result } from '../core/result.ts'
import type { EndpointCall, EndpointFactory, EndpointRequest } from '../endpoints/endpoint.ts'
import type { Login } from '../rails/login.ts'
import type { EndpointProblem } from '../refusals/endpointproblem.ts'
import type { Services } from '../services.ts'
import { isExposed } from '../tokens/bearer.ts'
import { accountSignedIn } from './account.ts'
import { choicesOpening, describeChoices, type OfferChoice } from './choices.ts'
import { callLogin } from './inflight.ts'
import { newState, openTrips, withTrip } from './jar.ts'
import { answerPage, pathTo, problemPage, redirect, toIn } from './page.ts'
import {
  clickPage,
  exposedPage,
  type FailedTrip,
  loginsPage,
  noSignIn,
  nothingHere,
  offersPage,
  unavailablePage,
} from './pages.ts'
import type { Trip } from './rules/trip.ts'
import { silentTrip } from './silent.ts'
import { answerBroken, declinedAhead, isNavigation, parametersOf, problemOfFault } from './visit.ts'
import { TRIP_WORDS } from './speech.ts'
import { type NamedTrip, nameTrip, refuseCrowd, refuseHeld } from './watched.ts'

type Answered = Result<Response, EndpointProblem>

/** The request that begins a trip, read. */
export interface BeginRequest extends EndpointRequest {
  readonly parameters: URLSearchParams
  /** Path and query of the page to come back to. */
  readonly to: string
  readonly call: EndpointCall
  readonly services: Services
}

const METHODS: readonly string[] = ['GET', 'HEAD', 'POST']

/** `GET /__faregate/sign-in?to=`: leads to a login's page, and back to `to`. */
export function signIn(): EndpointFactory {
  return beginning('sign-in', (asked) =>
    asked.parameters.get('silent') === '1' ? silentTrip(asked, beginTrip) : chooseLogin(asked),
  )
}

/** `GET /__faregate/checkout?offer=&to=`: leads to where the offer is sold, and back to `to`. */
export function checkout(): EndpointFactory {
  return beginning('checkout', chooseOffer)
}

function beginning(page: 'sign-in' | 'checkout', choose: (asked: BeginRequest) => Promise<Answered>): EndpointFactory {
  return {
    path: page,
    words: TRIP_WORDS.en,
    needsGateKey: true,
    create: (services) => ({
      methods: METHODS,
      onUnknown: answerBroken,
      answer: async (asked, call) => {
        const ahead = declinedAhead(asked)
        if (ahead !== undefined) return err(ahead)
        // A browser keeps no cookie of ours from plain http, so it could not come back.
        if (isExposed(asked.exchange)) return err(problemPage(exposedPage(page, asked.exchange), asked))
        const parameters = await parametersOf(asked, page, services)
        if (!parameters.ok) return parameters
        const to = toIn(parameters.value, asked.exchange)
        return choose({ ...asked, parameters: parameters.value, to, call, services })
      },
    }),
  }
}

async function chooseLogin(asked: BeginRequest): Promise<Answered> {
  const { exchange, site, parameters, to } = asked
  const all = (site.logins ?? []).filter(({ signsIn }) => signsIn)
  const named = all.find(({ name }) => name === parameters.get('login'))
  const login = named ?? (all.length === 1 ? all[0] : undefined)
  if (all.length === 0) return err(problemPage(noSignIn(to), asked))
  if (login === undefined) return ok(answerPage(loginsPage(all, to), asked))
  if (login.signInPath !== undefined)
    return ok(redirect(`${login.signInPath}?to=${encodeURIComponent(`${exchange.origin}${to}`)}`))
  if (!isClicked(asked)) return ok(answerPage(clickPage('sign-in', { to, login: named?.name }), asked))
  return beginTrip(asked, { login, offer: undefined, isSilent: false })
}

async function chooseOffer(asked: BeginRequest): Promise<Answered> {
  const { site, parameters, to } = asked
  const all = (site.logins ?? []).flatMap((login) => login.offers.map((offer): OfferChoice => ({ login, offer })))
  const [wanted, seller] = [parameters.get('offer'), parameters.get('login')]
  const fitting = all.filter(({ login, offer }) => offer.name === wanted && (seller === null || login.name === seller))
  const onSale = choicesOpening(to, all, site.zone)
  const choices = wanted === null ? onSale : fitting
  const [choice] = choices
  if (all.length === 0) return err(problemPage(nothingHere(to, site), asked))
  if (choice === undefined || choices.length > 1)
    return ok(answerPage(offersPage(await describeChoices(onSale, asked), to, site), asked))
  const { login, offer } = choice
  if (!isClicked(asked))
    return ok(answerPage(clickPage('checkout', { to, offer: offer.name, login: login.name }), asked))
  return beginTrip(asked, { login, offer: offer.name, isSilent: false })
}

/** A form of ours was posted, or a reader follows a link. */
function isClicked({ exchange }: BeginRequest): boolean {
  return exchange.method === 'POST' || isNavigation(exchange)
}

/** What a trip is for. */
export interface TripGoal {
  readonly login: Login
  readonly offer: string | undefined
  readonly isSilent: boolean
}

/** Begins a trip, or goes on with the purchase that this browser has begun. */
export async function beginTrip(
  reader: BeginRequest,
  { login, offer, isSilent }: TripGoal,
  cookies: readonly string[] = [],
): Promise<Answered> {
  const { exchange, site, to, call, services } = reader
  const { zone } = site
  const { origin, fields, id } = exchange
  const failed = { to, offer, id }
  const [trips, account] = await Promise.all([
    openTrips(exchange, zone),
    offer === undefined ? ok(undefined) : accountSignedIn(login, { exchange, site }, call, services),
  ])
  if (!account.ok) return err(problemPage(unavailablePage(failed), reader, { reason: account.error }))
  const earlier = trips.open.find((trip) => isSamePurchase(trip, { login: login.name, offer, to }))
  const state = earlier?.state ?? newState()
  const named = offer === undefined ? undefined : await nameTrip(state, reader, reader.services)
  const refused = await refuseTrip(named, earlier, failed, reader)
  if (refused !== undefined) return err(refused)
  const asked = {
    offer,
    isSilent,
    state,
    redirectUri: redirectUriOf(origin, login),
    to: `${origin}${to}`,
    languages: fields.get('accept-language') ?? undefined,
    account: account.value,
    ...(named !== undefined && { reference: named.reference }),
    ...(earlier !== undefined && { earlier: earlier.kept }),
  }
  const begun = await callLogin(login, () => login.begin(asked, { zone, verifiers: services, call }))
  if (!begun.ok) return err(problemOfFault(begun.error, failed, reader))
  const { location, kept } = begun.value
  const trip: Trip = {
    login: login.name,
    issuer: login.issuer,
    origin,
    state,
    to,
    offer,
    begunAt: earlier?.begunAt ?? Math.floor(exchange.now / 1000),
    isSilent,
    waitingSince: earlier?.waitingSince,
    askingSince: undefined,
    kept,
  }
  if (earlier === undefined)
    reader.noted.trip = { step: 'begun', offer, checkout: named?.checkout, network: named?.network }
  return ok(redirect(new URL(location).href, [...(await withTrip(trip, trips, zone, exchange.now)), ...cookies]))
}

/** A purchase goes on unless it is held; a new one begins unless its network is slowed. */
async function refuseTrip(
  named: NamedTrip | undefined,
  earlier: Trip | undefined,
  failed: FailedTrip,
  reader: BeginRequest,
): Promise<EndpointProblem | undefined> {
  if (named === undefined) return undefined
  if (earlier === undefined) return refuseCrowd(named, failed, reader, reader.services)
  return refuseHeld(earlier.state, failed, reader, reader.call, reader.services)
}

function isSamePurchase(trip: Trip, { login, offer, to }: Pick<Trip, 'login' | 'offer' | 'to'>): boolean {
  return offer !== undefined && trip.login === login && trip.offer === offer && trip.to === to
}

/** Returns the absolute URL of a login's return. */
export function redirectUriOf(origin: string, { name }: Pick<Login, 'name'>): string {
  return `${origin}/__faregate/return/${name}`
}

/** Returns the path on which a purchase goes on that was begun before. */
export function continuationOf({ login, offer, to }: Trip): string {
  return pathTo(offer === undefined ? 'sign-in' : 'checkout', to, { login, offer })
}
