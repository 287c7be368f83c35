import type { Decision } from '../access/decide.ts'
import { decideObserved } from '../access/observation.ts'
import { type Refusal, refusal } from '../core/problem.ts'
import type { Presented, Proof } from '../access/proof.ts'
import { ok } from '../core/result.ts'
import type { Zone } from '../zone.ts'
import type { Clock, AdmittedRequest, WaitUntil } from '../ports.ts'
import type { Levers } from './levers.ts'
import type { ResolveStanding } from './resolve.ts'

/** The services for deciding again. */
export interface RecheckServices {
  readonly resolveStanding: ResolveStanding
  readonly clock: Clock
  readonly levers?: Levers | undefined
}

const OPEN_NO_MORE = refusal('payment-required', 'This was open to everyone for a time, and the time is over.')
const NOT_INCLUDED = refusal('entitlement-insufficient', 'The plan does not include this any more.', { check: 'cover' })

/**
 * Decides again on a request that was let through some time ago, by the present standing of its proof. Returns the refusal,
 * or undefined if the request may go on, as one that an exemption has opened. A request that a plan has opened is not continued at a price. `zone` bounds the age
 * of the known standing.
 */
export async function recheck(
  { proof: shown, observed, exempt, route: known, exchange, bound }: AdmittedRequest,
  zone: Zone,
  { resolveStanding, clock, levers }: RecheckServices,
  waitUntil: WaitUntil,
): Promise<Refusal | undefined> {
  const now = clock()
  const route = (await levers?.apply(known, zone, { now, waitUntil })) ?? known
  const closed = route.closing?.ofAll(bound?.attempts)
  if (closed !== undefined) return closed
  if (exempt !== undefined && exempt.lever === undefined && route.terms.kind !== 'closed') return undefined
  const proof = shown ?? observed?.proof
  const before = proof && presentedBy(proof)
  const presented = await resolveStanding(before, zone, { now, waitUntil })
  const decision = decideObserved(route.terms, presented, { ...exchange, now })
  if (decision.action !== 'serve') return decision.refusal
  if (exempt?.lever !== undefined && decision.cost !== undefined) return OPEN_NO_MORE
  return isBought(decision) && !isBought(decideObserved(route.terms, before, exchange)) ? NOT_INCLUDED : undefined
}

function isBought(decision: Decision): boolean {
  return decision.action === 'serve' && decision.cost?.from === 'account' && decision.cost.price !== undefined
}

/** The rail named in a repeated presentation: no rail of the zone has this name. */
const RECHECK = 'recheck'

function presentedBy(proof: Proof): Presented {
  return proof.kind === 'entitlement'
    ? [{ role: 'entitlement', rail: RECHECK, proof: ok(proof) }]
    : [{ role: 'payment', rail: RECHECK, proof: ok(proof) }]
}
