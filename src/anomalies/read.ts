/** Reads what was found in a zone from all of its objects. */
import { err, ok } from '../core/result.ts'
import { withTimeout } from '../http/timeout.ts'
import { SHARDS, zoneTalliesOf } from '../tallies/zones.ts'
import type { AnomalyStores } from '../zonestores.ts'
import type { ReadFound } from './plugin.ts'
import { beginBudget, takeHold } from './rules/budget.ts'
import type { Finding } from './rules/finding.ts'
import type { AnomalyPolicy } from './rules/policy.ts'
import { deniedHold } from './rules/suspect.ts'
import type { AnomalyReading } from './rules/anomalycommands.ts'

const READ_MS = 5000
const MOST_READ = 200
const MOST_SHOWN = 200

/**
 * Creates what reads findings. The holds that were only found are counted here, where all of a zone's come together; those that
 * were carried out have been.
 */
export function createReader({ mode, hold }: AnomalyPolicy, stores: AnomalyStores | undefined): ReadFound {
  return async (zone) => {
    if (stores === undefined) return UNAVAILABLE
    const { id, place } = zoneTalliesOf(zone)
    const asked = Array.from({ length: SHARDS }, (_, shard) =>
      withTimeout(
        stores(id, shard, place)({ kind: 'read', most: MOST_READ }).catch(() => undefined),
        READ_MS,
      ),
    )
    const readings: AnomalyReading[] = []
    for (const answer of await Promise.all(asked)) {
      if (answer?.ok !== true) return UNAVAILABLE
      readings.push(answer.value)
    }
    const findings = readings.flatMap((reading) => reading.findings).sort((one, other) => one.time - other.time)
    const dropped = readings.reduce((sum, reading) => sum + reading.dropped, 0)
    return ok({ mode, findings: budgeted(findings, hold.perDay).reverse().slice(0, MOST_SHOWN), dropped })
  }
}

const UNAVAILABLE = err('watch-unavailable' as const)

/** Puts what comes instead in the place of each hold beyond those of its day. */
function budgeted(findings: readonly Finding[], perDay: number): Finding[] {
  const budget = beginBudget()
  return findings.map((finding) =>
    finding.isActed || takeHold(budget, finding, perDay).isGranted ? finding : deniedHold(finding),
  )
}
