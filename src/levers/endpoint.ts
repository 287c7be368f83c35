/**
 * The operator's levers: what opens and closes a part of a site for a time, without a deployment.
 *
 * Breaking news is free for all, or billing is down, or a model answers nonsense: whoever is awake gives an order, and it
 * ends by itself. The zone's bulletin carries it to every isolate, with its record in the audit of the site.
 */
import { isSameLever, type LeverOrder, leversAt, MOST_LEVERS } from '../access/lever.ts'
import { err, ok, type Result } from '../core/result.ts'
import type { AuditEntry } from '../endpoints/audit.ts'
import type { EndpointCall, EndpointFactory } from '../endpoints/endpoint.ts'
import { type AdminAction, badRequest, operatorEndpoint, RETRY } from '../endpoints/operator.ts'
import { instant } from '../ledger/ledgerview.ts'
import type { EndpointProblem } from '../refusals/endpointproblem.ts'
import type { Services } from '../services.ts'
import { createLevers } from '../standing/levers.ts'
import { describeLever } from '../endpoints/leverview.ts'
import type { Zone } from '../zone.ts'
import { readLeverOrder } from './order.ts'
import { leversInEffect } from './ineffect.ts'

/**
 * `POST /__faregate/levers` with an operator token: `{"open": {"route": "/articles/*"}, "until": "2026-11-29T06:00:00Z"}`
 * serves a route to everyone until then, uncharged, and `{"open": {"zone": "news"}, …}` all that is on sale; `{"close":
 * {"route": …}, …}`, `{"close": {"model": …}, …}` and `{"close": {"provider": …}, …}` refuse it to everyone. `"undo": true`
 * in place of `until` takes that back. `GET` shows what is in effect, for the scope `view` as well.
 *
 * @example
 * ```ts options
 * endpoints: [levers()]
 * ```
 */
export function levers(): EndpointFactory {
  return { ...operatorEndpoint('levers', createAction), levers: createLevers }
}

type Bulletins = NonNullable<Services['bulletins']>

function createAction({ bulletins, clock }: Services): AdminAction {
  return {
    onUnknown: NOT_KNOWN,
    async run(body, zone, audit, call) {
      const order = readLeverOrder(body, zone, clock())
      if (!order.ok) return err(badRequest(order.error))
      if (bulletins === undefined) return err(NO_STORE)
      return carryOut(order.value, zone, audit, bulletins, call)
    },
    show: {
      scopes: ['levers', 'view'],
      async run(zone, call) {
        if (bulletins === undefined) return err(NO_STORE)
        const read = await leversInEffect(zone, bulletins, call)
        return read.ok ? ok({ zone: zone.name, levers: read.value }) : err(NOT_READ)
      },
    },
  }
}

async function carryOut(
  order: LeverOrder,
  zone: Zone,
  audit: AuditEntry,
  bulletins: Bulletins,
  call: EndpointCall,
): Promise<Result<unknown, EndpointProblem>> {
  const { lever, isUndone } = order
  audit.action = isUndone ? `undo-${lever.kind}` : lever.kind
  audit.details = { [lever.of]: lever.name }
  const known = await bulletins.of(zone, call)
  if (!known.ok) return err(NOT_KNOWN)
  const before = leversAt(known.value.head.levers, call.now)
  const found = before.find((one) => isSameLever(one, lever))
  if (found === undefined && isUndone !== true && before.length >= MOST_LEVERS) return err(NO_ROOM)
  audit.isIdle = isUndone ? found === undefined : found?.untilMs === lever.untilMs
  const until = isUndone ? {} : { until: instant(lever.untilMs / 1000).at }
  const head = await bulletins.proclaim(zone, { lever: order }, audit.toAct({ [lever.of]: lever.name, ...until }))
  if (head === undefined) return err(NOT_KNOWN)
  const after = leversAt(head.levers, call.now)
  const now = after.find((one) => isSameLever(one, lever))
  const isThere = isUndone ? now === undefined : now?.untilMs === lever.untilMs
  if (!isThere) return err(NOT_KNOWN)
  return ok({ zone: zone.name, levers: after.map(describeLever), isRepeat: audit.isIdle })
}

const NOT_KNOWN: EndpointProblem = {
  status: 503,
  title: 'Service Unavailable',
  detail: 'It is not known whether the lever was pulled. Ask again: it is pulled once.',
  reason: 'ledger-unavailable',
  fields: RETRY,
}
const NOT_READ: EndpointProblem = { ...NOT_KNOWN, detail: 'The levers in effect cannot be read now. Ask again.' }
const NO_STORE: EndpointProblem = {
  status: 503,
  title: 'Service Unavailable',
  detail: 'There is no store here that could tell other isolates.',
  reason: 'ledger-unavailable',
}
const NO_ROOM: EndpointProblem = {
  status: 409,
  title: 'Conflict',
  detail: `A zone has ${MOST_LEVERS} levers at most, and all are in effect. Take one back first.`,
}
