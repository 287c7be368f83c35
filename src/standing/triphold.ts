import type { Refusal } from '../core/problem.ts'
import { err, ok, type Result } from '../core/result.ts'
import { LEDGER_MS, withTimeout } from '../http/timeout.ts'
import { tokenName } from '../ledger/rules/name.ts'
import { openLedger } from '../ledger/rules/place.ts'
import type { Call, Ledgers } from '../ports.ts'
import type { Zone } from '../zone.ts'
import type { Bulletins } from './bulletin.ts'
import { joinKnown, STANDING_UNKNOWN } from './rules/asitstands.ts'
import { tokenKey } from './rules/bulletin.ts'
import { openHolds } from './rules/namedhold.ts'
import { type Entry, holdIn } from './rules/standing.ts'
import { TRIP_ISSUER } from './rules/trippayment.ts'

/** The hold of a trip to the checkout. */
interface TripHold {
  /** When it ends by itself, in seconds since 1970; undefined if it does not. */
  readonly until: number | undefined
  readonly names: readonly string[]
}

/** Returns the hold of a trip by its name; undefined if it is not held. Error: that cannot be known now. */
export async function findTripHold(
  name: string,
  zone: Zone,
  call: Call,
  {
    bulletins,
    ledgers,
  }: { readonly bulletins: Pick<Bulletins, 'of'> | undefined; readonly ledgers: Ledgers | undefined },
): Promise<Result<TripHold | undefined, Refusal>> {
  if (bulletins === undefined || ledgers === undefined) return ok(undefined)
  const known = await bulletins.of(zone, call)
  if (!known.ok) return known
  const { head, entries } = known.value
  const said = entries.get(tokenKey(TRIP_ISSUER, name))
  if (head.leftOutAt === undefined) return ok(holdOf(said, call))
  const ledger = openLedger(ledgers, zone, { from: 'receipt', issuer: TRIP_ISSUER, jti: name })
  const before = await withTimeout(
    ledger.statements(tokenName(zone, name)).catch(() => undefined),
    LEDGER_MS,
  )
  return before?.ok === true ? ok(holdOf(joinKnown(said, before.value.ofToken), call)) : err(STANDING_UNKNOWN)
}

function holdOf(said: Entry | undefined, { now }: Call): TripHold | undefined {
  const seconds = now / 1000
  const hold = said && holdIn(said, seconds)
  if (said === undefined || hold === undefined) return undefined
  return { until: hold.until, names: openHolds(said, seconds).map((one) => one.name) }
}
