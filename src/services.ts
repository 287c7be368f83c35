import type { SettlerPlatform } from './rails/rail.ts'
import { createSettlers, type Settlers } from './rails/settlers.ts'
import { loggableAddress, withoutSecrets } from './core/error.ts'
import { type Route, routeName } from './access/route.ts'
import { createBodies, type MakeRoom } from './http/body.ts'
import { createMemoryCache, type MemoryCache } from './content/memory.ts'
import { createKeys } from './tokens/jwks.ts'
import { createAccountHash, writeLine, logWarning } from './log.ts'
import type { BoundSocket } from './content/shape.ts'
import { createStatusLists } from './tokens/statuslists.ts'
import type { Clock, Objects, RateLimiter, Ledgers, Log } from './ports.ts'
import { createBulletins, type Bulletins } from './standing/bulletin.ts'
import { createPurgeFeed } from './cache/purgenews.ts'
import { type ResolveStanding, createBulletinResolver, createListResolver, inTurn } from './standing/resolve.ts'
import { createEventVerifier, type VerifyEvent } from './standing/eventtoken.ts'
import { createOperatorVerifier, type VerifyOperator } from './tokens/operator.ts'
import { createVerifiers, type HashAccount, type Verifiers } from './tokens/verify.ts'
import type { Site } from './site.ts'

/** The parts of a configuration that the services are made from. */
export interface ServicesOptions {
  readonly sites: ReadonlyMap<string, Site>
  /** The key for the hash of accounts in the log; without it the log has no accounts. */
  readonly accountKey: string | undefined
}

/** Creates the services of one isolate. */
export function createServices(
  { sites, accountKey }: ServicesOptions,
  boundSocket: BoundSocket,
  objects?: Objects,
  rates?: RateLimiter,
  platform: SettlerPlatform = NO_BINDINGS,
): Services {
  if (objects === undefined) warnOfMetered(sites)
  const { clock } = platform
  const keys = createKeys(clock, (url, message) => warnOf('keys', url, message))
  const lists = createStatusLists(keys, clock, (uri, message) => warnOf('statusList', uri, message))
  const hashAccount = accountKey === undefined ? undefined : createAccountHash(accountKey)
  const kept = keptIn(objects, createListResolver(lists), clock)
  return {
    sites,
    clock,
    log: writeLine,
    boundSocket,
    memory: createMemoryCache(boundSocket, clock, kept.bulletins && createPurgeFeed(kept.bulletins)),
    ...createVerifiers(keys, hashAccount),
    hashAccount,
    verifyOperator: createOperatorVerifier(keys),
    ...kept,
    rates,
    settlers: createSettlers(sites.values(), platform),
    makeRoom: createBodies(clock),
    verifyEvent: createEventVerifier(keys),
  }
}

const NO_BINDINGS: SettlerPlatform = {
  clock: () => Date.now(),
  fetch: async (request) => fetch(request),
  bindings: {},
}

function warnOf(what: 'keys' | 'statusList', url: string, message: string): void {
  logWarning({ [what]: loggableAddress(url), error: withoutSecrets(message, url) })
}

/** Warns of routes that need a ledger if there is none: their requests are answered 503, and a refusal cannot say why. */
function warnOfMetered(sites: ServicesOptions['sites']): void {
  const zones = new Set(Array.from(sites.values(), ({ zone }) => zone))
  const routes = Array.from(zones, ({ name, routes: { entries, unmatched } }) =>
    [...entries.map(({ route }) => route), unmatched].filter(isMetered).map((route) => `${name} ${routeName(route)}`),
  ).flat()
  if (routes.length === 0) return
  logWarning({
    ledger: 'no Durable Object is bound as LEDGER, so what these routes meter is answered 503',
    routes,
  })
}

function isMetered({ terms }: Route): boolean {
  if (terms.kind !== 'paid') return false
  const { offer, metering, metered, rates } = terms
  return (
    offer.price !== undefined || metering.quotas.length > 0 || metered !== undefined || (rates?.exact ?? []).length > 0
  )
}

/**
 * Returns the stores shared by all isolates, and the resolver of standing over them. Without stores only status lists
 * tell of changes.
 */
function keptIn(
  objects: Objects | undefined,
  lists: ResolveStanding,
  clock: Clock,
): Pick<Services, 'ledgers' | 'bulletins' | 'resolveStanding'> {
  if (objects === undefined) return { ledgers: undefined, bulletins: undefined, resolveStanding: lists }
  const { ledgers } = objects
  const bulletins = createBulletins(objects.bulletins, clock)
  return { ledgers, bulletins, resolveStanding: inTurn(lists, createBulletinResolver(bulletins, ledgers, clock)) }
}

/** The dependencies of the pipeline, created once in each isolate. */
export interface Services extends Verifiers {
  /** The site of each host, lower case and without port. */
  readonly sites: ReadonlyMap<string, Site>
  readonly verifyOperator: VerifyOperator
  readonly verifyEvent: VerifyEvent
  readonly clock: Clock
  readonly log: Log
  readonly boundSocket: BoundSocket
  readonly memory: MemoryCache
  readonly resolveStanding: ResolveStanding
  /** Absent if the log has no accounts. */
  readonly hashAccount: HashAccount | undefined
  /** Absent if there is no store: later statements about accounts are not known then. */
  readonly bulletins: Bulletins | undefined
  /** Absent if there is no store: every request that has to be recorded is refused then. */
  readonly ledgers: Ledgers | undefined
  readonly rates: RateLimiter | undefined
  /** Settles the payments of rails that move money. */
  readonly settlers: Settlers
  /** Makes room for request bodies that have to be read. */
  readonly makeRoom: MakeRoom
}
