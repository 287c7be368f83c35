import type { Limit } from '../access/limit.ts'
import type { Bound, MeteredAmount } from '../access/meter.ts'
import { requestPrice } from '../access/cost.ts'
import { readerOf } from '../access/proof.ts'
import type { Money } from '../core/money.ts'
import { routeName } from '../access/route.ts'
import { logWarning } from '../log.ts'
import type { AdmittedRequest } from '../ports.ts'
import { countsAs, type Payable } from './metered.ts'
import type { Reservation, Used } from './reservation.ts'
import { unitsOf } from './rules/amount.ts'
import { fittingBreakdown } from './rules/breakdown.ts'
import type { Units } from './rules/commands.ts'

/**
 * Returns a reservation that commits a meter's count beside the cost of the request itself. A receipt or payment pays for
 * one request, so nothing is counted for it.
 */
export function measured(reservation: Reservation, { admitted, cost }: Payable): Reservation {
  const { bound } = admitted
  if (bound === undefined) return reservation
  const limits = cost?.from === 'account' ? cost.limits : undefined
  const total = (used: Used) => limits && (() => totalOf(used, bound, limits, admitted))
  const forfeit = (used: Used): void => reservation.forfeit?.(total(used) ?? used)
  return {
    ...reservation,
    forfeit: limits && reservation.forfeit && forfeit,
    commit: (response, used) => reservation.commit(response, used && total(used)),
  }
}

/** Returns the total usage; undefined if the meter does not know. Names left out cost the reservation. */
async function totalOf(
  used: Used,
  bound: Bound,
  limits: readonly Limit[],
  admitted: AdmittedRequest,
): Promise<MeteredAmount | undefined> {
  const amount = await used()
  if (amount === undefined) return undefined
  const { terms } = admitted.route
  const own = terms.kind === 'paid' ? terms.metering.counts : {}
  const known = amount.counts.filter(({ name, units }) => units >= 0n && isIn(bound.amount.counts, name))
  const isNamed = (name: string): boolean => isIn(bound.amount.counts, name) || Object.hasOwn(own, name)
  const byUnit = known.flatMap(({ name, units }) =>
    limits
      .filter((limit) => limit.name !== name && countsAs(limit, name, isNamed))
      .map((limit) => ({ name: limit.name, units })),
  )
  noteExceeded(known, amount.price, admitted, bound)
  const counts = [...new Map([...known, ...byUnit].map((one) => [one.name, one])).values()]
  const price = amount.price && totalPrice(amount.price, bound, admitted)
  const told = fittingBreakdown(amount.breakdown)
  // A price that cannot be taken costs the reservation.
  const isReserved = amount.price !== undefined && price === undefined
  const breakdown = told && isReserved ? { ...told, basis: 'reserved' as const } : told
  return { counts, ...(price && { price }), ...(breakdown && { breakdown }) }
}

function isIn(counts: readonly Units[], name: string): boolean {
  return counts.some((count) => count.name === name)
}

/**
 * Returns the price of the request plus the measured price. Undefined, for unknown, if the currency is not that of the
 * bound.
 */
function totalPrice({ units, currency }: Money, bound: Bound, { proof, route }: AdmittedRequest): Money | undefined {
  const account = readerOf(proof)
  if (account === undefined || route.terms.kind !== 'paid' || units < 0n) return undefined
  if (bound.amount.price?.currency !== currency) return undefined
  return { units: units + (requestPrice(account, route.terms)?.units ?? 0n), currency }
}

/** Warns the operator of a meter that measured more than its bound: the rest is lost. Names no account and no target. */
function noteExceeded(
  counts: readonly Units[],
  price: Money | undefined,
  { exchange, route, zone }: AdmittedRequest,
  { amount }: Bound,
): void {
  const exceeded = counts.filter(({ name, units }) => units > unitsOf(amount.counts, name))
  const isDear = price !== undefined && amount.price !== undefined && price.units > amount.price.units
  if (exceeded.length === 0 && !isDear) return
  const names = [...exceeded.map(({ name }) => name), ...(isDear ? ['price'] : [])]
  const { name: meter } = route.meter ?? {}
  logWarning({ meter, error: 'bound-exceeded', id: exchange.id, zone: zone.name, route: routeName(route), names })
}
