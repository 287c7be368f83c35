import { unitsOf } from './amount.ts'
import type { Breakdown } from '../../access/meter.ts'
import type { AmendCommand, Amount, Units } from './commands.ts'

/** The end of a counted request, as the gate saw it. */
export interface Ending {
  /** Upper case. */
  readonly method: string
  readonly status: number
  /** `begun`: the origin had answered. A response sent to its end has begun, even without content. */
  readonly reached: 'nothing' | 'begun' | 'end'
  /** The measured usage; undefined if unknown. */
  readonly measured?: undefined | MeasuredUsage
  /** The least that the request costs, however little was delivered. */
  readonly leastPrice?: bigint
}

/** What a meter measured, in the currency of the charge. */
export interface MeasuredUsage {
  readonly counts?: readonly Units[]
  readonly price?: bigint
  readonly breakdown?: Breakdown
}

/** The amount that an amendment keeps. */
type KeptAmount = Pick<AmendCommand, 'delivery' | 'counts' | 'price' | 'breakdown'>

/** Returns true for a response that costs: a 2xx to a method other than HEAD and OPTIONS, or a WebSocket that opens. */
export function isCharged({ method, status }: Pick<Ending, 'method' | 'status'>): boolean {
  return ((status >= 200 && status <= 299) || status === 101) && method !== 'HEAD' && method !== 'OPTIONS'
}

/**
 * Returns the amount to keep for a request. A response that costs and had begun is kept as measured, or as reserved if
 * nothing was measured. Any other response costs nothing.
 */
export function costOf({ method, status, reached, measured, leastPrice }: Ending): KeptAmount {
  if (reached === 'nothing' || !isCharged({ method, status })) return { delivery: 'none' }
  const { counts, price, breakdown } = measured ?? {}
  const least = leastPrice ?? 0n
  return {
    delivery: reached === 'end' ? 'complete' : 'broken',
    ...(counts && { counts }),
    ...(price !== undefined && { price: price > least ? price : least }),
    ...(breakdown && { breakdown }),
  }
}

/** Returns true if an amendment gives back anything of what was reserved. An amount left out keeps the reservation. */
export function givesBack({ delivery, counts, price }: KeptAmount, reserved: Amount): boolean {
  if (delivery === 'none') return true
  const isCheaper = price !== undefined && reserved.price !== undefined && price < reserved.price.units
  return isCheaper || (counts ?? []).some(({ name, units }) => units < unitsOf(reserved.counts, name))
}
