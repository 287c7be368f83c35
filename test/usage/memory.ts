import { pluginOptions } from '../../src/config/rules/pluginoptions.ts'
import { secretValue } from '../../src/config/rules/values.ts'
import { causeOf } from '../../src/core/error.ts'
import * as v from 'valibot'
import type { LedgerRecord } from '../../src/ledger/rules/record.ts'
import { deliver, type DeliveryVerdict } from '../../src/usage/deliver.ts'
import type { UsageSink } from '../../src/usage/sink.ts'

export interface MemoryOptions {
  /** Names a secret of the environment: there is nobody to show it to. */
  readonly secret: string
  readonly take: (batch: readonly LedgerRecord[]) => Promise<DeliveryVerdict>
}

/** A sink of a test's own: what a reader who writes one has to write. */
export function memory(options: MemoryOptions): UsageSink {
  const { faults, read } = pluginOptions(
    ({ secrets }) =>
      v.strictObject({
        secret: secretValue(secrets, 8),
        take: v.custom<MemoryOptions['take']>((it) => typeof it === 'function'),
      }),
    options,
  )
  return {
    name: 'memory',
    to: 'memory',
    faults,
    create({ clock, bindings }, warn) {
      const { take } = read(bindings)
      const tried = (batch: readonly LedgerRecord[]): Promise<DeliveryVerdict> =>
        take(batch).catch((error: unknown) => ({ kind: 'again', problem: causeOf(error) }))
      return (records) => deliver([records], tried, { now: clock(), warn })
    },
  }
}
