/**
 * Lets billing on the zone's own host sign its reader in.
 *
 * Behind the gate billing is an origin like any other, and no origin may set a cookie of the gate: any page of the site could
 * then sign its reader in as somebody else. On the one route that the configuration names for billing the cookie leaves, if it
 * holds a token that would be honoured here as a bearer token, or if it is removed. The gate writes the attributes itself.
 */
import { judgeLifetime } from '../access/lifetime.ts'
import { match } from '../access/route.ts'
import { after, type Eventually } from '../core/eventually.ts'
import { sessionSetIn, type SetSession } from '../http/rules/sessioncookie.ts'
import type { AdmittedRequest, Call } from '../ports.ts'
import { COOKIE, MAX_COOKIE_BYTES, REMOVAL } from '../rails/owncookie.ts'
import type { ResolveStanding } from '../standing/resolve.ts'
import type { Verify } from '../tokens/verify.ts'

/** The services that judge the token of a cookie. */
export interface SessionVerifiers {
  readonly verify: Verify
  readonly resolveStanding: ResolveStanding
}

/**
 * Returns the `Set-Cookie` value with which an answer of billing's signs its reader in or out; undefined if it does neither. A
 * handshake does neither.
 */
export function sessionCookieOf(
  { status, headers }: Response,
  admitted: AdmittedRequest,
  services: SessionVerifiers,
  call: Call,
): Eventually<string | undefined> {
  const { zone, exchange } = admitted
  const found = status === 101 ? undefined : sessionSetIn(headers.getSetCookie(), call.now)
  if (found === undefined || !isSurelyBilling(admitted)) return undefined
  if (found.kind === 'removed') return REMOVAL[1]
  // A browser keeps no such cookie from plain http, and nobody else may read it on its way.
  if (exchange.scheme !== 'https' || found.value.length > MAX_COOKIE_BYTES) return undefined
  return after(services.verify(found.value, zone, call), (proof) => {
    if (!proof.ok) return undefined
    const presented = [{ role: 'entitlement', rail: 'billing', proof }] as const
    return after(services.resolveStanding(presented, zone, call), (stands) => {
      const entitlement = stands?.[0]?.proof
      if (entitlement?.ok !== true || judgeLifetime(entitlement.value, call.now) !== undefined) return undefined
      return written(found, Math.floor(entitlement.value.expires - call.now / 1000))
    })
  })
}

/**
 * Returns true if the target is a path of billing's however a server reads it. Elsewhere the strictest reading decides; here
 * another page of the origin might answer.
 */
function isSurelyBilling({ zone: { routes }, route, exchange: { target, method } }: AdmittedRequest): boolean {
  const pattern = routes.entries.find((entry) => entry.route === route)?.pattern
  const isLiteral = routes.literals.has(target.path)
  const others = target.interpretations.filter(({ bySuffix }) => !(bySuffix && isLiteral))
  return [target.path, ...others.map(({ path }) => path)].every((path) => {
    const found = match(routes, { ...target, path, interpretations: [] }, method)
    return found.ok && found.value === route && pattern?.exact.test(path) === true
  })
}

function written({ value, seconds, isStrict }: Extract<SetSession, { kind: 'set' }>, life: number): string {
  const maxAge = seconds === undefined ? '' : ` Max-Age=${Math.max(0, Math.min(seconds, life))};`
  return `${COOKIE}=${value}; Path=/;${maxAge} Secure; HttpOnly; SameSite=${isStrict ? 'Strict' : 'Lax'}`
}

/** Returns billing's answer, for its reader alone. `cookie` signs the reader in or out. */
export function withSession(response: Response, cookie: string | undefined): Response {
  if (response.status === 101) return response
  const { headers } = response
  headers.set('cache-control', 'private, no-store')
  headers.delete('expires')
  headers.delete('pragma')
  if (cookie !== undefined) headers.append('set-cookie', cookie)
  return response
}
