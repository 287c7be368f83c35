import { boundedCost, type Cost, requestPrice } from '../access/cost.ts'
import { covers, type Entitlement } from '../access/entitlement.ts'
import type { Limit } from '../access/limit.ts'
import type { Bound, Meter, MeteredAmount } from '../access/meter.ts'
import { readerOf } from '../access/proof.ts'
import type { Money } from '../core/money.ts'
import { refusal, type Refusal } from '../core/problem.ts'
import { err, ok, type Result } from '../core/result.ts'
import type { AdmittedRequest, Clock, Ledgers, WaitUntil } from '../ports.ts'
import type { MakeRoom } from '../http/body.ts'
import type { Settlers } from '../rails/settlers.ts'
import { unitsOf } from './rules/amount.ts'
import type { ChargeRefused, Idempotency } from './rules/commands.ts'

/** A request to be paid for. */
export interface Payable {
  /** Undefined if the request costs nothing in a ledger. */
  readonly cost: Cost | undefined
  readonly admitted: AdmittedRequest
  readonly ledgers: Ledgers | undefined
  readonly clock: Clock
  readonly waitUntil: WaitUntil
  readonly settlers: Settlers
  readonly makeRoom: MakeRoom
  readonly idempotency?: Idempotency
  /** The id of the charge; undefined for that of the request. */
  readonly chargeId?: string
  /** True if what the meter bounds is not charged: the bound is made for the sake of its attempts. */
  readonly isUnmetered?: true
}

/**
 * Gives a charge an id of its own, if its ledger may have been asked under the request's before. What an earlier call may
 * have charged after all is taken back by its id, and this charge with it.
 */
export function withOwnId(payment: Payable): Payable {
  return { ...payment, chargeId: crypto.randomUUID() }
}

/** Adds the meter's bound to the cost. Errors: those of the meter; `entitlement-insufficient`. */
export async function boundPayment(meter: Meter, payment: Payable): Promise<Result<Payable, Refusal>> {
  const { exchange, proof, content } = payment.admitted
  const account = readerOf(proof)
  const bound = await meter.bound({ exchange, content, account })
  if (!bound.ok) return bound
  const { requires } = bound.value
  if (requires !== undefined && account !== undefined && !covers(account, requires)) return err(NOT_INCLUDED)
  return ok(withBound(payment, bound.value, account))
}

const NOT_INCLUDED = refusal('entitlement-insufficient', 'The plan does not include what this asks for.', {
  check: 'cover',
})

/** Replaces the cost by the bounded one. A receipt or payment pays for one request, whatever it uses. */
function withBound(payment: Payable, bound: Bound, account: Entitlement | undefined): Payable {
  const { admitted, cost, isUnmetered = false } = payment
  const { terms } = admitted.route
  const isCounted = account !== undefined && terms.kind === 'paid' && !isUnmetered
  return {
    ...payment,
    cost: isCounted ? boundedCost(account, terms, bound.amount) : cost,
    admitted: { ...admitted, bound },
  }
}

/**
 * Returns the payment with a lower bound that fits what a ledger has left, if the meter gives one. The meter is asked once.
 */
export async function tighten(payment: Payable, refused: ChargeRefused): Promise<Payable | undefined> {
  const { bound, proof } = payment.admitted
  const account = readerOf(proof)
  if (bound?.tighten === undefined || account === undefined || !SHORT.has(refused.reason)) return undefined
  const available = availableTo(bound, account, payment.admitted, refused)
  if (!isShort(bound.amount, available)) return undefined
  const tighter = await bound.tighten(available)
  if (tighter === undefined) return undefined
  const { amount, requires, attempts } = tighter
  return withBound(payment, { amount, ...(requires && { requires }), ...(attempts && { attempts }) }, account)
}

const SHORT: ReadonlySet<string> = new Set(['credit-insufficient', 'usage-limit-reached'])

/** Returns the amounts left for the meter, by the names it bounds, after the request itself is paid. */
export function availableTo(
  { amount }: Bound,
  account: Entitlement,
  { route: { terms } }: AdmittedRequest,
  { limits, credit }: Pick<ChargeRefused, 'limits' | 'credit'>,
): MeteredAmount {
  const isNamed = (name: string): boolean =>
    amount.counts.some((count) => count.name === name) ||
    (terms.kind === 'paid' && Object.hasOwn(terms.metering.counts, name))
  const counts = amount.counts.flatMap(({ name }) => {
    const left = limits.filter(({ limit }) => countsAs(limit, name, isNamed)).map(({ remaining }) => remaining)
    return left.length === 0 ? [] : [{ name, units: left.reduce((least, one) => (one < least ? one : least)) }]
  })
  if (amount.price === undefined || credit === undefined) return { counts }
  return { counts, price: beyondPrice(credit, terms.kind === 'paid' ? requestPrice(account, terms) : undefined) }
}

/** Returns true if a limit counts usage under the name `counted`: by its own name, or else by its unit. */
export function countsAs(
  { name: own, of: name = own, unit }: Limit,
  counted: string,
  isNamed: (name: string) => boolean,
): boolean {
  return isNamed(name) ? name === counted : unit === counted
}

function beyondPrice({ units, currency }: Money, price: Money | undefined): Money {
  const left = units - (price?.units ?? 0n)
  return { units: left > 0n ? left : 0n, currency }
}

/** Returns true if more is bounded than is available. */
export function isShort({ counts, price }: MeteredAmount, available: MeteredAmount): boolean {
  const isDear = price !== undefined && available.price !== undefined && price.units > available.price.units
  return isDear || available.counts.some(({ name, units }) => unitsOf(counts, name) > units)
}
