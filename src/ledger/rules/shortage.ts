/**
 * What is too low for a charge, and if waiting a moment would cure it.
 *
 * A meter reserves an upper bound, and most of it usually comes back within seconds. A request that does not fit only because of
 * what others of its account have reserved is therefore not told to pay: it is told to wait. Only the reservations of metered
 * charges count as coming back. Those of a fixed price are kept, unless the origin fails. Money and units that are not there are
 * reserved by nobody: nothing here lets a request through.
 */
import type { Money } from '../../core/money.ts'
import { unitsOf } from './amount.ts'
import type { Charge } from './book.ts'
import type { Amount, ChargeCommand, ChargeRefused } from './commands.ts'
import { creditIn } from './credit.ts'
import { checkLimits, fitsUnder, heldUnder } from './limits.ts'
import type { UnitOfWork } from './unitofwork.ts'

type Shortage = Pick<ChargeRefused, 'reason' | 'check' | 'retryAfterSeconds' | 'held'>

/**
 * Returns the refusal if a limit or the credit is too low, or undefined. If all would do once the open metered requests of the
 * account have given everything back, the check is `reserved`.
 */
export function checkAmounts(
  work: UnitOfWork,
  { id, limits, payment, mayOwe }: ChargeCommand,
  { counts, price }: Amount,
  now: number,
): Shortage | undefined {
  const credit = price === undefined || payment || mayOwe ? undefined : creditIn(work.head, price.currency)
  // What is paid already costs nothing, whatever its account has come to owe since.
  const missing = credit === undefined || price === undefined || price.units === 0n ? 0n : price.units - credit.units
  const lacking = limits.filter((limit) => !fitsUnder(work, limit, unitsOf(counts, limit.name), now))
  if (missing <= 0n && lacking.length === 0) return undefined
  const open = [...work.book.openCharges()].filter(mayGiveBack)
  const held = { units: limits.map((limit) => heldUnder(work, limit, open, now)), ...heldPrice(open, credit?.currency) }
  const shown = open.length === 0 ? {} : { held }
  const beyond = lacking.filter((limit) => {
    const units = held.units[limits.indexOf(limit)]
    return !fitsUnder(work, limit, unitsOf(counts, limit.name), now, units)
  })
  const limited = checkLimits(work, beyond, counts, now)
  if (limited !== undefined) return { ...limited, ...shown }
  if (missing > (held.price?.units ?? 0n)) return { reason: 'credit-insufficient', ...shown }
  return { reason: 'too-many-requests', check: 'reserved', retryAfterSeconds: secondsFor(id), held }
}

/** Returns true for an open charge of which a meter may give something back. */
export function mayGiveBack({ state, payment, facts }: Charge): boolean {
  return state === 'open' && payment === undefined && facts['meter'] !== undefined
}

function heldPrice(open: readonly Charge[], currency: string | undefined): { readonly price?: Money } {
  if (currency === undefined) return {}
  let units = 0n
  for (const { reserved } of open) if (reserved.price?.currency === currency) units += reserved.price.units
  return { price: { units, currency } }
}

const MOST_SECONDS = 5

/** Returns one to five seconds, by the id of the request: clients that were refused together do not come back together. */
function secondsFor(id: string): number {
  return 1 + ((Number.parseInt(id.slice(-4), 16) || 0) % MOST_SECONDS)
}
