/**
 * Who is signed in when something is bought.
 */
import { judgeLifetime } from '../access/lifetime.ts'
import { entitlementIn } from '../access/proof.ts'
import { REASONS } from '../core/problem.ts'
import { err, ok, type Result } from '../core/result.ts'
import type { EndpointCall, EndpointRequest } from '../endpoints/endpoint.ts'
import type { Login } from '../rails/login.ts'
import type { Services } from '../services.ts'
import { presentAsSigned } from '../standing/present.ts'

/**
 * Returns the account of this login that is signed in, as it stands now; undefined if none is. A shop that is told of an account
 * takes who pays for its owner, so a cookie that was copied must not say so once its session has ended. Error: not known now.
 */
export async function accountSignedIn(
  { issuer }: Pick<Login, 'issuer'>,
  { exchange, site }: Pick<EndpointRequest, 'exchange' | 'site'>,
  call: EndpointCall,
  services: Services,
): Promise<Result<string | undefined, 'standing-unavailable'>> {
  if (exchange.fields.get('cookie') === null) return ok(undefined)
  const presented = await presentAsSigned(exchange, site, services, call)
  const proof = entitlementIn(await services.resolveStanding(presented, site.zone, call))?.proof
  if (proof?.ok === false && REASONS[proof.error.reason].status === 503) return err('standing-unavailable')
  if (proof?.ok !== true || proof.value.issuer !== issuer) return ok(undefined)
  return ok(judgeLifetime(proof.value, exchange.now) === undefined ? proof.value.account : undefined)
}
