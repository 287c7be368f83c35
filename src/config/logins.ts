/**
 * What the logins of a zone bring with them: endpoints, issuers, and links.
 */
import type { Issuer } from '../access/issuer.ts'
import { OWN_MAPPING } from '../access/ownclaims.ts'
import type { RemedyLinks } from '../core/remedy.ts'
import type { EndpointFactory } from '../endpoints/endpoint.ts'
import type { EventSource } from '../endpoints/eventsource.ts'
import type { LoginPlugin } from '../endpoints/loginplugin.ts'
import type { Login } from '../rails/login.ts'
import type { Rail } from '../rails/rail.ts'

interface MayHaveLogins {
  readonly logins?: readonly LoginPlugin[] | undefined
  readonly events?: readonly EventSource[] | undefined
}

/** Returns the logins of a zone: those that it lists, and those of its sources of events. */
export function loginsOf({ logins = [], events = [] }: MayHaveLogins): readonly LoginPlugin[] {
  return [...logins, ...events.flatMap(({ login }) => login ?? [])]
}

/** Returns the endpoints of all logins, one for each path. */
export function endpointsOfLogins(zones: readonly MayHaveLogins[]): Iterable<EndpointFactory> {
  const all = zones.flatMap(loginsOf).flatMap(({ endpoints }) => endpoints)
  return new Map(all.map((endpoint) => [endpoint.path, endpoint])).values()
}

/** Returns the issuers of accounts that no token speaks of: whatever claims to be one is refused. */
export function broughtIssuers(logins: readonly LoginPlugin[], audience: string): readonly Issuer[] {
  const bringing = logins.filter(({ bringsIssuer }) => bringsIssuer)
  const longest = Math.max(0, ...bringing.map(({ longestReceiptSeconds = 0 }) => longestReceiptSeconds))
  return [...new Set(bringing.map(({ issuer }) => issuer))].map((issuer) => ({
    ...silentIssuer(issuer, audience),
    maxLifetimeSeconds: longest,
  }))
}

/** Returns the issuers of accounts that rails recognise by themselves. */
export function recognisedIssuers(rails: readonly Rail[], audience: string): readonly Issuer[] {
  const names = new Set(rails.flatMap(({ bringsIssuer }) => bringsIssuer ?? []))
  return [...names].map((issuer) => ({ ...silentIssuer(issuer, audience), isNamedOnly: true as const }))
}

/** An issuer that signs nothing. */
function silentIssuer(issuer: string, audience: string): Issuer {
  return {
    issuer,
    audience,
    algorithms: [],
    keys: { kind: 'inline', keys: [] },
    types: {},
    hasLogin: true,
    allowsAbsentType: false,
    claims: OWN_MAPPING,
    clockToleranceSeconds: 0,
    maxLifetimeSeconds: 0,
  }
}

/** Returns the gate's own pages for what the operator's pages do not cure. */
export function loginRemedies(logins: readonly Login[]): RemedyLinks {
  return {
    ...(logins.some(({ offers }) => offers.length > 0) && {
      checkout: '{origin}/__faregate/checkout?to={return}',
      offer: '{origin}/__faregate/checkout?offer={offer}&to={return}',
    }),
    ...(logins.some(({ signsIn }) => signsIn) && { signIn: '{origin}/__faregate/sign-in?to={return}' }),
    ...(logins.some((login) => login.portal !== undefined) && { portal: '{origin}/__faregate/portal?to={return}' }),
  }
}
