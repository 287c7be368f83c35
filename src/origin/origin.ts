/**
 * Calls the origin of a zone: one server of its pool, and further ones if the first fails.
 *
 * A server may be down, slow or full, and the gate sits between it and readers who have paid. `callOrigin` picks a server
 * by its health, its free slots and the configured choice, calls it within the deadline of the route, and notes the
 * outcome for later requests. If the call fails and repeating it is safe, another server is called, as far as the budget
 * of retries goes. The rules are in `rules/` and pure; the state is that of one isolate, and isolates do not share it. A
 * failure of the client is never counted against a server.
 */

import { isUpgrade } from '../http/rules/exchange.ts'
import { observedUntil } from '../access/observation.ts'
import { createPoolState, pick, type Picked, type Pool, type PoolState, reportOutcome } from './rules/pool.ts'
import { err, ok, type Result } from '../core/result.ts'
import { type Addresses, addressesOf } from './rules/reference.ts'
import { canSpend, earn, isReplayable, spend } from './rules/retry.ts'
import { match, type Route } from '../access/route.ts'
import { extendSlot, release } from './rules/slots.ts'
import { readTarget } from '../http/rules/target.ts'
import type { Zone } from '../zone.ts'
import type { OriginFailure } from '../ports.ts'
import { ASSERTION_FIELD, createSigner, type Sign } from './assertion.ts'
import { noteOpened } from './opened.ts'
import { leadsBack, neverStored } from './loop.ts'
import { atTheGate } from './redirect.ts'
import { keepBusy } from '../http/busy.ts'
import { callServer, discard, isOfClient, type Reach, targetOf } from './server.ts'
import { createUpload, type Upload } from '../http/upload.ts'
import { contentOf } from '../http/content.ts'

export type { Reach } from './server.ts'

/** The servers of a zone, and the state that this isolate keeps of them. */
export interface OriginPool {
  readonly zone: Zone
  readonly pool: Pool
  readonly state: PoolState
  readonly addresses: Addresses
  readonly sign: Sign | undefined
}

/** Opens the pool of a zone, once in each isolate. Returns undefined for a zone without servers. */
export function openPool(zone: Zone): OriginPool | undefined {
  const { pool, signing } = zone
  if (pool === undefined) return undefined
  const sign = signing === undefined ? undefined : createSigner(signing)
  const state = createPoolState(pool)
  noteOpened(zone, state)
  return { zone, pool, state, addresses: addressesOf(pool, zone.hosts), sign }
}

type ServerReply = Result<Response, OriginFailure>

/** One request, and the members called for it so far. */
interface OriginCall {
  readonly request: Request
  readonly origin: OriginPool
  readonly reach: Reach
  readonly route: Route
  readonly path: string
  readonly deadline: number
  readonly upload: Upload | undefined
  /** The name of the only member that may be called; undefined if all may be. */
  readonly server: string | undefined
  /** Path and query to ask that member for, in place of the request's. */
  readonly at: string | undefined
  /** Positions of the members called so far. */
  readonly tried: Set<number>
}

/**
 * Calls one server of the pool; if it fails and the request may be repeated, calls others. If all fail, returns the last
 * response that a server gave, if any gave one. `server`: the name of the only member to call; `at`: the path and query to ask it
 * for. Errors:
 * `origin-unreachable`, `origin-timeout`; `overloaded`, if no server may take another call; `misconfigured`, also if the
 * pool has no member `server`; `request-malformed` and `request-timeout`, if the client failed.
 */
export async function callOrigin(
  request: Request,
  origin: OriginPool,
  reach: Reach,
  server?: string,
  at?: string,
): Promise<ServerReply> {
  const { zone, pool, state } = origin
  if (server !== undefined && !pool.members.some(({ name }) => name === server)) return err('misconfigured')
  const route = routeOf(request, zone)
  const [path = '/'] = targetOf(request).split('?', 1)
  const deadline = reach.clock() + route.limits.responseMs
  const content = contentOf(request)
  const upload =
    content === null || request.method === 'GET'
      ? undefined
      : createUpload(request, content, route.limits.stallMs, reach.clock)
  const originCall: OriginCall = { request, origin, reach, route, path, deadline, upload, server, at, tried: new Set() }
  state.savings = earn(state.savings, pool.retries)
  let reply: ServerReply = err('overloaded')
  do {
    const picked = pickNext(originCall)
    if (picked === undefined) break
    const calling = call(picked, originCall)
    // Releases the slot even if nobody waits for the answer any more.
    if (picked.slot !== undefined) reach.waitUntil(calling)
    reply = preferred(reply, await calling)
  } while (isFailure(reply) && mayRetry(originCall))
  if (!reply.ok) return reply
  const response = atTheGate(reply.value, request.url, origin.addresses)
  if (!leadsBack(response, request, zone.hosts)) return ok(response)
  if (!state.hasLoop) reach.warn(LOOP)
  state.hasLoop = true
  return ok(neverStored(response))
}

const LOOP =
  'The origin answers with redirects to the very URL that was asked for: it may want another Host, or another scheme. See origin.host.'

/** Returns the route of a request from the gate; that for unmatched targets if its target cannot be read. */
export function routeOf(request: Request, { routes }: Zone): Route {
  const [path = '', query] = targetOf(request).split('?', 2)
  const target = readTarget(path, query === undefined ? '' : `?${query}`)
  const route = target.ok ? match(routes, target.value, request.method) : target
  return route.ok ? route.value : routes.unmatched
}

function pickNext({
  request,
  origin: { pool, state },
  reach,
  route,
  path,
  deadline,
  server,
  tried,
}: OriginCall): Picked | undefined {
  const now = reach.clock()
  const account = pool.choice === 'account' ? request.headers.get('faregate-subject') : null
  const key = pool.choice === 'weight' ? undefined : (account ?? path)
  // While a route is only observed, nobody pays for it.
  const isPaid = route.terms.kind === 'paid' && observedUntil(route.terms, now) === undefined
  const picked = pick(pool, state, { now, deadline, random: reach.random(), key, isPaid, tried, server })
  if (picked === undefined) return undefined
  if (tried.size > 0) state.savings = spend(state.savings)
  tried.add(picked.place)
  return picked
}

/** Calls one member and notes the outcome. The member's slot is held until the response has been read. */
async function call(picked: Picked, originCall: OriginCall): Promise<ServerReply> {
  const { origin, reach, route, upload, at } = originCall
  const { member, state, slot, until } = picked
  const headers = await addFields(picked, originCall)
  const connectMs = Math.min(member.connectMs, route.limits.connectMs)
  // Only a slot is worth ending a call early for.
  const left = slot === undefined ? undefined : reach.left()
  const reply: ServerReply =
    headers === undefined
      ? err('misconfigured')
      : await callServer(
          originCall.request,
          member.server,
          { headers, connectMs, responseMs: until - reach.clock(), upload, left, at },
          reach,
        )
  const now = reach.clock()
  if (countsForHealth(reply, picked, originCall)) reportOutcome(picked, origin.pool, isFailure(reply), now)
  if (slot === undefined) return reply
  const releaseSlot = (): void => release(state.slots, slot)
  if (reply.ok) {
    extendSlot(state.slots, slot, now + route.limits.maxSessionMs)
    return ok(keepBusy(reply.value, route.limits.stallMs, reach.clock, reach.waitUntil, releaseSlot))
  }
  releaseSlot()
  return reply
}

/** Returns the fields for one member; undefined if signing failed: nothing is sent unsigned. */
async function addFields(
  { member }: Picked,
  { request, origin, reach, route, path }: OriginCall,
): Promise<Headers | undefined> {
  const { originFields } = origin.zone
  if (member.isNamedOnly === true) return request.headers
  if (origin.sign === undefined && originFields.length === 0) return request.headers
  const headers = new Headers(request.headers)
  for (const [name, value] of originFields) headers.set(name, value)
  if (origin.sign === undefined) return headers
  const assertion = { audience: member.name, zone: origin.zone.name, route: route.path, method: request.method, path }
  try {
    headers.set(ASSERTION_FIELD, await origin.sign(assertion, reach.clock()))
    return headers
  } catch {
    reach.warn('The key of origin.sign is none: nothing can be signed, and nothing is sent.')
    return undefined
  }
}

/** Statuses by which a server, or a proxy before it, declares that it cannot answer now. */
const UNFIT_STATUS = new Set([502, 503, 504])

function isFailure(reply: ServerReply): boolean {
  return !reply.ok || UNFIT_STATUS.has(reply.value.status)
}

/**
 * Returns false if the server is not to blame: its client failed, or the server was called late and had only the time
 * that others had left.
 */
function countsForHealth(reply: ServerReply, { until }: Picked, { deadline, tried }: OriginCall): boolean {
  if (reply.ok) return true
  const wasCutShort = reply.error === 'origin-timeout' && tried.size > 1 && until === deadline
  return !wasCutShort && !isOfClient(reply.error)
}

/** Returns the reply to keep. A server's own response to a failure says more than that another was unreachable. */
function preferred(earlier: ServerReply, reply: ServerReply): ServerReply {
  if (!earlier.ok) return reply
  if (!reply.ok) return earlier
  discard(earlier.value)
  return reply
}

function mayRetry({ request, origin: { pool, state }, reach, deadline, tried }: OriginCall): boolean {
  if (tried.size > pool.retries.most || !canSpend(state.savings) || reach.clock() >= deadline) return false
  return isReplayable(request.method, contentOf(request) !== null) && !isUpgrade(request.headers)
}
