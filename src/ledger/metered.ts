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
import type { PaymentFailures } from './paymentfailures.ts'
import { unitsOf } from './rules/amount.ts'
import type { ChargeRefused, Idempotency } from './rules/commands.ts'
import type { ClientRetry } from './rules/repeat.ts'
import type { Waiters } from './waiting.ts'

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
  readonly waiters: Waiters
  readonly paymentFailures: PaymentFailures
  readonly idempotency?: Idempotency
  /** Present if the request's client may send it again by itself, and there is no key. */
  readonly clientRetry?: ClientRetry
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
  const { exchange, proof, content, route } = payment.admitted
  const { closing } = route
  const account = readerOf(proof)
  const bound = await meter.bound({ exchange, content, account, ...(closing && { closing }) })
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
 * Returns the payment with a lower bound, if a ledger has too little left and the meter gives one: a bound that fits what is left,
 * with what others hold or without. As long as all that was asked for may still fit, the meter is not to make less of it.
 */
export async function tighten(
  payment: Payable,
  refused: ChargeRefused | undefined,
  counted: 'with what is held' | 'without',
): Promise<Payable | undefined> {
  const { bound, proof } = payment.admitted
  const account = readerOf(proof)
  if (refused === undefined || bound?.tighten === undefined || account === undefined) return undefined
  const { held: _held, ...left } = refused
  if (!SHORT.has(refused.reason) || !isShort(bound.amount, availableTo(bound, account, payment.admitted, left)))
    return undefined
  const isAll = counted === 'with what is held'
  const available = availableTo(bound, account, payment.admitted, isAll ? refused : left)
  const tighter = await bound.tighten(available, { mayShrink: !isAll || refused.check !== 'reserved' })
  if (tighter === undefined) return undefined
  const { amount, requires, attempts } = tighter
  return withBound(payment, { amount, ...(requires && { requires }), ...(attempts && { attempts }) }, account)
}

/** The last one is that of a limit for a minute or less, and of what others hold. */
const SHORT: ReadonlySet<string> = new Set(['credit-insufficient', 'usage-limit-reached', 'too-many-requests'])

/** Returns the amounts left for the meter and those held, by the names it bounds, after the request itself is paid. */
export function availableTo(
  { amount }: Bound,
  account: Entitlement,
  { route: { terms } }: AdmittedRequest,
  { limits, credit, held }: Pick<ChargeRefused, 'limits' | 'credit' | 'held'>,
): MeteredAmount {
  const isNamed = (name: string): boolean =>
    amount.counts.some((count) => count.name === name) ||
    (terms.kind === 'paid' && Object.hasOwn(terms.metering.counts, name))
  const counts = amount.counts.flatMap(({ name }) => {
    const left = limits.flatMap(({ limit, remaining }, index) =>
      countsAs(limit, name, isNamed) ? [remaining + (held?.units[index] ?? 0n)] : [],
    )
    return left.length === 0 ? [] : [{ name, units: left.reduce((least, one) => (one < least ? one : least)) }]
  })
  if (amount.price === undefined || credit === undefined) return { counts }
  const units = credit.units + (held?.price?.units ?? 0n)
  const all = { ...credit, units }
  return { counts, price: beyondPrice(all, terms.kind === 'paid' ? requestPrice(account, terms) : undefined) }
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
