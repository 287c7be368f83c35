import { createSettlers, type Settlers } from './rails/settlers.ts'
import { loggableAddress, withoutSecrets } from './core/error.ts'
import { type Route, routeName } from './access/route.ts'
import { createBodies, type MakeRoom } from './http/body.ts'
import { createMemoryCache, type MemoryCache } from './content/memory.ts'
import { createPreviews, type Previews } from './previews/previews.ts'
import { PaymentFailures } from './ledger/paymentfailures.ts'
import { Waiters } from './ledger/waiting.ts'
import { type Bindings, bindingsOf } from './config/rules/bindings.ts'
import { type Batching, createBatching } from './ledger/batching.ts'
import { createKeys } from './tokens/jwks.ts'
import type { KnownFetches } from './tokens/known.ts'
import { createAccountHash, logWarning } from './log.ts'
import { createStatusLists } from './tokens/statuslists.ts'
import type { BoundSocket, Clock, Keys, Ledgers, Platform, RateLimiter, ReadDistrust, StatusLists } from './ports.ts'
import type { TallyStores } from './tallies/rules/stores.ts'
import type { EventTargets } from './standing/apply.ts'
import { createBulletins, createDistrustReader, type Bulletins } from './standing/bulletin.ts'
import type { CreateLevers, Levers } from './standing/levers.ts'
import { createPurgeFeed } from './cache/purgenews.ts'
import { type ResolveStanding, createBulletinResolver, createListResolver, inTurn } from './standing/resolve.ts'
import { createClaimCount } from './tokens/claimcount.ts'
import { createVerifiers, type HashAccount, type Verifiers } from './tokens/verify.ts'
import type { Site } from './site.ts'
import type { Zone } from './zone.ts'
import type { Log } from './logrecord.ts'
import type { TallyPlugin } from './tallies/plugin.ts'
import type { WatchPlugin } from './tallies/watch.ts'
import type {
  AnomalyPlugin,
  ForgetWatched,
  ReadFound,
  SettleFound,
  Slowing,
  TraceRequest,
  TripWatch,
} from './anomalies/plugin.ts'
import { createLog, type LogPolicy } from './requestlog.ts'

/** The parts of a configuration that the services are made from. */
export interface ServicesOptions {
  readonly sites: ReadonlyMap<string, Site>
  /** The key for the hash of accounts in the log; without it the log has no accounts. */
  readonly accountKey: string | undefined
  readonly log: LogPolicy
  /** What adds up what is answered; absent if nothing shows it. */
  readonly tallies?: TallyPlugin | undefined
  /** Creates the levers of operators; absent if nothing pulls any. */
  readonly levers?: CreateLevers | undefined
  /** What watches the sums; absent if nothing does. */
  readonly watch?: WatchPlugin | undefined
  /** What watches for what is not normal; absent if nothing shows it. */
  readonly anomalies?: AnomalyPlugin | undefined
}

/** Creates the services of one isolate. */
export function createServices(options: ServicesOptions, platform: Platform): Services {
  const { sites, accountKey } = options
  const { clock, fetch, rates, boundSocket = asItIs } = platform
  const keys = createKeys(platform, (url, message) => warnOf('keys', url, message))
  const lists = createStatusLists(keys, platform, (uri, message) => warnOf('statusList', uri, message))
  const hashAccount = accountKey === undefined ? undefined : createAccountHash(accountKey)
  const stores = storesIn(platform, lists)
  if (stores.ledgers === undefined) {
    warnOfRoutes(sites, isMetered, { ledger: NO_LEDGERS })
    warnOfLogins(sites)
  }
  if (rates === undefined) warnOfRoutes(sites, isBoundRated, { rate: NO_RATES })
  return {
    sites,
    clock,
    fetch,
    copies: (maxBytes) => platform.copies(maxBytes),
    ...logOf(options, platform, { keys, lists }, stores),
    tallies: platform.tallies,
    bindings: bindingsOf(platform.bindings),
    boundSocket,
    ...memoryIn(platform, boundSocket, stores.bulletins),
    clientAddress: (request) => platform.clientAddress(request),
    countryOf: (request) => platform.countryOf?.(request),
    keys,
    fetched: { keys, lists },
    ...createVerifiers(keys, hashAccount, createClaimCount(logWarning, clock)),
    hashAccount,
    ...stores,
    levers: stores.bulletins && options.levers?.(stores.bulletins),
    rates,
    batching: createBatching(platform),
    settlers: createSettlers(sites.values(), platform),
    makeRoom: createBodies(clock),
    waiters: new Waiters(),
    paymentFailures: new PaymentFailures((request) => platform.clientAddress(request)),
  }
}

/** Creates the log; what is answered is added up and watched as well, if something shows it. */
function logOf(
  { sites, log, tallies, watch, anomalies }: ServicesOptions,
  platform: Platform,
  fetched: KnownFetches,
  targets: EventTargets,
): Pick<Services, 'log' | 'traceRequest' | 'readFound' | 'settleFound' | 'forgetWatched' | 'slowing' | 'trips'> {
  const { clock, random, tallies: stores } = platform
  const lines = createLog(platform.log, log, clock)
  const watcher = anomalies?.createWatcher({ ...platform, sites, stores: platform.anomalies, targets })
  const conditionsOf =
    watch && ((zone: Zone) => [...watch.conditionsOf(zone, fetched, clock()), ...(watcher?.conditionsOf?.(zone) ?? [])])
  const addUp = stores && tallies?.createRecorder({ sites, stores, clock, random, conditionsOf })
  const others = [addUp, watcher?.observe].filter((other) => other !== undefined)
  return {
    log:
      others.length === 0
        ? lines
        : (record, waitUntil) => {
            for (const other of others) other(record, waitUntil)
            lines(record, waitUntil)
          },
    traceRequest: watcher?.traceRequest,
    readFound: anomalies?.createReader(platform.anomalies),
    settleFound: anomalies?.createSettler(platform.anomalies),
    forgetWatched: anomalies?.createForgetter(platform.anomalies),
    slowing: watcher?.slowing,
    trips: watcher?.trips,
  }
}

/** Creates the memory of copies, and that of what is public of pages: what is forgotten of the one is forgotten of both. */
function memoryIn(
  { clock, newPageParser, sharesPromises }: Platform,
  boundSocket: BoundSocket,
  bulletins: Bulletins | undefined,
): Pick<Services, 'memory' | 'previews'> {
  const news = bulletins && createPurgeFeed(bulletins)
  const memory = createMemoryCache(boundSocket, clock, news)
  if (newPageParser === undefined) return { memory, previews: undefined }
  const previews = createPreviews({ memory, clock, news, newPageParser, sharesPromises })
  const forget: MemoryCache['forget'] = (zone, path) => {
    memory.forget(zone, path)
    previews.forget(zone, path)
  }
  return { memory: { ...memory, forget }, previews }
}

const asItIs: BoundSocket = (response) => response

function warnOf(what: 'keys' | 'statusList', url: string, message: string): void {
  logWarning({ [what]: loggableAddress(url), error: withoutSecrets(message, url) })
}

const NO_LEDGERS =
  'there are no ledgers (on Workers: bind LEDGER, and give `cloudflare` to the paywall), so what these routes meter is answered 503'
const NO_RATES =
  'there are no rate limits of the platform (on Workers: give `cloudflare` to the paywall), so those of these routes let all through'

/** Warns of routes that need what the platform does not have: a refusal cannot say why. */
function warnOfRoutes(sites: ServicesOptions['sites'], isOne: (route: Route) => boolean, warning: object): void {
  const zones = new Set(Array.from(sites.values(), ({ zone }) => zone))
  const routes = Array.from(zones, ({ name, routes: { entries, unmatched } }) =>
    [...entries.map(({ route }) => route), unmatched].filter(isOne).map((route) => `${name} ${routeName(route)}`),
  ).flat()
  if (routes.length > 0) logWarning({ ...warning, routes })
}

/** Warns of zones in which nobody can sign in: a session needs a ledger that renews and ends it. */
function warnOfLogins(sites: ServicesOptions['sites']): void {
  const zones = [...new Set(sites.values())].flatMap(({ zone, logins = [] }) => (logins.length > 0 ? zone.name : []))
  if (zones.length > 0) logWarning({ ledger: 'there are no ledgers, so nobody can sign in to these zones', zones })
}

function isBoundRated({ terms }: Route): boolean {
  return terms.kind === 'paid' && (terms.rates?.bound ?? []).length > 0
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
function storesIn(
  { ledgers, bulletins: stores, clock }: Platform,
  lists: StatusLists,
): Pick<Services, 'ledgers' | 'bulletins' | 'resolveStanding' | 'readDistrust'> {
  if (ledgers === undefined || stores === undefined) {
    const readDistrust = createDistrustReader(undefined)
    return {
      ledgers: undefined,
      bulletins: undefined,
      readDistrust,
      resolveStanding: createListResolver(lists, readDistrust),
    }
  }
  const bulletins = createBulletins(stores, clock)
  const readDistrust = createDistrustReader(bulletins)
  const byLists = createListResolver(lists, readDistrust)
  const resolveStanding = inTurn(byLists, createBulletinResolver(bulletins, ledgers, clock))
  return { ledgers, bulletins, readDistrust, resolveStanding }
}

/** The dependencies of the pipeline, created once in each isolate. */
export interface Services extends Verifiers {
  /** The site of each host, lower case and without port. */
  readonly sites: ReadonlyMap<string, Site>
  /** The keys of all issuers, for verifiers of further kinds of token. */
  readonly keys: Keys
  /** What is known of all that is fetched again and again, for whoever watches it. */
  readonly fetched?: KnownFetches
  readonly clock: Clock
  readonly fetch: Platform['fetch']
  /** Returns the store of the platform, for what this isolate should not fetch again. */
  readonly copies?: Platform['copies']
  readonly log: Log
  /** Traces requests for the log; absent unless something watches for what is not normal. */
  readonly traceRequest?: TraceRequest | undefined
  /** Refuses what comes too fast from whoever is slowed; absent unless something slows. */
  readonly slowing?: Slowing | undefined
  /** By what trips to the checkout are told apart, and which may not go on; absent unless something watches. */
  readonly trips?: TripWatch | undefined
  /** Reads what was found that is not normal; absent unless something watches for it. */
  readonly readFound?: ReadFound | undefined
  /** Notes an operator's word on a finding; absent unless something watches. */
  readonly settleFound?: SettleFound | undefined
  /** Forgets an account that is watched; absent unless something watches. */
  readonly forgetWatched?: ForgetWatched | undefined
  readonly boundSocket: BoundSocket
  readonly memory: MemoryCache
  /** Finds the public facts of pages on sale; absent if the platform cannot read pages. */
  readonly previews: Previews | undefined
  /** Returns the address of a client, as the platform knows it. */
  readonly clientAddress: Platform['clientAddress']
  /** Returns the country that a request comes from (ISO 3166-1 alpha-2); undefined if the platform does not know. */
  countryOf(request: Request): string | undefined
  readonly resolveStanding: ResolveStanding
  /** Reads what orders of an emergency make void, for verifiers of tokens whose verdicts are not remembered. */
  readonly readDistrust: ReadDistrust
  /** Absent if the log has no accounts. */
  readonly hashAccount: HashAccount | undefined
  /** Absent if there is no store: later statements about accounts are not known then. */
  readonly bulletins: Bulletins | undefined
  /** What operators have opened and closed for a time; absent if nobody can. */
  readonly levers?: Levers | undefined
  /** The variables, secrets and bindings of the environment, for endpoints with options that name some. */
  readonly bindings: Bindings
  /** The stores of sums; absent if there is none. */
  readonly tallies?: TallyStores | undefined
  /** Absent if there is no store: every request that has to be recorded is refused then. */
  readonly ledgers: Ledgers | undefined
  readonly rates: RateLimiter | undefined
  readonly batching: Batching
  /** Settles the payments of rails that move money. */
  readonly settlers: Settlers
  /** Makes room for request bodies that have to be read. */
  readonly makeRoom: MakeRoom
  /** The requests that wait for what others of their account have reserved. */
  readonly waiters: Waiters
  /** The clients whose payments were declined. */
  readonly paymentFailures: PaymentFailures
}
