import { err, ok, type Result } from '../core/result.ts'
import type { EndpointProblem } from '../refusals/endpointproblem.ts'
import type { Services } from '../services.ts'
import type { Act } from '../ledger/rules/audit.ts'
import type { Zone } from '../zone.ts'
import { applyEvent } from '../standing/apply.ts'
import type { RefundFault, RefundOrder } from '../standing/eventreceiver.ts'
import type { EndpointFactory } from './endpoint.ts'
import { type AdminAction, badRequest, isText, operatorEndpoint, readMembers, RETRY } from './operator.ts'

/**
 * `POST /__faregate/refund` with an operator token of the scope `refund`: `{"payment": "pi_…"}` gives back what was paid, ends the
 * subscription that the payment paid for, and takes back what it gave. `cs_…` names the payment of a Checkout Session. With
 * `"amount": "5.00"` a part goes back, and a subscription stays. The same order again is the same refund; `"id"` tells apart two
 * refunds of one amount. Comes with a source of events that sells.
 */
export function refund(): EndpointFactory {
  return operatorEndpoint('refund', createAction)
}

function createAction(services: Services): AdminAction {
  return {
    onUnknown: NOT_KNOWN,
    async run(body, zone, audit, { now }, { site }) {
      const read = readOrder(body)
      if (!read.ok) return err(badRequest(read.error))
      const seller = site.events.find((source) => source.refund !== undefined)
      if (seller?.refund === undefined) return err(NOTHING_SOLD)
      const { payment, amount = 'all' } = read.value
      audit.details = { payment }
      if (!(await isRecorded(audit.toAct({ payment, amount }), zone, services))) return err(NOT_RECORDED)
      const { clock, fetch } = services
      const made = await seller.refund(read.value, { now, zone, clock, fetch })
      if (!made.ok) return err(problemOf(made.error))
      const { view, event, account } = made.value
      const { issuer } = seller
      if (issuer !== undefined && account !== undefined) audit.subject = { issuer, account }
      const facts = { payment: view.payment, refund: view.refund }
      const applied = event === undefined ? ok(undefined) : await applyEvent(event, zone, services, audit.toAct(facts))
      if (applied.ok) return ok(view)
      return err(applied.error === 'ledger-unavailable' ? NOT_KNOWN : badRequest(applied.error.refused))
    },
  }
}

/** Records the order in the zone's own audit before it is begun: what it does at the seller is in no transaction of ours. */
async function isRecorded(act: Act, zone: Zone, { bulletins }: Services): Promise<boolean> {
  return (await bulletins?.post(zone, [], undefined, act)) === true
}

const MEMBERS = ['payment', 'amount', 'id']

function readOrder(body: unknown): Result<RefundOrder, string> {
  const members = readMembers(body, MEMBERS)
  if (!members.ok) return members
  const [payment, amount, id] = MEMBERS.map((name) => members.value.get(name))
  if (!isText(payment) || !/^(?:pi|cs)_\w+$/.test(payment))
    return err('payment: expected the "pi_…" of a payment, or the "cs_…" of its checkout.')
  if (amount !== undefined && !isText(amount)) return err('amount: expected a decimal string, such as "5.00".')
  if (id !== undefined && (!isText(id) || id.length > MAX_ID)) return err(`id: expected 1 to ${MAX_ID} characters.`)
  return ok({ payment, ...(amount !== undefined && { amount }), ...(id !== undefined && { id }) })
}

const MAX_ID = 100

function problemOf({ kind, detail }: RefundFault): EndpointProblem {
  if (kind === 'unknown') return { ...NOT_KNOWN, detail }
  return kind === 'absent' ? { status: 404, title: 'Not Found', detail } : { status: 409, title: 'Conflict', detail }
}

const NOT_KNOWN: EndpointProblem = {
  status: 503,
  title: 'Service Unavailable',
  detail: 'It is not known whether all of the order was carried out. Send the same order again.',
  fields: RETRY,
}
const NOT_RECORDED: EndpointProblem = {
  ...NOT_KNOWN,
  detail: 'The order could not be recorded, and nothing was done. Send it again.',
  reason: 'ledger-unavailable',
}
const NOTHING_SOLD: EndpointProblem = {
  status: 404,
  title: 'Not Found',
  detail: 'Nothing is sold here: no source among the "events" of the zone sells.',
}
