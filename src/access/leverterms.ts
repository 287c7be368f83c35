/**
 * What levers make of the terms of a route, for as long as they last: terms that refuse everyone, or terms whose decisions are
 * those of an open route. So whoever decides on the terms of a route needs to know of no lever.
 */
import { REASONS, refusal, type Refusal } from '../core/problem.ts'
import type { Decision } from './decide.ts'
import { type Lever, leversAt } from './lever.ts'
import type { Attempt, Closing } from './meter.ts'
import type { Terms } from './offer.ts'
import { type Route, routeName } from './route.ts'

/**
 * Returns true if a route can be opened: it is on sale, and to open it costs its operator nothing but the sale. What is not on
 * sale is for some and not for all, and what a meter asks of servers of its own, as of a provider, costs its operator money.
 */
export function canOpen({ terms, meter, protocol }: Route): boolean {
  return terms.kind === 'paid' && terms.offer.onSale && protocol === undefined && meter?.servers === undefined
}

/** Returns true if opening the whole zone opens the route. Work that is costly or cannot be undone is opened by name alone. */
export function opensWithZone(route: Route): boolean {
  return canOpen(route) && route.terms.kind === 'paid' && route.terms.offer.settlesFirst !== true
}

/** Returns the route as the levers of its zone have it at a time. Closing is stronger than opening. */
export function levered(route: Route, levers: readonly Lever[] | undefined, now: number): Route {
  const { terms, closing: _closing, ...plain } = route
  if (terms.kind === 'closed') return route
  const live = leversAt(levers, now)
  const closing = closingOf(route, live, now)
  return { ...plain, terms: leveredTerms(route, live, now), ...(closing && { closing }) }
}

/** Returns the time until which `levered` makes the same of a route, with these levers: one ends, or a `Retry-After` changes. */
export function leveredUntil(levers: readonly Lever[] | undefined, now: number): number {
  const ends = leversAt(levers, now).map((one) =>
    one.kind === 'close' ? one.untilMs - (retrySecondsOf(one, now) - 1) * 1000 : one.untilMs,
  )
  return Math.min(...ends)
}

function leveredTerms(route: Route, live: readonly Lever[], now: number): Terms {
  const { terms } = route
  const name = live.length === 0 ? '' : routeName(route)
  const isNamed = (one: Lever): boolean => one.of === 'route' && one.name === name
  const closing = live.find((one) => one.kind === 'close' && isNamed(one))
  if (closing !== undefined) return { kind: 'closed', lever: { ...closing, refusal: closedBy(closing, now) } }
  if (terms.kind !== 'paid') return terms
  const opens = (one: Lever): boolean =>
    one.kind === 'open' && (one.of === 'zone' ? opensWithZone(route) : isNamed(one) && canOpen(route))
  const lever = latest(live.filter(opens))
  const { lever: before, ...plain } = terms
  if (lever === undefined) return before === undefined ? terms : plain
  return { ...plain, lever: { ...lever, decide: decideOpened } }
}

/** Returns what is closed of what the route's meter calls; undefined if nothing is. */
function closingOf({ meter }: Route, live: readonly Lever[], now: number): Closing | undefined {
  const { providers = [], models = [] } = meter?.calls ?? {}
  const isCalled = ({ of, name }: Lever): boolean =>
    of === 'model' ? models.includes(name) : of === 'provider' && providers.includes(name)
  const closed = live.filter((one) => one.kind === 'close' && isCalled(one))
  if (closed.length === 0) return undefined
  const refusalOf: Closing['of'] = (part, name) => {
    const lever = closed.find((one) => one.of === part && one.name === name)
    return lever && closedBy(lever, now)
  }
  const refusalAt = ({ at }: Attempt): Refusal | undefined => {
    const found = [
      ...(at?.providers ?? []).map((name) => refusalOf('provider', name)),
      at?.model && refusalOf('model', at.model),
    ]
    return found.find((one) => typeof one === 'object')
  }
  return {
    of: refusalOf,
    ofAll: (attempts = []) =>
      attempts.every((attempt) => refusalAt(attempt) !== undefined) ? attempts[0] && refusalAt(attempts[0]) : undefined,
  }
}

function latest(levers: readonly Lever[]): Lever | undefined {
  return levers.reduce<Lever | undefined>(
    (last, one) => (last === undefined || one.untilMs > last.untilMs ? one : last),
    undefined,
  )
}

/** The longest `Retry-After` of what is closed, in seconds: a lever may be taken back before its end. */
const MOST_RETRY_SECONDS = 300

/** Returns the refusal of what a lever has closed. */
function closedBy(lever: Lever, now: number): Refusal {
  return refusal('temporarily-closed', CLOSED_DETAIL, { retryAfterSeconds: retrySecondsOf(lever, now) })
}

function retrySecondsOf({ untilMs }: Lever, now: number): number {
  return Math.max(1, Math.min(MOST_RETRY_SECONDS, Math.ceil((untilMs - now) / 1000)))
}

const CLOSED_DETAIL = 'Whoever runs this site has closed it for a time. Nothing was charged.'

/** The reasons for which it is not known whether a credential is good: nobody needs one. */
const UNKNOWN: ReadonlySet<string> = new Set(['keys-unavailable', 'standing-unavailable'])

/**
 * Turns a decision into that of an opened route. Who would be served is, and who would be charged is not charged. Who would be
 * asked for money, or cannot be known, is served as an anonymous reader. Any other refusal stands.
 */
export function decideOpened(decision: Decision): Decision {
  if (decision.action !== 'serve') {
    const { reason } = decision.refusal
    if (REASONS[reason].status !== 402 && !UNKNOWN.has(reason)) return decision
    return { action: 'serve', proof: undefined, cost: undefined, exempt: OPENED }
  }
  if (decision.cost === undefined) return decision
  // A payment that is not settled proves nothing.
  const proof = decision.proof?.kind === 'payment' ? undefined : decision.proof
  return { action: 'serve', proof, cost: undefined, exempt: proof === undefined ? OPENED : WAIVED }
}

const OPENED = { by: 'lever', lever: 'opened' } as const
const WAIVED = { by: 'lever', lever: 'waived' } as const
