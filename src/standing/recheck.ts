import type { Decision } from '../access/decide.ts'
import { decideObserved } from '../access/observation.ts'
import { type Refusal, refusal } from '../core/problem.ts'
import type { Presented, Proof } from '../access/proof.ts'
import { ok } from '../core/result.ts'
import type { Zone } from '../zone.ts'
import type { Clock, AdmittedRequest, WaitUntil } from '../ports.ts'
import type { ResolveStanding } from './resolve.ts'

/** What it takes to decide again. */
export interface RecheckServices {
  readonly resolveStanding: ResolveStanding
  readonly clock: Clock
}

const NOT_INCLUDED = refusal('entitlement-insufficient', 'The plan does not include this any more.', { check: 'cover' })

/**
 * Decides again on a request that was let through some time ago, by its proof as it stands now: why it would be refused, or
 * undefined. What a plan has opened is not bought instead. `zone` says how old that may be known.
 */
export async function recheck(
  { proof, route, exchange }: AdmittedRequest,
  zone: Zone,
  { resolveStanding, clock }: RecheckServices,
  waitUntil: WaitUntil,
): Promise<Refusal | undefined> {
  const now = clock()
  const before = proof && presentedBy(proof)
  const presented = await resolveStanding(before, zone, { now, waitUntil })
  const decision = decideObserved(route.terms, presented, { ...exchange, now })
  if (decision.action !== 'serve') return decision.refusal
  return isBought(decision) && !isBought(decideObserved(route.terms, before, exchange)) ? NOT_INCLUDED : undefined
}

function isBought(decision: Decision): boolean {
  return decision.action === 'serve' && decision.cost?.from === 'account' && decision.cost.price !== undefined
}

/** What was presented before is presented again by no rail of the zone's. */
const RECHECK = 'recheck'

function presentedBy(proof: Proof): Presented {
  return proof.kind === 'entitlement'
    ? [{ role: 'entitlement', rail: RECHECK, proof: ok(proof) }]
    : [{ role: 'payment', rail: RECHECK, proof: ok(proof) }]
}
