/**
 * Whose token a request for one of the gate's own endpoints presents, and what is answered to nobody's.
 *
 * What these endpoints show is the account's own: they are asked with any credential of it, and a cookie sent from another site
 * proves nothing, for its owner did not ask.
 */
import type { Entitlement } from '../access/entitlement.ts'
import { judgeLifetime } from '../access/lifetime.ts'
import { entitlementIn, type Presented, type TokenProof } from '../access/proof.ts'
import { REASONS, type Refusal } from '../core/problem.ts'
import { signInFor } from '../core/remedy.ts'
import { err, ok, type Result } from '../core/result.ts'
import type { Exchange } from '../http/rules/exchange.ts'
import type { Call } from '../ports.ts'
import { describeRefusal, requestRefOf } from '../refusals/describe.ts'
import type { EndpointProblem } from '../refusals/endpointproblem.ts'
import type { Services } from '../services.ts'
import { presentAsSigned } from '../standing/present.ts'
import { bearerChallenge } from '../tokens/bearer.ts'
import type { Zone } from '../zone.ts'
import type { EndpointRequest } from './endpoint.ts'

/** Returns the account of the request's credential, as it stands now. Error: the answer to anybody else. */
export async function readerAccount(
  { exchange, site }: EndpointRequest,
  call: Call,
  services: Services,
): Promise<Result<Entitlement, EndpointProblem>> {
  const { zone } = site
  const presented = await presentAsSigned(exchange, site, services, call)
  const { proof, authority = 'tell' } = entitlementIn(presented) ?? {}
  const signed = timely(authority === 'tell' || authority === 'spend' ? proof : undefined, exchange.now)
  if (!signed.ok) return err(refusedFor(signed.error, exchange, zone))
  if (signed.value === undefined) return err(unauthenticated(presented, NEEDED, exchange, zone))
  // The holder of a revoked token may not be its owner.
  const found = entitlementIn(await services.resolveStanding(presented, zone, call))?.proof
  if (found === undefined) return err(unauthenticated(presented, NEEDED, exchange, zone))
  return found.ok ? found : err(refusedFor(found.error, exchange, zone))
}

const NEEDED = 'This needs a credential of the account.'

/** The answer if a ledger does not. */
export const LEDGER_SILENT: EndpointProblem = {
  status: 503,
  title: 'Service Unavailable',
  detail: 'The ledger does not answer.',
  reason: 'ledger-unavailable',
  fields: { 'retry-after': '5' },
}

/** Returns a proof if its time has come and is not over. */
export function timely<P extends TokenProof>(
  proof: Result<P, Refusal> | undefined,
  now: number,
): Result<P | undefined, Refusal> {
  if (proof?.ok !== true) return proof ?? ok(undefined)
  const untimely = judgeLifetime(proof.value, now)
  return untimely === undefined ? proof : err(untimely)
}

/** Answers whoever has not identified themselves. `needed`: what would. */
export function unauthenticated(
  presented: Presented | undefined,
  needed: string,
  exchange: Exchange,
  zone: Zone,
): EndpointProblem {
  const detail =
    presented === undefined ? needed : 'The cookie was sent from another site, where it does not say who asks.'
  return {
    status: 401,
    title: 'Unauthorized',
    detail,
    remedies: signInFor(zone.remedies, requestRefOf(exchange)),
    fields: { 'www-authenticate': bearerChallenge(zone.name, '', undefined) },
  }
}

/** Writes the refusal of a credential with its remedies. */
export function refusedFor(why: Refusal, exchange: Exchange, zone: Zone): EndpointProblem {
  const { type, title, status, detail, remedies } = describeRefusal(why, requestRefOf(exchange), zone, undefined)
  const { reason, check, retryAfterSeconds } = why
  const fields = {
    ...Object.fromEntries(why.fields ?? []),
    ...(REASONS[reason].status === 402 && { 'www-authenticate': bearerChallenge(zone.name, '', why) }),
    ...(retryAfterSeconds !== undefined && { 'retry-after': String(retryAfterSeconds) }),
  }
  return { type, title, status, detail, reason, check, remedies, fields }
}

/**
 * Lets programs on other sites read an answer to a token of their own. If the request had a cookie, no other site may read
 * it.
 */
export function exposeOwn(answer: Headers, { fields }: Exchange): void {
  answer.set('Vary', 'Authorization, Cookie')
  if (fields.get('cookie') !== null) return
  answer.set('Access-Control-Allow-Origin', '*')
  answer.set('Access-Control-Expose-Headers', 'Retry-After, WWW-Authenticate')
}
