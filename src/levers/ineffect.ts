import { leversAt } from '../access/lever.ts'
import { after, type Eventually } from '../core/eventually.ts'
import type { Refusal } from '../core/problem.ts'
import { ok, type Result } from '../core/result.ts'
import type { Call } from '../ports.ts'
import type { Bulletins } from '../standing/bulletin.ts'
import { describeLever, type LeverView } from '../endpoints/leverview.ts'
import type { Zone } from '../zone.ts'

/** Returns the levers in effect in a zone, in the order in which they were pulled. Error: `standing-unavailable`. */
export function leversInEffect(
  zone: Zone,
  bulletins: Pick<Bulletins, 'of'>,
  call: Call,
): Eventually<Result<readonly LeverView[], Refusal>> {
  return after(bulletins.of(zone, call), (known) =>
    known.ok ? ok(leversAt(known.value.head.levers, call.now).map(describeLever)) : known,
  )
}
