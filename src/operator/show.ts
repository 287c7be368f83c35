import { loggableAddress } from '../core/error.ts'
import type { Refusal } from '../core/problem.ts'
import type { Eventually } from '../core/eventually.ts'
import { err, ok, type Result } from '../core/result.ts'
import type { EndpointRequest } from '../endpoints/endpoint.ts'
import type { Call } from '../ports.ts'
import type { EndpointProblem } from '../refusals/endpointproblem.ts'
import { leversInEffect } from '../levers/ineffect.ts'
import { openedPool } from '../origin/opened.ts'
import type { KnownBulletin } from '../standing/rules/delta.ts'
import type { Zone } from '../zone.ts'
import { readNearLimits } from '../tallies/accounts.ts'
import { readTallies } from '../tallies/read.ts'
import { CHARTED, DIMENSIONS, MONEY_DIMENSIONS, Tally } from '../tallies/rules/tally.ts'
import { type DashboardHouse, operatorOf, type PresentOperator } from './house.ts'
import { mayPress, showHolds } from './holds.ts'
import { showLevers } from './levers.ts'
import { sealOrder, SIGN_OUT } from './orders.ts'
import { answerDashboard, answerSignIn } from './page.ts'
import type { DashboardFacts } from './panels/facts.ts'
import { rangeOf } from './rules/ranges.ts'
import { type SeenServer, seenServers } from './rules/servers.ts'
import { VIEW } from './session.ts'
import { allSites } from './sites.ts'

/** Answers the dashboard of a zone, or the form that takes a token. */
export async function show(
  asked: EndpointRequest,
  call: Call,
  house: DashboardHouse,
): Promise<Result<Response, EndpointProblem>> {
  const { exchange, site } = asked
  const { zone } = site
  const { services, place } = house
  const present = await operatorOf(asked, call, house)
  if (!present.ok) return present
  if (present.value === undefined) return ok(answerSignIn(zone, place, undefined))
  const { session, scopes } = present.value
  if (!scopes.includes(VIEW)) return ok(answerSignIn(zone, place, 'You may not look at this site.'))
  const query = new URLSearchParams(exchange.target.query)
  const range = rangeOf(query.get('range'), call.now, zone.timeZone)
  const { resolution, from, to, before } = range
  const { tallies } = services
  const all = { resolution, by: DIMENSIONS, moneyBy: MONEY_DIMENSIONS, isSeries: false }
  const [near, total, past, series, found] = await Promise.all([
    readNearLimits(tallies, zone, { most: MOST_NEAR }),
    readTallies(tallies, zone, { ...all, from, to }),
    readTallies(tallies, zone, { ...all, from: before.from, to: before.to }),
    readTallies(tallies, zone, { ...all, by: CHARTED, moneyBy: [], from, to, isSeries: true }),
    services.readFound?.(zone),
  ])
  const known = await services.bulletins?.of(zone, call)
  if (!near.ok || !total.ok || !past.ok || !series.ok) return err(UNAVAILABLE)
  const facts = {
    zone,
    range,
    now: call.now,
    total: total.value.buckets.get(from) ?? new Tally(),
    before: past.value.buckets.get(before.from) ?? new Tally(),
    series: series.value.buckets,
    configurations: series.value.configurations,
    near: near.value,
    found,
    place,
    session,
    zones: allSites(services.sites).flatMap((one) => (one.zone.id in session.scopes ? one.zone : [])),
    did: query.get('did') ?? undefined,
    servers: serversOf(zone, call.now),
    ...(await withButtons(known, zone, present.value, call, house)),
  }
  return ok(answerDashboard(facts))
}

/** Returns what the page shows of the zone's bulletin, which is read once a page, and the orders of its buttons. */
async function withButtons(
  known: Result<KnownBulletin, Refusal> | undefined,
  zone: Zone,
  present: PresentOperator,
  call: Call,
  house: DashboardHouse,
): Promise<Pick<DashboardFacts, 'holds' | 'levers' | 'lookUpNear' | 'foundOrders' | 'signOut'>> {
  const { session } = present
  const inEffect = known && (await leversInEffect(zone, { of: () => known }, call))
  const lookUp = { order: 'lookup', body: {}, asks: ['hash'] }
  const wordOn = (asks: string): Eventually<string> =>
    mayPress('anomalies', present, house)
      ? sealOrder({ order: 'anomalies', body: {}, asks: [asks] }, session, zone)
      : ''
  const [holds, levers, lookUpNear, lift, confirm, signOut] = await Promise.all([
    showHolds(known, zone, present, call.now, house),
    showLevers(inEffect, zone, present, house),
    mayPress('lookup', present, house) ? sealOrder(lookUp, session, zone) : '',
    wordOn('lift'),
    wordOn('confirm'),
    sealOrder({ order: SIGN_OUT, body: {} }, session, zone),
  ])
  return { holds, levers, lookUpNear, foundOrders: { lift, confirm }, signOut }
}

function serversOf(zone: Zone, now: number): readonly SeenServer[] | undefined {
  const state = openedPool(zone)
  if (zone.pool === undefined || state === undefined) return undefined
  return seenServers(zone.pool, state, now).map(({ name, ...seen }) => ({
    name: URL.canParse(name) ? loggableAddress(name) : name,
    ...seen,
  }))
}

/** The most accounts near a limit that are shown. */
const MOST_NEAR = 30

const UNAVAILABLE: EndpointProblem = {
  status: 503,
  title: 'Service Unavailable',
  detail: 'The sums cannot be read now. Nothing is shown, rather than sums that are too low.',
  fields: { 'retry-after': '5' },
}
