/**
 * Shows the holder of a credential their account: identity, entitlements, standing, usage and charges.
 *
 * The page is read by people and programs that cannot see the gate's log or billing's records. The answer begins with the
 * credential, and includes the ledger's facts if the ledger answers in time. Nothing is charged or changed. A cookie sent
 * from another site proves nothing here: the owner did not ask.
 */
import type { Exchange } from '../http/rules/exchange.ts'
import { judgeLifetime } from '../access/lifetime.ts'
import { REASONS, type Refusal, signInFor } from '../core/problem.ts'
import { entitlementIn, type Presented, receiptIn, type TokenProof } from '../access/proof.ts'
import { describeRefusal, requestRefOf } from '../refusals/describe.ts'
import { err, ok, type Result } from '../core/result.ts'
import type { Zone } from '../zone.ts'
import { describeOwned, type Owned } from './accountview.ts'
import { endpointAnswer, type EndpointProblem } from '../refusals/endpointproblem.ts'
import { type EndpointFactory, type EndpointRequest, READ } from './endpoint.ts'
import { presentAsSigned } from '../standing/present.ts'
import type { Call } from '../ports.ts'
import { bearerChallenge } from '../tokens/bearer.ts'
import type { Services } from '../services.ts'

/**
 * `GET /__faregate/account`: shows the credential's identity, entitlements, standing with remedies, usage and charges.
 * Nothing is charged or changed.
 *
 * @example
 * ```ts options
 * endpoints: [account()]
 * ```
 */
export function account(): EndpointFactory {
  return {
    path: 'account',
    create: (services) => ({ methods: READ, expose, answer: (asked, call) => answer(asked, call, services) }),
  }
}

async function answer(
  { exchange, site }: EndpointRequest,
  call: Call,
  services: Services,
): Promise<Result<Response, EndpointProblem>> {
  const { zone } = site
  const presented = await presentAsSigned(exchange, site, services, call)
  const owned = ownedBy(presented, exchange.now)
  if (!owned.ok) return err(refusedFor(owned.error, exchange, zone))
  if (owned.value === undefined) return err(unauthenticated(presented, exchange, zone))
  const asker = { zone, ref: requestRefOf(exchange), call }
  const described = await describeOwned(owned.value, asker, services)
  if (!described.ok) return err(refusedFor(described.error, exchange, zone))
  return ok(endpointAnswer({ instance: `urn:uuid:${exchange.id}`, zone: zone.name, ...described.value }))
}

/**
 * Returns the proofs whose facts may be shown, or undefined if nobody has identified themselves. A cookie sent from another
 * site identifies nobody: its owner did not ask.
 */
function ownedBy(presented: Presented | undefined, now: number): Result<Owned | undefined, Refusal> {
  const { proof, authority = 'tell' } = entitlementIn(presented) ?? {}
  const entitlement = timely(authority === 'tell' || authority === 'spend' ? proof : undefined, now)
  if (!entitlement.ok) return entitlement
  const receipt = timely(receiptIn(presented), now)
  if (!receipt.ok) return receipt
  const owned = { entitlement: entitlement.value, receipt: receipt.value }
  return ok(entitlement.value === undefined && receipt.value === undefined ? undefined : owned)
}

function timely<P extends TokenProof>(
  proof: Result<P, Refusal> | undefined,
  now: number,
): Result<P | undefined, Refusal> {
  if (proof?.ok !== true) return proof ?? ok(undefined)
  const untimely = judgeLifetime(proof.value, now)
  return untimely === undefined ? proof : err(untimely)
}

function unauthenticated(presented: Presented | undefined, exchange: Exchange, zone: Zone): EndpointProblem {
  const detail =
    presented === undefined
      ? 'This needs the token of the account, or a receipt.'
      : 'The cookie was sent from another site, where it does not say who asks.'
  return {
    status: 401,
    title: 'Unauthorized',
    detail,
    remedies: signInFor(zone.remedies, requestRefOf(exchange).returnTo),
    fields: { 'www-authenticate': bearerChallenge(zone.name, '', undefined) },
  }
}

/** Writes the refusal of a credential with its remedies. */
function refusedFor(why: Refusal, exchange: Exchange, zone: Zone): EndpointProblem {
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
function expose(answer: Headers, { fields }: Exchange): void {
  answer.set('Vary', 'Authorization, Cookie')
  if (fields.get('cookie') !== null) return
  answer.set('Access-Control-Allow-Origin', '*')
  answer.set('Access-Control-Expose-Headers', 'Retry-After, WWW-Authenticate')
}
