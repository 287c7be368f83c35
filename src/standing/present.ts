import type { Eventually } from '../core/eventually.ts'
import type { Presentation, Presented } from '../access/proof.ts'
import type { Offer } from '../access/offer.ts'
import type { Route } from '../access/route.ts'
import type { Exchange } from '../http/rules/exchange.ts'
import type { Call } from '../ports.ts'
import { type CredentialReading, readCredentials } from '../rails/carried.ts'
import type { Login } from '../rails/login.ts'
import type { Carried, CredentialStores, Rail } from '../rails/rail.ts'
import type { Zone } from '../zone.ts'
import type { Verifiers } from '../tokens/verify.ts'
import { inTurn, type ResolveStanding } from './resolve.ts'

/** A zone and its rails. */
interface ZoneRails {
  readonly zone: Zone
  readonly rails: readonly Rail[]
  readonly reading: CredentialReading
  readonly logins?: readonly Login[]
}

const NO_LOGINS: readonly Login[] = []

/** The services for reading credentials. */
export interface PresentServices extends Verifiers, CredentialStores {
  readonly resolveStanding: ResolveStanding
  /** Refuses what comes too fast, once standing is known. */
  readonly slowing?: { readonly resolve: ResolveStanding } | undefined
}

/**
 * Reads the credentials of a request, as they stand now. Asks nobody if identity does not matter: on a closed route, and on
 * a free one with a shared copy.
 */
export function present(
  exchange: Exchange,
  site: ZoneRails,
  { terms, cache }: Route,
  services: PresentServices,
  call: Call,
): Eventually<Presented | undefined> {
  if (terms.kind === 'closed' || (terms.kind === 'free' && cache.partition === 'shared')) return undefined
  const offer = terms.kind === 'paid' ? terms.offer : undefined
  const presented = presentAsSigned(exchange, site, services, call, offer)
  const { resolveStanding, slowing } = services
  const resolve = slowing === undefined ? resolveStanding : inTurn(resolveStanding, slowing.resolve)
  return presented instanceof Promise
    ? presented.then((signed) => resolve(signed, site.zone, call))
    : resolve(presented, site.zone, call)
}

/**
 * Reads the credentials that each rail of the site finds, as they were signed: later statements are not considered.
 * Undefined if no rail finds any. `offer`: that of the request's route, for payments.
 */
export function presentAsSigned(
  exchange: Exchange,
  { zone, rails, reading, logins = NO_LOGINS }: ZoneRails,
  services: Verifiers & CredentialStores,
  call: Call,
  offer?: Offer,
): Eventually<Presented | undefined> {
  const { receipt, sent } = readCredentials(exchange, reading, services.rememberedKind)
  const carried: Carried = { exchange, zone, receipt, sent, verifiers: services, stores: services, logins, call, offer }
  return presentAll(rails, carried, undefined)
}

/** Asks the rails in a loop, and in a promise chain from the first rail that has to wait. */
function presentAll(
  rails: readonly Rail[],
  carried: Carried,
  before: Presented | undefined,
): Eventually<Presented | undefined> {
  let presented = before
  for (const [at, rail] of rails.entries()) {
    const found = rail.present(carried)
    if (found instanceof Promise)
      return found.then((one) => presentAll(rails.slice(at + 1), carried, withOne(presented, one)))
    if (found !== undefined) presented = withOne(presented, found)
  }
  return presented
}

function withOne(presented: Presented | undefined, found: Presentation | undefined): Presented | undefined {
  if (found === undefined) return presented
  return presented === undefined ? [found] : [...presented, found]
}
