import type { AmendCommand, Units } from './commands.ts'

/** How a metered request ended, as whoever delivered it saw it. */
export interface Ending {
  /** Upper case. */
  readonly method: string
  readonly status: number
  /** `begun`: the origin had answered. A response that was sent to its end had begun, even without content. */
  readonly reached: 'nothing' | 'begun' | 'end'
  /** What it used, where that is known. */
  readonly measured?: undefined | { readonly counts?: readonly Units[]; readonly price?: bigint }
  /** What the request costs, however little of it was delivered. */
  readonly leastPrice?: bigint
}

type KeptAmount = Pick<AmendCommand, 'delivery' | 'counts' | 'price'>

/** True where a response is one that costs: a 2xx to a method other than HEAD and OPTIONS, or a WebSocket that opens. */
export function isCharged({ method, status }: Pick<Ending, 'method' | 'status'>): boolean {
  return ((status >= 200 && status <= 299) || status === 101) && method !== 'HEAD' && method !== 'OPTIONS'
}

/**
 * What a request costs: a response that costs and had begun is kept, as measured, and where nobody knows, as
 * reserved. Anything else costs nothing.
 */
export function costOf({ method, status, reached, measured, leastPrice }: Ending): KeptAmount {
  if (reached === 'nothing' || !isCharged({ method, status })) return { delivery: 'none' }
  const { counts, price } = measured ?? {}
  const least = leastPrice ?? 0n
  return {
    delivery: reached === 'end' ? 'complete' : 'broken',
    ...(counts && { counts }),
    ...(price !== undefined && { price: price > least ? price : least }),
  }
}
