/**
 * Shows why a request was decided as it was, check by check, to the owner of its credential.
 *
 * "Why was I refused?" is the most frequent question to a paywall, and a second implementation of the rules would answer it
 * wrongly. The view is therefore made from the same decision as the paywall's, with the values that each check compared. It
 * reads the credential without trusting it, and asks a ledger only about what a meter has bounded.
 */
import { isMeantFor } from '../access/claims.ts'
import { type EmptyPlace, emptyPlaces } from '../access/missedclaims.ts'
import type { Decision, Observed } from '../access/decide.ts'
import { type ReceiptCost, takes } from '../access/cost.ts'
import { type Window, withoutKeys } from '../access/limit.ts'
import type { BoundRate } from '../access/ratelimit.ts'
import type { BoundView } from './explainbound.ts'
import type { Exchange } from '../http/rules/exchange.ts'
import type { Issuer } from '../access/issuer.ts'
import { describeLever, type LeverView } from './leverview.ts'
import { observe, observedUntil } from '../access/observation.ts'
import type { Offer } from '../access/offer.ts'
import { type Check, CHECKS } from '../core/problem.ts'
import type { Proof } from '../access/proof.ts'
import { describeRefusal, type RefusedView, requestRefOf } from '../refusals/describe.ts'
import { statusesOf } from '../access/offer.ts'
import type { Route } from '../access/route.ts'
import type { Zone } from '../zone.ts'
import type { Unverified } from '../rails/rail.ts'
import { describeMoney, type MoneyView } from '../core/money.ts'
import { typesOf, type WouldPass, wouldPass } from './wouldpass.ts'

/** The facts that a decision was made on, for the owner of the credential. */
export interface Explained {
  readonly exchange: Exchange
  readonly zone: Zone
  readonly route: Route
  readonly decision: Decision
  /** The unverified credential that each rail found. */
  readonly credentials: readonly (Unverified | undefined)[]
  /** What the request would reserve, if its meter was asked. */
  readonly bound?: BoundView | undefined
}

/** A check, with the compared values and the outcome. `skipped` if an earlier check decided, or if only a ledger knows. */
interface CheckReport {
  readonly check: Check
  readonly outcome: 'pass' | 'fail' | 'skipped'
  readonly expected?: unknown
  readonly found?: unknown
  readonly detail?: string
}

/** The answer of `explain`. */
export interface ExplainView {
  readonly instance: string
  readonly zone: string
  readonly target: {
    readonly canonical: string
    /** The paths that some server might read the target as. */
    readonly readings: readonly string[]
  }
  readonly route: {
    readonly path: string
    /** The configured query that the route requires. */
    readonly query: Readonly<Record<string, true | string>> | undefined
    readonly methods: readonly string[] | 'any'
    readonly terms: Route['terms']['kind']
  }
  readonly decision: ({ readonly action: 'serve' } & ChargesToCome & RatesView) | RefusedDecision
  readonly observe: ObservationView | undefined
  /** What an operator has opened or closed for a time. */
  readonly lever?: LeverView & { readonly note: string }
  /** What a metered request would reserve, if the question had its content. */
  readonly bound?: BoundView
  readonly checks: readonly CheckReport[]
  /** The configured places in which the token has no claim, and claims of a like name that it has. */
  readonly emptyPlaces?: readonly EmptyPlace[]
  readonly wouldPass: WouldPass
}

type RefusedDecision = { readonly action: 'refuse' | 'preview' } & RefusedView

/** The charge that the request would cause. */
interface ChargesToCome {
  readonly charges?:
    | { readonly receipt: ReceiptCost['receipt'] }
    | { readonly payment: MoneyView }
    | {
        readonly units?: Readonly<Record<string, string>>
        readonly price?: MoneyView
        /** The name of the route's meter. Counts are known afterwards only, so the view shows 1 for each name. */
        readonly meter?: string
      }
}

interface RatesView {
  readonly rates?: readonly (BoundRate | { readonly requests: string; readonly seconds: Window })[]
}

interface ObservationView {
  readonly until: string
  readonly would: Observed['would']
  readonly note: string
}

/** Describes the decision check by check, with what would pass. Shows a client its own credential and no other. */
export function describeDecision(explained: Explained): ExplainView {
  const { exchange, zone, route, decision, bound } = explained
  const offer = route.terms.kind === 'paid' ? route.terms.offer : undefined
  return {
    instance: `urn:uuid:${exchange.id}`,
    zone: zone.name,
    target: {
      canonical: `${exchange.target.path}${exchange.target.query}`,
      readings: exchange.target.interpretations.map(({ path }) => path),
    },
    route: { path: route.path, query: queryOf(route), methods: route.methods ?? 'any', terms: route.terms.kind },
    decision:
      decision.action === 'serve'
        ? { action: 'serve', ...chargesOf(decision, route), ...ratesOf(route) }
        : {
            action: decision.action,
            ...describeRefusal(decision.refusal, requestRefOf(exchange), zone, offer, {
              ...statusesOf(route),
            }),
          },
    observe: observationOf(explained),
    ...leverOf(explained),
    ...(bound && { bound }),
    checks: route.terms.kind === 'paid' ? reportChecks(explained) : [],
    ...emptyPlacesOf(explained),
    wouldPass: wouldPass(zone, route),
  }
}

function emptyPlacesOf({ credentials, decision, zone }: Explained): Pick<ExplainView, 'emptyPlaces'> {
  const credential = decisiveCredential(credentials, decision)
  const issuer = credential?.kind === 'entitlement' ? issuerOf(credential, zone) : undefined
  const found = issuer === undefined || credential === undefined ? [] : emptyPlaces(credential.claims, issuer.claims)
  return found.length === 0 ? {} : { emptyPlaces: found }
}

function queryOf({ query }: Route): ExplainView['route']['query'] {
  return query && Object.fromEntries(query.map(({ name, value }) => [name, value ?? true]))
}

/**
 * Describes observation. The decision says how a request would have been answered; the note says how observation answers
 * instead.
 */
function observationOf({ exchange, route, decision }: Explained): ObservationView | undefined {
  const until = observedUntil(route.terms, exchange.now)
  if (until === undefined) return undefined
  const note =
    observe(decision).action === 'serve'
      ? 'Until then this is served as to an anonymous reader, and nothing is charged.'
      : 'This is refused all the same.'
  const would = decision.action === 'serve' ? 'serve' : decision.refusal.reason
  return { until: new Date(until).toISOString(), would, note }
}

/** Describes the lever in effect. The decision of an opened route says how a request would be answered without it. */
function leverOf({ exchange, route: { terms }, decision }: Explained): Pick<ExplainView, 'lever'> {
  const lever = terms.kind === 'free' ? undefined : terms.lever
  if (lever === undefined) return {}
  const isServed = terms.kind === 'paid' && terms.lever?.decide(decision).action === 'serve'
  const note = terms.kind === 'closed' ? LEVER_CLOSED : isServed ? LEVER_OPENED : LEVER_REFUSED
  return observedUntil(terms, exchange.now) === undefined ? { lever: { ...describeLever(lever), note } } : {}
}

const LEVER_CLOSED = 'Until then this is refused to everyone.'
const LEVER_OPENED =
  'Until then this is served, to whoever would be refused as to an anonymous reader, and nothing is charged.'
const LEVER_REFUSED = 'This is refused all the same.'

const NOT_CHARGED =
  'Nothing is charged here, so what is left is not known. GET /__faregate/account, with the same credential, shows it.'

/** Returns the charge that the request would cause. Whether the account has as much is unknown: no ledger is asked. */
function chargesOf(decision: Decision, { meter }: Route): ChargesToCome {
  const cost = decision.action === 'serve' ? decision.cost : undefined
  if (cost === undefined || !takes(cost)) return {}
  if (cost.from === 'receipt') return { charges: { receipt: cost.receipt } }
  if (cost.from === 'payment') return { charges: { payment: describeMoney(cost.paid.amount) } }
  const { counts, price } = cost
  const units = Object.fromEntries(withoutKeys(counts).map(({ name, units: taken }) => [name, String(taken)]))
  return {
    charges: {
      ...(counts.length === 0 ? {} : { units }),
      ...(price === undefined ? {} : { price: describeMoney(price) }),
      ...(meter && { meter: meter.name }),
    },
  }
}

/** Returns the rates of the route. Whether they are exceeded is unknown: no ledger is asked. */
function ratesOf({ terms }: Route): RatesView {
  if (terms.kind !== 'paid' || terms.rates === undefined) return {}
  const { exact, bound } = terms.rates
  return { rates: [...exact.map(({ quota, window }) => ({ requests: String(quota), seconds: window })), ...bound] }
}

function reportChecks({ decision, credentials, zone, route, exchange, bound }: Explained): CheckReport[] {
  const failed = decision.action === 'serve' ? undefined : decision.refusal.check
  const failedAt = failed === undefined ? CHECKS.length : CHECKS.indexOf(failed === 'reserved' ? 'charge' : failed)
  const facts = factsOf(decisiveCredential(credentials, decision), zone, route, exchange, decision.proof)
  const isCharged = bound === undefined && Object.keys({ ...chargesOf(decision, route), ...ratesOf(route) }).length > 0
  return CHECKS.map((check, index) => {
    if (check === 'charge' && failed === undefined && isCharged)
      return { check, outcome: 'skipped', detail: NOT_CHARGED }
    const outcome = index < failedAt ? 'pass' : index === failedAt ? 'fail' : 'skipped'
    const detail = outcome === 'fail' && decision.action !== 'serve' ? { detail: decision.refusal.detail } : {}
    return { check, outcome, ...(outcome === 'skipped' ? {} : facts[check]), ...detail }
  })
}

/** Returns the credential that the decision was made on. If two were refused, the first. */
function decisiveCredential(credentials: Explained['credentials'], { proof }: Decision): Unverified | undefined {
  const kind = proof === undefined || proof.kind === 'entitlement' ? 'entitlement' : 'payment'
  return credentials.find((found) => found?.kind === kind) ?? credentials.find((found) => found !== undefined)
}

type Facts = Partial<Record<Check, { expected?: unknown; found?: unknown }>>

function factsOf(
  credential: Unverified | undefined,
  zone: Zone,
  route: Route,
  { now, scheme }: Exchange,
  proof: Proof | undefined,
): Facts {
  const offer = route.terms.kind === 'paid' ? route.terms.offer : undefined
  if (credential === undefined) return { transport: { found: scheme } }
  const isSealed = 'enc' in credential.header
  // Of what is sealed nothing shows but what was opened.
  const claims = isSealed && proof !== undefined ? openedClaims(proof) : credential.claims
  const issuer = isSealed ? undefined : issuerOf(credential, zone)
  return {
    presented: { found: credential.field },
    transport: { found: scheme },
    issuer: { expected: zone.issuers.map((entry) => entry.issuer), found: claims['iss'] },
    ...(credential.kind === 'key' && { key: { found: { id: claims['jti'], generation: claims['generation'] } } }),
    ...(issuer === undefined || credential.kind === 'key' ? {} : issuerFacts(issuer, credential)),
    time: {
      expected: { now: Math.floor(now / 1000) },
      found: { iat: claims['iat'], nbf: claims['nbf'], exp: claims['exp'] },
    },
    ...proofFacts(offer, proof),
  }
}

function openedClaims(proof: Proof): Unverified['claims'] {
  const { issuedAt: iat, notBefore: nbf, expires: exp } = proof
  return { ...(proof.kind !== 'payment' && { iss: proof.issuer }), iat, nbf, exp }
}

/** Returns the issuer that the token names: of several entries, the one for its audience. */
function issuerOf({ claims }: Unverified, { issuers }: Zone): Issuer | undefined {
  const named = issuers.filter((entry) => entry.issuer === claims['iss'])
  return named.find((entry) => isMeantFor(claims, entry.audience, entry.claims.audience)) ?? named[0]
}

function proofFacts(offer: Offer | undefined, proof: Proof | undefined): Facts {
  if (proof?.kind === 'receipt') {
    const { amount, resource, methods, grant } = proof
    return {
      cover: {
        expected: { resource: offer?.resource, price: offer?.price && describeMoney(offer.price) },
        found: { ...describeMoney(amount), resource: resource.pattern.source, methods, ...grant },
      },
    }
  }
  if (proof?.kind === 'payment')
    return {
      cover: { expected: { price: offer?.price && describeMoney(offer.price) }, found: describeMoney(proof.amount) },
    }
  return {
    standing: { expected: 'active', found: proof?.standing },
    cover: { expected: { anyOf: offer?.entitlements ?? [] }, found: proof?.entitlements },
  }
}

function issuerFacts(issuer: Issuer, { kind, header, claims }: Unverified): Facts {
  const { exp, iat } = claims
  return {
    audience: { expected: issuer.audience, found: audienceFound(issuer, claims) },
    algorithm: { expected: issuer.algorithms, found: header['alg'] },
    type: { expected: typesOf(issuer, kind), found: header['typ'] },
    key: { found: { kid: header['kid'] } },
    lifetime: {
      expected: { atMostSeconds: issuer.maxLifetimeSeconds },
      found: typeof exp === 'number' && typeof iat === 'number' ? { seconds: exp - iat } : { exp, iat },
    },
  }
}

/** Returns `aud`, and the claim configured in place of `aud`, if any. */
function audienceFound({ claims: { audience } }: Issuer, claims: Unverified['claims']): unknown {
  return audience === undefined ? claims['aud'] : { aud: claims['aud'], [audience.claim]: claims[audience.claim] }
}
