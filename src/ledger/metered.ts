import { boundedCost, type Cost } from '../access/cost.ts'
import { covers } from '../access/entitlement.ts'
import type { Bound, Meter, MeteredAmount } from '../access/meter.ts'
import { readerOf } from '../access/proof.ts'
import { refusal, type Refusal } from '../core/problem.ts'
import { err, ok, type Result } from '../core/result.ts'
import type { AdmittedRequest, Clock, Ledgers, WaitUntil } from '../ports.ts'
import type { Settlers } from '../rails/settlers.ts'
import type { ChargeRefused, Idempotency } from './rules/commands.ts'

/** A request that is to be paid for. */
export interface Payable {
  /** Undefined if nothing of it is counted in a ledger. */
  readonly cost: Cost | undefined
  readonly admitted: AdmittedRequest
  readonly ledgers: Ledgers | undefined
  readonly clock: Clock
  readonly waitUntil: WaitUntil
  readonly settlers: Settlers
  readonly idempotency?: Idempotency
  /** The content of the request, if it was read. */
  readonly content?: Uint8Array<ArrayBuffer>
}

/** Adds to a payment what the route's meter bounds the request by. Errors: those of the meter; `entitlement-insufficient`. */
export async function boundPayment(
  meter: Meter,
  payment: Payable,
  content: Uint8Array | undefined,
): Promise<Result<Payable, Refusal>> {
  const { exchange, proof } = payment.admitted
  const account = readerOf(proof)
  const bound = await meter.bound({ exchange, content, account })
  if (!bound.ok) return bound
  const { requires } = bound.value
  if (requires !== undefined && account !== undefined && !covers(account, requires)) return err(NOT_INCLUDED)
  return ok(withBound(payment, bound.value, payment.cost))
}

const NOT_INCLUDED = refusal('entitlement-insufficient', 'The plan does not include what this asks for.', {
  check: 'cover',
})

/** A receipt or payment pays for one request, whatever it uses. */
function withBound(payment: Payable, bound: Bound, unbound: Cost | undefined): Payable {
  const { admitted } = payment
  const account = readerOf(admitted.proof)
  const { terms } = admitted.route
  const own = unbound?.from === 'account' ? unbound : undefined
  const cost =
    account === undefined || terms.kind !== 'paid' || unbound !== own
      ? unbound
      : boundedCost(account, terms, own, bound.amount)
  return { ...payment, cost, admitted: { ...admitted, bound, unbound } }
}

/** Returns the payment with a lower bound that fits what a ledger has left, if the meter gives one. It is asked once. */
export async function tighten(payment: Payable, refused: ChargeRefused): Promise<Payable | undefined> {
  const { bound, unbound } = payment.admitted
  if (bound?.tighten === undefined || !SHORT.has(refused.reason)) return undefined
  const tighter = await bound.tighten(availableIn(refused))
  if (tighter === undefined) return undefined
  const { amount, requires, attempts } = tighter
  const last = { amount, ...(requires && { requires }), ...(attempts && { attempts }) }
  return withBound(payment, last, unbound)
}

const SHORT: ReadonlySet<string> = new Set(['credit-insufficient', 'usage-limit-reached'])

function availableIn({ limits, credit }: ChargeRefused): MeteredAmount {
  const counts = limits.map(({ limit, remaining }) => ({ name: limit.name, units: remaining }))
  return { counts, ...(credit && { price: credit }) }
}
