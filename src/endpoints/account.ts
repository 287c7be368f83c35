/**
 * Shows the holder of a credential their account: identity, entitlements, standing, usage and charges.
 *
 * The page is read by people and programs that cannot see the gate's log or billing's records. The answer begins with the
 * credential, and includes the ledger's facts if the ledger answers in time. Nothing is charged or changed. A cookie sent
 * from another site proves nothing here: the owner did not ask.
 */
import type { Authority } from '../access/authority.ts'
import type { Refusal } from '../core/problem.ts'
import { entitlementIn, paymentIn, type Presented, receiptIn } from '../access/proof.ts'
import { requestRefOf } from '../refusals/describe.ts'
import { err, ok, type Result } from '../core/result.ts'
import { describeOwned, type Owned } from './accountview.ts'
import { endpointAnswer, type EndpointProblem } from '../refusals/endpointproblem.ts'
import { type EndpointFactory, type EndpointRequest, READ } from './endpoint.ts'
import { exposeOwn, refusedFor, timely, unauthenticated } from './owner.ts'
import { presentAsSigned } from '../standing/present.ts'
import type { Call } from '../ports.ts'
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
    create: (services) => ({
      methods: READ,
      expose: exposeOwn,
      answer: (asked, call) => answer(asked, call, services),
    }),
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
  if (owned.value === undefined) return err(unauthenticated(presented, NEEDED, exchange, zone))
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
  const { proof, authority } = entitlementIn(presented) ?? {}
  const entitlement = timely(mayTell(authority) ? proof : undefined, now)
  if (!entitlement.ok) return entitlement
  const receipt = timely(mayTell(paymentIn(presented)?.authority) ? receiptIn(presented) : undefined, now)
  if (!receipt.ok) return receipt
  const owned = { entitlement: entitlement.value, receipt: receipt.value }
  return ok(entitlement.value === undefined && receipt.value === undefined ? undefined : owned)
}

function mayTell(authority: Authority = 'tell'): boolean {
  return authority === 'tell' || authority === 'spend'
}

const NEEDED = 'This needs the token of the account, or a receipt.'
