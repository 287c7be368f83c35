import { failureName } from '../core/error.ts'
import { addPurge, NO_PURGES, type Purge } from '../cache/rules/purge.ts'
import type { Act } from '../ledger/rules/audit.ts'
import type { Facts } from '../ledger/rules/record.ts'
import { readPurge } from '../cache/rules/purgerequest.ts'
import { err, ok } from '../core/result.ts'
import type { Zone } from '../zone.ts'
import type { EndpointProblem } from '../refusals/endpointproblem.ts'
import { type AdminAction, badRequest, operatorEndpoint, RETRY } from './operator.ts'
import type { EndpointFactory } from './endpoint.ts'
import type { PurgeCopies } from '../ports.ts'
import { warmPreviews } from '../previews/warm.ts'
import type { Services } from '../services.ts'
import { logError } from '../log.ts'

/**
 * `POST /__faregate/purge` with an operator token: the named responses are fetched from the origin anew. Once this is
 * answered, the purge holds in this isolate, and within `PURGE_BOUND_MS` in all others, whichever store they use: the zone's
 * bulletin tells them. What is public of a purged page is then fetched anew, so that the publish hook of a CMS warms it. Without a bulletin it holds only for isolates that share the store.
 *
 * @example
 * ```ts options
 * endpoints: [purge()]
 * ```
 */
export function purge(): EndpointFactory {
  return operatorEndpoint('purge', createAction)
}

function createAction(services: Services): AdminAction {
  return {
    onUnknown: NOT_PURGED,
    async run(body, zone, audit, call, asked) {
      const order = readPurge(body)
      if (!order.ok) return err(badRequest(order.error))
      if (!(await isRecorded(audit.toAct(factsOf(order.value)), zone, services))) return err(NOT_RECORDED)
      const failed = await purgeEverywhere(order.value, zone, services, call.purge)
      if (failed === undefined) warmPreviews(order.value, asked, services, call)
      return failed === undefined ? ok({ zone: zone.name, purged: purgeView(order.value) }) : err(failed)
    },
  }
}

/** Records a purge before it is begun: its copies are in many stores. Without a bulletin the log alone has it. */
async function isRecorded(act: Act, zone: Zone, { bulletins }: Services): Promise<boolean> {
  return bulletins === undefined || succeeds(() => bulletins.post(zone, [], undefined, act))
}

/** Returns the counts of what is purged: paths and tags may be many, and may name accounts. */
function factsOf({ everything, tags, pathPrefixes }: Purge): Facts {
  return everything ? { everything } : { tags: tags.length, pathPrefixes: pathPrefixes.length }
}

/**
 * Purges everywhere, even if one place fails: a response that a failed purge did reach must not be served. The bulletin
 * comes last, so that responses taken from a store before its purge count as fetched earlier.
 */
async function purgeEverywhere(
  order: Purge,
  zone: Zone,
  services: Services,
  purge: PurgeCopies,
): Promise<EndpointProblem | undefined> {
  const { memory, bulletins, clock } = services
  const isPurged = await succeeds(async () => purge(zone.id, order))
  memory.forget(zone)
  if (bulletins === undefined) return isPurged ? undefined : NOT_PURGED
  const isPosted = await succeeds(() => bulletins.post(zone, [], addPurge(NO_PURGES, order, clock())))
  if (isPurged) return isPosted ? undefined : NOT_POSTED
  return isPosted ? UNCONFIRMED : NOT_PURGED
}

/** Counts an exception as not done. */
async function succeeds(work: () => Promise<boolean>): Promise<boolean> {
  try {
    return await work()
  } catch (error) {
    logError({ purge: failureName(error) })
    return false
  }
}

/** Writes the empty prefix as an operator would. */
function purgeView(order: Purge): Purge {
  return { ...order, pathPrefixes: order.pathPrefixes.map((prefix) => (prefix === '' ? '/' : prefix)) }
}

const NOT_PURGED: EndpointProblem = {
  status: 503,
  title: 'Service Unavailable',
  detail: 'The purge could not be completed. It may hold in part; ask again.',
  fields: RETRY,
}
const NOT_RECORDED: EndpointProblem = {
  ...NOT_PURGED,
  detail: 'The purge could not be recorded, so it was not begun. Ask again.',
}
const NOT_POSTED: EndpointProblem = {
  ...NOT_PURGED,
  detail:
    'It is purged here and in the store of this isolate, but the others could not be told: one with a store of its own may serve what it has. Please ask again.',
}
const UNCONFIRMED: EndpointProblem = {
  ...NOT_PURGED,
  detail: 'All isolates are told of it, but the store did not confirm that it is purged there. Please ask again.',
}
