import type { Purge } from './core/purge.ts'
import { readPurge } from './core/purgeorder.ts'
import { err, ok } from './core/result.ts'
import type { Zone } from './core/zone.ts'
import type { OwnProblem } from './edge/own.ts'
import { badRequest, type Order, RETRY } from './operator.ts'
import type { House } from './paywall.ts'
import type { PurgeCopies } from './ports.ts'

/**
 * `POST /__faregate/purge` with an operator token: what its body names is asked of the origin anew. When it is answered,
 * that holds in this isolate, and in all others no later than `PURGE_BOUND_MS` after.
 */
export function purgeOrder(house: House, purge: PurgeCopies): Order {
  return {
    scope: 'purge',
    unsure: NOT_PURGED,
    async carryOut(body, zone) {
      const order = readPurge(body)
      if (!order.ok) return err(badRequest(order.error))
      const isPurged = await carryOut(order.value, zone, house, purge)
      return isPurged ? ok({ zone: zone.name, purged: understood(order.value) }) : err(NOT_PURGED)
    },
  }
}

/** Memory is emptied whatever comes of the rest: what a failed purge did reach is not to be served from here. */
async function carryOut(order: Purge, zone: Zone, { hot }: House, purge: PurgeCopies): Promise<boolean> {
  try {
    return await purge(zone.name, order)
  } finally {
    hot.forget(zone)
  }
}

/** The empty prefix is written as an operator would. */
function understood(order: Purge): Purge {
  return { ...order, pathPrefixes: order.pathPrefixes.map((prefix) => (prefix === '' ? '/' : prefix)) }
}

const NOT_PURGED: OwnProblem = {
  status: 503,
  title: 'Service Unavailable',
  detail: 'The purge could not be completed. It may hold in part; ask again.',
  fields: RETRY,
}
