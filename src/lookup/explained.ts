/**
 * Explains what a request of an account would get, as `explain` does for its owner: by the gate's own decision, and beyond
 * it by a dry run of the ledger. Nothing is charged, and no origin is asked.
 */
import type { AccountCost } from '../access/cost.ts'
import { decide, type Decision } from '../access/decide.ts'
import { observedUntil, openedBy } from '../access/observation.ts'
import type { Presented } from '../access/proof.ts'
import { match, type Route } from '../access/route.ts'
import { cachePartitionOf } from '../cache/rules/key.ts'
import { type Check, CREDENTIAL_CHECKS, type Refusal } from '../core/problem.ts'
import { err, ok } from '../core/result.ts'
import { describeDecision, type ExplainView } from '../endpoints/explainview.ts'
import type { Exchange } from '../http/rules/exchange.ts'
import { LEDGER_MS, withTimeout } from '../http/timeout.ts'
import { commandOf } from '../ledger/command.ts'
import { refusedBy } from '../ledger/refused.ts'
import { openLedger } from '../ledger/rules/place.ts'
import { UNAVAILABLE } from '../ledger/unavailable.ts'
import type { Call } from '../ports.ts'
import { describeRefusal } from '../refusals/describe.ts'
import type { Services } from '../services.ts'
import type { Zone } from '../zone.ts'
import type { AskedProof } from './askedproof.ts'

/** What a request would get, and why. A refusal that comes before any route has no checks. */
export type ExplainedView = Omit<ExplainView, 'instance' | 'zone'> | { readonly decision: object }

/** The checks that the account's token is taken to have passed. */
const OF_TOKEN: readonly Check[] = CREDENTIAL_CHECKS
const NO_TOKEN = 'Taken for granted: the account was named, and showed no token.'
const NO_LEDGER_ASKED = 'Not asked: this request counts nothing, or its route is only watched, or open to everyone.'

/** Explains the decision on a request of an account. `asked` is that request, without fields. */
export async function explainFor(
  { entitlement, refused: ofProof }: AskedProof,
  asked: Exchange,
  zone: Zone,
  call: Call,
  services: Services,
): Promise<ExplainedView> {
  const matched = match(zone.routes, asked.target, asked.method)
  if (!matched.ok) return { decision: refusedView(matched.error, asked, zone) }
  const route = (await services.levers?.apply(matched.value, zone, call)) ?? matched.value
  const proof = ofProof === undefined ? ok(entitlement) : err(ofProof)
  const signed: Presented = [{ role: 'entitlement', rail: 'lookup', proof }]
  const presented = await services.resolveStanding(signed, zone, call)
  const decision = decide(route.terms, presented, asked)
  const refused = await dryRun(decision, route, asked, zone, services)
  const settled: Decision =
    refused === undefined || refused === 'not-asked'
      ? decision
      : { action: 'refuse', refusal: refused, proof: decision.proof }
  const {
    instance: _instance,
    zone: _zone,
    ...view
  } = describeDecision({
    exchange: asked,
    zone,
    route,
    decision: settled,
    credentials: [],
  })
  const isAsked = refused !== 'not-asked'
  return { ...view, checks: view.checks.map((one) => withoutToken(one, isAsked, settled)) }
}

type CheckView = ExplainView['checks'][number]

function withoutToken(report: CheckView, isAsked: boolean, { action }: Decision): CheckView {
  const { check, outcome } = report
  if (outcome === 'fail') return report
  if (OF_TOKEN.includes(check)) return { check, outcome: 'skipped', detail: NO_TOKEN }
  if (check !== 'charge' || action !== 'serve') return report
  return isAsked ? { check, outcome: 'pass' } : { check, outcome: 'skipped', detail: NO_LEDGER_ASKED }
}

function refusedView(why: Refusal, { id, origin }: Exchange, zone: Zone): object {
  return { action: 'refuse', ...describeRefusal(why, { id, returnTo: '', origin }, zone, undefined) }
}

/** Returns the refusal that the ledger would give now; undefined if it would charge, `not-asked` if it has nothing to do. */
async function dryRun(
  decision: Decision,
  route: Route,
  exchange: Exchange,
  zone: Zone,
  services: Services,
): Promise<Refusal | undefined | 'not-asked'> {
  if (decision.action !== 'serve' || decision.cost?.from !== 'account') return 'not-asked'
  const { terms } = route
  if (observedUntil(terms, exchange.now) !== undefined || openedBy(terms, exchange.now)) return 'not-asked'
  const { ledgers } = services
  if (ledgers === undefined) return UNAVAILABLE
  const command = commandFor(decision.cost, decision, route, exchange, zone)
  const asked = openLedger(ledgers, zone, decision.cost)
    .dryRun(command)
    .catch(() => undefined)
  const answer = await withTimeout(asked, LEDGER_MS)
  if (answer?.ok !== true) return UNAVAILABLE
  return answer.value && refusedBy(answer.value, exchange.now, route.meter === undefined ? command : undefined)
}

function commandFor(
  cost: AccountCost,
  { proof }: Extract<Decision, { action: 'serve' }>,
  route: Route,
  exchange: Exchange,
  zone: Zone,
): ReturnType<typeof commandOf> {
  const partition = cachePartitionOf(exchange, route, proof)
  const request = new Request(`${exchange.origin}${exchange.target.path}${exchange.target.query}`)
  const admitted = { zone, route, exchange, proof, observed: undefined, request, partition }
  return commandOf(cost, admitted, exchange.now)
}
