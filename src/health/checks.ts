/** Checks what a gate depends on, each within a time limit. None of them throws. */
import { loggableAddress } from '../core/error.ts'
import { withTimeout } from '../http/timeout.ts'
import { openedPool } from '../origin/opened.ts'
import type { Call } from '../ports.ts'
import type { Services } from '../services.ts'
import { readTallies } from '../tallies/read.ts'
import { isLasting, type KnownCondition } from '../tallies/rules/conditions.ts'
import { FIRST } from '../tallies/zones.ts'
import type { Zone } from '../zone.ts'
import { judgeBulletin, type Judged, judgeFetched, judgeServer, serverStatesOf } from './rules/judge.ts'

/** One check, in the members of draft-inadarei-api-health-check, §4. */
export interface HealthCheck extends Judged {
  readonly componentId?: string
  readonly componentType?: 'component' | 'datastore' | 'system'
  readonly observedValue?: number | string
  readonly observedUnit?: 's' | 'ms'
  /** RFC 3339. */
  readonly time: string
  /** `isolate`: the part of the gate that answers knows this, and others may know otherwise. `all`: it holds everywhere. */
  readonly knownTo: 'isolate' | 'all'
}

export type WatchedServices = Pick<Services, 'fetched' | 'bulletins' | 'tallies' | 'clock'>

/** The time limit of a check. */
const CHECK_MS = 3000
/** Lists beyond these are left out, the healthy ones first. */
const MOST_LISTS = 20

/** Checks everything that a zone depends on, by the names of the draft: `<component>:<measurement>`. */
export async function checksOf(
  zone: Zone,
  services: WatchedServices,
  call: Call,
): Promise<Readonly<Record<string, readonly HealthCheck[]>>> {
  const { bulletins, tallies } = services
  const checks: [string, readonly HealthCheck[]][] = [
    ['keys:age', keysOf(zone, services, call.now)],
    ['statusLists:age', listsOf(services, call.now)],
    ['bulletin:age', bulletins === undefined ? [] : [bulletinOf(zone, bulletins, call)]],
    ['origin:state', originsOf(zone, call.now)],
    ...(await Promise.all([
      bulletins === undefined ? none('ledger:responseTime') : ledgerOf(zone, bulletins, services.clock),
      tallies === undefined ? none('tallies:responseTime') : talliesOf(zone, tallies, services.clock),
      tallies === undefined ? none('noted:state') : notedOf(zone, tallies, call.now),
    ])),
  ]
  return Object.fromEntries(checks.filter(([, each]) => each.length > 0))
}

async function none(name: string): Promise<[string, readonly HealthCheck[]]> {
  return [name, []]
}

function timeOf(now: number): string {
  return new Date(now).toISOString()
}

/** The keys of all issuers that are fetched. */
function keysOf({ issuers, operators }: Zone, { fetched }: WatchedServices, now: number): readonly HealthCheck[] {
  const all = new Set([...issuers, ...operators].filter(({ keys }) => keys.kind === 'url'))
  return Array.from(all, (issuer) => {
    const known = fetched?.keys.known(issuer)
    return { componentId: issuer.issuer, ...ageOf(known?.asOf, now), ...judgeFetched(known, now), ...ofIsolate(now) }
  })
}

function listsOf({ fetched }: WatchedServices, now: number): readonly HealthCheck[] {
  const all = (fetched?.lists.known() ?? []).map((known) => ({ known, judged: judgeFetched(known, now) }))
  const [ill, well] = [all.filter(({ judged }) => judged.status !== 'pass'), all.filter(isWell)]
  return [...ill, ...well].slice(0, MOST_LISTS).map(({ known, judged }) => ({
    componentId: loggableAddress(known.uri),
    ...ageOf(known.asOf, now),
    ...judged,
    ...ofIsolate(now),
  }))
}

const isWell = ({ judged }: { readonly judged: Judged }): boolean => judged.status === 'pass'

function ofIsolate(now: number): Pick<HealthCheck, 'time' | 'knownTo' | 'componentType'> {
  return { componentType: 'system', time: timeOf(now), knownTo: 'isolate' }
}

function ageOf(asOf: number | undefined, now: number): Pick<HealthCheck, 'observedValue' | 'observedUnit'> {
  if (asOf === undefined || !Number.isFinite(asOf)) return {}
  return { observedValue: Math.max(0, Math.round((now - asOf) / 1000)), observedUnit: 's' }
}

function bulletinOf(zone: Zone, bulletins: NonNullable<Services['bulletins']>, call: Call): HealthCheck {
  const read = bulletins.glance(zone, call, zone.standing.boundMs)
  const judged = judgeBulletin(read, zone.standing, call.now)
  return { ...ageOf(read.asOf, call.now), ...judged, ...ofIsolate(call.now), componentType: 'datastore' }
}

/** The servers of the zone. Nothing is said where another isolate calls them, or the app behind the gate is its own origin. */
function originsOf(zone: Zone, now: number): readonly HealthCheck[] {
  const state = openedPool(zone)
  if (zone.pool === undefined || state === undefined) return []
  const all = serverStatesOf(zone.pool, state, now)
  return all.map((server) => ({
    componentId: URL.canParse(server.name) ? loggableAddress(server.name) : server.name,
    observedValue: server.state,
    ...judgeServer(server, all),
    ...ofIsolate(now),
  }))
}

/** Asks the zone's own ledger for something that it answers without writing. */
async function ledgerOf(
  zone: Zone,
  bulletins: NonNullable<Services['bulletins']>,
  clock: Services['clock'],
): Promise<[string, readonly HealthCheck[]]> {
  const asked = bulletins.order(zone, 'audit', { after: 0, most: 1 })
  return ['ledger:responseTime', [await timed(asked, (page) => page !== undefined, clock)]]
}

async function talliesOf(
  zone: Zone,
  stores: NonNullable<Services['tallies']>,
  clock: Services['clock'],
): Promise<[string, readonly HealthCheck[]]> {
  const nothing = { resolution: 'minute', from: 0, to: 0, by: [], moneyBy: [], isSeries: false } as const
  return ['tallies:responseTime', [await timed(readTallies(stores, zone, nothing), ({ ok }) => ok, clock)]]
}

/**
 * What isolates and ledgers have noted of the zone lately, such as a sink that takes nothing: without any, that nothing was.
 * Nothing is said where nobody watches the zone, and an object that does not answer fails as one of the tallies.
 */
async function notedOf(
  zone: Zone,
  stores: NonNullable<Services['tallies']>,
  now: number,
): Promise<[string, readonly HealthCheck[]]> {
  const nothing = { kind: 'read', timeZone: zone.timeZone, resolution: 'minute', from: 0, to: 0 } as const
  const asked = stores(zone.id, FIRST, zone.places.own)({ ...nothing, by: [], moneyBy: [], isSeries: false })
  const answer = await withTimeout(asked, CHECK_MS).catch(() => undefined)
  const noted = answer?.ok === true ? answer.value?.conditions : undefined
  if (noted === undefined) return none('noted:state')
  const common = { time: timeOf(now), knownTo: 'all' } as const
  const lasting = noted.filter((condition) => isLasting(condition, now)).map((one) => ({ ...sayNoted(one), ...common }))
  return ['noted:state', lasting.length > 0 ? lasting : [{ status: 'pass', ...common }]]
}

function sayNoted({
  name,
  of,
  first,
  seconds,
}: KnownCondition): Judged & Pick<HealthCheck, 'componentId' | 'observedValue'> {
  const since = `Since ${timeOf(first)}.`
  const output = seconds === undefined ? since : `${since} The oldest record has waited for ${seconds} s.`
  return { componentId: of, observedValue: name, status: 'warn', output }
}

/** Measures how long an answer takes. */
async function timed<T>(
  asked: Promise<T>,
  isGood: (answer: T) => boolean,
  clock: Services['clock'],
): Promise<HealthCheck> {
  const start = clock()
  const answer = await withTimeout(asked, CHECK_MS).catch(() => undefined)
  const now = clock()
  const common = { componentType: 'datastore', time: timeOf(now), knownTo: 'all' } as const
  if (answer === undefined || !isGood(answer))
    return { ...common, status: 'fail', output: 'It did not answer, or not in time.' }
  return { ...common, status: 'pass', observedValue: Math.max(0, now - start), observedUnit: 'ms' }
}
