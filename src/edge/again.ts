import { judge } from '../core/observe.ts'
import type { Refusal } from '../core/problem.ts'
import type { Presented, Proof } from '../core/proof.ts'
import { ok } from '../core/result.ts'
import type { Zone } from '../core/zone.ts'
import type { Clock, Passage, WaitUntil } from '../ports.ts'
import type { Consult } from './standing.ts'

/** What it takes to decide again. */
export interface Again {
  readonly consult: Consult
  readonly clock: Clock
}

/**
 * Decides again on a request that was let through some time ago, by its proof as it stands now: why it would be refused, or
 * undefined. `zone` says how old that may be known.
 */
export async function refusedNow(
  { proof, route, exchange }: Passage,
  zone: Zone,
  { consult, clock }: Again,
  waitUntil: WaitUntil,
): Promise<Refusal | undefined> {
  const now = clock()
  const presented = await consult(proof && presentedBy(proof), zone, { now, waitUntil })
  const decision = judge(route.terms, presented, { ...exchange, now })
  return decision.action === 'refuse' ? decision.refusal : undefined
}

function presentedBy(proof: Proof): Presented {
  return proof.kind === 'receipt' ? { receipt: ok(proof) } : { entitlement: ok(proof) }
}
