import type { Metered, MeteredAmount } from '../access/meter.ts'
import { withTimeout } from '../http/timeout.ts'
import type { Ledger } from '../ports.ts'
import { sendAmendment } from './amendment.ts'
import { costOf, type Ending, type MeasuredUsage } from './rules/delivered.ts'

/**
 * The time a meter may drain after the response: beyond it, its count is unknown and costs the reservation. Cloudflare ends
 * work 30 s after the client has left, and the amendment is to be sent before that.
 */
const DRAIN_MS = 25_000

export async function measuredBy(used: Metered['used'] | undefined): Promise<Ending['measured']> {
  if (used === undefined) return undefined
  const amount = await withTimeout(
    (async () => used())().catch(() => undefined),
    DRAIN_MS,
  )
  return amount && measuredOf(amount)
}

function measuredOf({ counts, price, breakdown }: MeteredAmount): MeasuredUsage {
  return { counts, ...(price && { price: price.units }), ...(breakdown && { breakdown }) }
}

/** The open charge of an answer that was given up. */
interface Forfeited {
  readonly charge: string
  readonly request: string
  readonly method: string
}

/** Commits the cost of an answer that was given up. */
export async function sendForfeited(
  ledger: Ledger,
  { charge, request, method }: Forfeited,
  used: Metered['used'],
): Promise<void> {
  const kept = costOf({ method, status: 200, reached: 'begun', measured: await measuredBy(used) })
  return sendAmendment(ledger, { charge, request, ...kept, isUnsent: true })
}
