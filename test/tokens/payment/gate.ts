import { bindingsOf } from '../../../src/config/rules/bindings.ts'
import { PaymentFailures } from '../../../src/ledger/paymentfailures.ts'
import { Waiters } from '../../../src/ledger/waiting.ts'
import { createBatching } from '../../../src/ledger/batching.ts'
import { type Decision, decide } from '../../../src/access/decide.ts'
import { match } from '../../../src/access/route.ts'
import { capture } from '../../../src/http/capture.ts'
import { createBodies } from '../../../src/http/body.ts'
import { createMemoryCache } from '../../../src/content/memory.ts'
import { createDistrustReader } from '../../../src/standing/bulletin.ts'
import { createBulletins } from '../../../src/standing/bulletin.ts'
import type { Objects } from '../../../src/ports.ts'
import { createListResolver } from '../../../src/standing/resolve.ts'
import { createKeys } from '../../../src/tokens/jwks.ts'
import { createStatusLists } from '../../../src/tokens/statuslists.ts'
import { bearer, receipt } from '../../../src/index.ts'
import { present } from '../../../src/standing/present.ts'
import type { Rail } from '../../../src/rails/rail.ts'
import { createVerifiers } from '../../../src/tokens/verify.ts'
import { siteAt } from '../../support/compiled.ts'
import { sign } from '../../support/issuer.ts'
import { ACCOUNT, BILLING, compiledFor, NEWS, NOW, options, type Parties } from '../hostile/parties.ts'
import type { Site } from '../../../src/site.ts'
import type { Services } from '../../../src/services.ts'
import { lateFetch } from '../../support/fetch.ts'

/** Claims of a receipt that pays for one report, until something is laid over them. Undefined removes a member. */
export function receiptClaims(over: Record<string, unknown> = {}): Record<string, unknown> {
  const times = { iat: NOW - 60, exp: NOW + 3600 }
  const paid = { amount: '0.25', currency: 'USD', resource: '/reports/*' }
  return { iss: BILLING, aud: NEWS, sub: ACCOUNT, jti: 'receipt-1', ...times, ...paid, ...over }
}

export function receiptToken({ es }: Parties, over = {}, header = {}): Promise<string> {
  return sign(es, receiptClaims(over), { typ: 'payment+jwt', ...header })
}

/** The pipeline as far as the decision: what is charged comes after it. */
export interface Gate {
  /** Milliseconds since 1970. */
  readonly at: { now: number }
  readonly site: Site
  readonly services: Services
  readonly judge: (request: Request) => Promise<Decision>
}

const PRICE = { amount: '0.25', currency: 'USD' }

export const ROUTES = [
  { path: '/reports/*', price: PRICE },
  { path: '/both/*', requires: 'premium', price: PRICE },
  { path: '/paid/*', requires: 'premium' },
  { path: '/counted/*', requires: 'premium', quotas: [{ name: 'requests', quota: 5, window: 60 }] },
  { path: '/kept/*', price: PRICE, offer: false as const },
  { path: '/cards/*', price: { amount: '0.75', currency: 'USD' } },
  { path: '/yen/*', price: { amount: '30', currency: 'JPY' } },
  { path: '/closed/*', closed: true as const },
  { path: '/free/*', free: true as const, cache: 'off' as const },
]

/** `stores`: where issued credentials have their records. */
export function createGate(parties: Parties, rails: Rail[] = [bearer(), receipt()], stores?: Objects): Gate {
  const given = options(parties)
  const zones = given.zones.map((zone) => ({ ...zone, rails, routes: ROUTES }))
  const { sites } = compiledFor({ ...given, zones, secrets: { gate: 'GATE_SECRET' } })
  const site = siteAt({ sites }, 'news.example')
  const at = { now: NOW * 1000 }
  const keys = createKeys({ clock: () => at.now, fetch: lateFetch }, () => undefined)
  const services: Services = {
    bindings: bindingsOf({}),
    sites,
    clock: () => at.now,
    fetch: lateFetch,
    log: () => undefined,
    boundSocket: (response) => response,
    hashAccount: undefined,
    ledgers: stores?.ledgers,
    bulletins: stores && createBulletins(stores.bulletins, () => at.now),
    readDistrust: createDistrustReader(undefined),
    resolveStanding: createListResolver(
      createStatusLists(keys, { clock: () => at.now, fetch: lateFetch }, () => undefined),
      createDistrustReader(undefined),
    ),
    rates: undefined,
    previews: undefined,
    clientAddress: () => undefined,
    countryOf: () => undefined,
    batching: createBatching({ clock: Date.now }),
    settlers: { of: () => undefined, packsOf: () => undefined },
    makeRoom: createBodies(() => at.now),
    waiters: new Waiters(),
    paymentFailures: new PaymentFailures(() => undefined),
    memory: createMemoryCache((response) => response, Date.now),
    ...createVerifiers(keys, undefined),
    keys,
  }
  return { at, site, services, judge: (request) => judge(request, site, services, at.now) }
}

async function judge(request: Request, site: Site, services: Services, now: number): Promise<Decision> {
  const exchange = capture(request, now)
  const matched = match(site.zone.routes, exchange.target, exchange.method)
  if (!matched.ok) return { action: 'refuse', refusal: matched.error, proof: undefined }
  const presented = await present(exchange, site, matched.value, services, { now, waitUntil: () => undefined })
  return decide(matched.value.terms, presented, exchange)
}

export interface Sending {
  readonly path?: string
  readonly method?: string
  readonly base?: string
  readonly bearer?: string
  readonly receipt?: string
  readonly fields?: readonly (readonly [string, string])[]
}

export function request({ path = '/reports/1', method = 'GET', base = NEWS, ...credentials }: Sending): Request {
  const headers = new Headers()
  if (credentials.bearer !== undefined) headers.set('authorization', `Bearer ${credentials.bearer}`)
  if (credentials.receipt !== undefined) headers.set('faregate-receipt', credentials.receipt)
  for (const [name, value] of credentials.fields ?? []) headers.append(name, value)
  return new Request(`${base}${path}`, { method, headers })
}

/** `served`, or the reason for which it is not. */
export function verdictOf(decision: Decision): string {
  return decision.action === 'serve' ? 'served' : decision.refusal.reason
}
