/**
 * What trips change about refusals: while a payment is on its way nobody is asked to buy again, and a reader who is signed in at
 * another host is signed in here.
 *
 * Costs nothing for requests without the cookies of trips.
 */
import type { CompleteRefusal, RefusedRequest } from '../refusals/complete.ts'
import { REASONS, type Refusal } from '../core/problem.ts'
import type { OwnRemedy } from '../core/remedy.ts'
import type { Eventually } from '../core/eventually.ts'
import { isPrefetch } from '../http/rules/prefetch.ts'
import { continuationOf } from './begin.ts'
import { hasNoTrips, openTrips } from './jar.ts'
import { pathTo } from './page.ts'
import { isHinted } from './rules/hint.ts'
import { readTo } from './rules/to.ts'
import type { Trip } from './rules/trip.ts'
import { isExposed } from '../tokens/bearer.ts'
import { TRIP_WORDS, tripSpeech } from './speech.ts'
import type { TripWords } from './words/en.ts'
import { isNavigation } from './visit.ts'

type Refused = Parameters<CompleteRefusal>[0]

/** Completes a refusal by the trips of this browser. */
export const completeByTrips: CompleteRefusal = (refused, asked) => {
  const { refusal: why } = refused
  const { fields } = asked.exchange
  if (fields.get('cookie') === null || REASONS[why.reason].status !== 402 || why.reason === 'security-hold') return why
  return hasNoTrips(fields) ? silently(refused, asked) : byTrips(refused, asked)
}

async function byTrips(refused: Refused, asked: RefusedRequest): Promise<Refusal> {
  const { open } = await openTrips(asked.exchange, asked.zone)
  const waiting = open.find(({ waitingSince }) => waitingSince !== undefined)
  if (waiting !== undefined) return withWaiting(refused.refusal, waiting, asked)
  const begun = open.find(({ offer }) => offer !== undefined)
  return begun === undefined ? silently(refused, asked) : withBegun(refused.refusal, begun, asked)
}

/** Says that a payment is on its way. A form that would pay for the same page once more is left out. */
function withWaiting({ form, ...why }: Refusal, trip: Trip, asked: RefusedRequest): Refusal {
  const { origin, target } = asked.exchange
  const isBought = trip.offer !== undefined
  const isSamePage = trip.to === `${target.path}${target.query}`
  const href = `${origin}${continuationOf(trip)}`
  const ownRemedy: OwnRemedy = { rel: 'status', href, title: 'Check again', replacesBuying: isBought }
  const { waitingNote, waitingSignInNote } = wordsFor(asked)
  const hint = isBought ? waitingNote : waitingSignInNote
  const left = form === undefined || (isBought && isSamePage) ? {} : { form }
  return { ...why, ...left, ownRemedy, hint: joined(why.hint, hint) }
}

/** Says that a purchase was begun: going on with it comes before another one. */
function withBegun(why: Refusal, trip: Trip, asked: RefusedRequest): Refusal {
  const href = `${asked.exchange.origin}${continuationOf(trip)}`
  const ownRemedy: OwnRemedy = { rel: 'status', href, title: 'Check again, or go on buying', replacesBuying: false }
  return { ...why, ownRemedy, hint: joined(why.hint, wordsFor(asked).begunNote) }
}

/** Returns the words of notes: in the reader's language on a page, and else in English, as all that programs read. */
function wordsFor({ exchange, zone, showsForm }: RefusedRequest): TripWords['return'] {
  return (showsForm() ? tripSpeech({ exchange, site: { zone } }).words : TRIP_WORDS.en).return
}

function joined(one: string | undefined, other: string): string {
  return one === undefined ? other : `${one} ${other}`
}

/** A longer URL is not put into a field. */
const MAX_REFRESH_CHARACTERS = 700

/** Sends an anonymous reader round by the login, if another host of the site has seen a sign-in. */
function silently(
  { refusal: why, proof }: Refused,
  { exchange, logins, showsForm }: RefusedRequest,
): Eventually<Refusal> {
  const { fields, origin, target } = exchange
  if (proof !== undefined || why.reason !== 'payment-required' || !isHinted(fields)) return why
  if (
    !isNavigation(exchange) ||
    isPrefetch(fields) ||
    isExposed(exchange) ||
    !logins.some(({ isSilent }) => isSilent) ||
    !showsForm()
  )
    return why
  const to = readTo(`${target.path}${target.query}`, origin)
  const path = pathTo('sign-in', to, { silent: '1' })
  // A page that would not be come back to is better shown as it is.
  if (to !== `${target.path}${target.query}` || path.length > MAX_REFRESH_CHARACTERS) return why
  return { ...why, fields: [...(why.fields ?? []), ['Refresh', `0; url=${path}`]] }
}
