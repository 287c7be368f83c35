/**
 * Ends trips.
 *
 * Nothing that a browser brings here is believed. The trip in its cookie says what was begun, and the login asks the other side
 * what became of that. Without the trip nothing is opened and no cookie is set: somebody else may have made the reader open
 * this URL.
 */
import { err, ok, type Result } from '../core/result.ts'
import { type EndpointCall, type EndpointFactory, type EndpointRequest, READ } from '../endpoints/endpoint.ts'
import type { Login, LoginFault, TripContext, TripOutcome } from '../rails/login.ts'
import type { EndpointProblem } from '../refusals/endpointproblem.ts'
import type { Services } from '../services.ts'
import { applyEvent } from '../standing/apply.ts'
import { accountSignedIn } from './account.ts'
import { continuationOf, redirectUriOf } from './begin.ts'
import { completeByTrips } from './completing.ts'
import { finishOnce, keepOutcome } from './finishing.ts'
import { endedTrip, tripCookie, tripOf } from './jar.ts'
import { answerPage, problemPage, redirect } from './page.ts'
import { donePage, stillWaitingPage, strangerPage, unavailablePage, waitingPage } from './pages.ts'
import { cookiesOfPurchase } from './purchases/confirmed.ts'
import { hintCookies, markerCookie } from './rules/hint.ts'
import { HOME } from './rules/to.ts'
import type { Trip } from './rules/trip.ts'
import { nextQuestion } from './rules/waiting.ts'
import { currentSession, openSession } from './session/open.ts'
import { answerBroken, declinedAhead, isSubrequest, problemOfFault } from './visit.ts'
import { TRIP_WORDS } from './speech.ts'
import { refuseHeld } from './watched.ts'

type Answered = Result<Response, EndpointProblem>

/** A return of a trip that began in this browser. */
interface Returned extends EndpointRequest {
  readonly login: Login
  readonly trip: Trip
  readonly parameters: URLSearchParams
  /** Names the question to the other side. */
  readonly key: string
  readonly call: EndpointCall
  readonly services: Services
}

/** `GET /__faregate/return/<login>`: where the other side sends the browser back to. */
export function returning(): EndpointFactory {
  return {
    path: 'return',
    words: TRIP_WORDS.en,
    isOfOne: true,
    needsGateKey: true,
    completeRefusal: completeByTrips,
    create: (services) => ({
      methods: READ,
      onUnknown: answerBroken,
      answer: async (asked, call) => {
        const ahead = declinedAhead(asked)
        if (ahead !== undefined) return err(ahead)
        const returned = await readReturn(asked, call, services)
        return returned === undefined ? answerStranger(asked, call, services) : endTrip(returned)
      },
    }),
  }
}

/** Returns the return, if its trip began in this browser and at this login; undefined otherwise. */
async function readReturn(
  asked: EndpointRequest,
  call: EndpointCall,
  services: Services,
): Promise<Returned | undefined> {
  const { exchange, site } = asked
  const { path, query } = exchange.target
  const login = site.logins?.find(({ name }) => path === `/__faregate/return/${name}`)
  const parameters = new URLSearchParams(query)
  const [state = '', ...others] = parameters.getAll('state')
  if (login === undefined || others.length > 0 || isSubrequest(exchange)) return undefined
  if (parameters.getAll('iss').some((issuer) => issuer !== login.issuer)) return undefined
  const trip = await tripOf(state, exchange, site.zone)
  if (trip === undefined || trip.login !== login.name || trip.issuer !== login.issuer) return undefined
  return { ...asked, login, trip, parameters, key: `${site.zone.id} ${state} ${query}`, call, services }
}

/** Answers a return without a trip: a reload, a replay, or a forgery. */
async function answerStranger(asked: EndpointRequest, call: EndpointCall, services: Services): Promise<Answered> {
  const { exchange, site } = asked
  const session = await currentSession(exchange, site, services, call)
  return session === undefined ? err(problemPage(strangerPage(site), asked)) : ok(redirect(HOME))
}

async function endTrip(returned: Returned): Promise<Answered> {
  const { login, trip, parameters, call, services } = returned
  const { offer, askingSince } = trip
  const asked = secondsOf(returned) - (askingSince ?? secondsOf(returned))
  // One code is asked about for ten minutes at most.
  if (parameters.has('code') && nextQuestion(asked) === undefined) return waitOn(returned)
  const failed = { ...trip, id: returned.exchange.id }
  const held = offer === undefined ? undefined : await refuseHeld(trip.state, failed, returned, call, services)
  if (held !== undefined) return err(held)
  const account = offer === undefined ? ok(undefined) : await accountSignedIn(login, returned, call, services)
  if (!account.ok) return answerFault({ kind: 'unavailable', detail: '', code: account.error }, returned)
  // Whoever has copied the trip must not share the answer to its owner.
  return askOutcome({ ...returned, key: `${returned.key} ${account.value ?? ''}` }, account.value)
}

async function askOutcome(returned: Returned, account: string | undefined): Promise<Answered> {
  const { exchange, login, trip, parameters, key, call, services, site } = returned
  const { state, to, offer, isSilent, kept } = trip
  const redirectUri = redirectUriOf(exchange.origin, login)
  const leaving = { state, redirectUri, to: `${exchange.origin}${to}`, offer, isSilent, kept }
  const back = { ...leaving, account, parameters }
  const act = { action: 'purchase', by: login.name, request: exchange.id }
  const context: TripContext = {
    zone: site.zone,
    verifiers: services,
    call,
    applyEvent: (event) => applyEvent(event, site.zone, services, act),
  }
  const finished = await finishOnce(login, key, () => login.finish(back, context), call)
  return finished.ok ? answerOutcome(finished.value, returned) : answerFault(finished.error, returned)
}

function secondsOf({ exchange }: Pick<Returned, 'exchange'>): number {
  return Math.floor(exchange.now / 1000)
}

async function answerOutcome(outcome: TripOutcome, returned: Returned): Promise<Answered> {
  switch (outcome.kind) {
    case 'signed-in':
      return answerSignedIn(outcome, returned)
    case 'bought':
      return answerBought(outcome, returned)
    case 'waiting':
      return waitOn(returned)
    case 'cancelled':
      return answerCancelled(returned)
  }
}

const ENDED: LoginFault = {
  kind: 'refused',
  detail: {
    en: 'This sign-in was used before, and has been signed out since. Please sign in again.',
    de: 'Diese Anmeldung wurde schon verwendet und ist inzwischen abgemeldet. Bitte melden Sie sich neu an.',
  },
  code: 'session-ended',
}

/** The reader can do nothing about it: the log says the code. */
const TOO_LARGE: LoginFault = {
  kind: 'refused',
  detail: {
    en: 'Your account has more to it than a sign-in here can hold. Please tell the people who run this site.',
    de: 'Zu Ihrem Konto gehört mehr, als eine Anmeldung hier fassen kann. Bitte sagen Sie es denen, die diese Website betreiben.',
  },
  code: 'session-too-large',
}

async function answerSignedIn(
  outcome: Extract<TripOutcome, { kind: 'signed-in' }>,
  returned: Returned,
): Promise<Answered> {
  const { exchange, site, login, trip, key, call, services } = returned
  const { zone } = site
  const { session, receipts = [], notice } = outcome
  const opened = await openSession(session, login, { zone, exchange, services, call, signIn: trip.state })
  if (!opened.ok) {
    if (opened.error === 'too-large') return answerFault(TOO_LARGE, returned)
    if (opened.error === 'ended') return answerFault(ENDED, returned)
    if (opened.error !== 'ledger-unavailable') throw new TypeError(`no session: ${opened.error}`)
    keepOutcome(login, key, outcome, call)
    const page = unavailablePage({ ...trip, id: exchange.id })
    return err(problemPage(page, returned, { reason: 'ledger-unavailable' }))
  }
  const cookies = [
    ...opened.value.cookies,
    ...(await cookiesOfPurchase(receipts, trip.to, exchange, zone)),
    ...(login.isSilent ? hintCookies(exchange.host, zone.hosts) : []),
    endedTrip(trip),
  ]
  returned.noted.trip = { step: 'finished', offer: trip.offer }
  return ok(answerPage(donePage(trip.to, notice, true), returned, cookies))
}

async function answerBought(
  { receipts, notice }: Extract<TripOutcome, { kind: 'bought' }>,
  returned: Returned,
): Promise<Answered> {
  const { exchange, site, trip } = returned
  const cookies = [...(await cookiesOfPurchase(receipts, trip.to, exchange, site.zone)), endedTrip(trip)]
  returned.noted.trip = { step: 'finished', offer: trip.offer }
  return ok(answerPage(donePage(trip.to, notice, false), returned, cookies))
}

function answerCancelled({ trip, noted }: Returned): Answered {
  noted.trip = { step: 'cancelled', offer: trip.offer }
  return ok(redirect(trip.to, [endedTrip(trip), ...(trip.isSilent ? [markerCookie()] : [])]))
}

/** Shows the page that waits, and keeps the trip. */
async function waitOn(returned: Returned): Promise<Answered> {
  const { exchange, site, trip, parameters } = returned
  const now = secondsOf(returned)
  const { waitingSince = now, askingSince = now } = trip
  const waiting: Trip = { ...trip, waitingSince, askingSince }
  const seconds = nextQuestion(now - askingSince)
  const about = { ...trip, id: exchange.id }
  const page =
    seconds === undefined
      ? stillWaitingPage(about, parameters.has('code') ? continuationOf(trip) : '')
      : waitingPage(about, seconds)
  return ok(answerPage(page, returned, [await tripCookie(waiting, site.zone, exchange.now)]))
}

function answerFault(why: LoginFault | 'busy', returned: Returned): Answered {
  const { exchange, trip } = returned
  // The reader has asked for a page of this site, and for nothing of the login's.
  if (trip.isSilent) return answerCancelled(returned)
  return err(problemOfFault(why, { ...trip, id: exchange.id }, returned, endedTrip(trip)))
}
