import type { AmendCommand, Units } from './commands.ts'

/** How a metered request ended, as whoever delivered it saw it. */
export interface Ending {
  /** Upper case. */
  readonly method: string
  readonly status: number
  /** `begun`: the first byte had left. A response that was sent to its end had begun, even without content. */
  readonly reached: 'nothing' | 'begun' | 'end'
  /** What it used, where that is known. */
  readonly measured?: { readonly counts?: readonly Units[]; readonly price?: bigint }
  /** What the request costs, however little of it was delivered. */
  readonly leastPrice?: bigint
}

type Cost = Pick<AmendCommand, 'delivery' | 'counts' | 'price'>

/**
 * What a request costs (design §5): a 2xx to a method other than HEAD and OPTIONS that had begun is kept, as measured, and
 * where nobody knows, as reserved. Anything else costs nothing.
 */
export function costOf({ method, status, reached, measured, leastPrice }: Ending): Cost {
  const isKept = status >= 200 && status <= 299 && method !== 'HEAD' && method !== 'OPTIONS' && reached !== 'nothing'
  if (!isKept) return { delivery: 'none' }
  const { counts, price } = measured ?? {}
  const least = leastPrice ?? 0n
  return {
    delivery: reached === 'end' ? 'complete' : 'broken',
    ...(counts && { counts }),
    ...(price !== undefined && { price: price > least ? price : least }),
  }
}
