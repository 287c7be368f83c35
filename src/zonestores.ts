/**
 * What is kept of a zone beside its ledgers, in objects of the same class: the sums of its traffic, and what is watched of
 * its suspects. A configuration that names nothing of a kind has nothing of it in its bundle, and its objects refuse it.
 */
import type { LedgerPlace } from './ledger/rules/place.ts'
import type { TallyCommand } from './tallies/rules/commands.ts'
import type { TallyStores } from './tallies/rules/stores.ts'
import type { AnomalyAnswer, AnomalyCommand } from './anomalies/rules/anomalycommands.ts'

/** A command for an object, with the kind of what that keeps. */
export type KeptCommand =
  | { readonly kind: 'tallies'; readonly command: TallyCommand }
  | { readonly kind: 'anomalies'; readonly command: AnomalyCommand }

/**
 * Returns what carries out commands on one of the objects that watch the suspects of a zone. After a failed call a command
 * may or may not have taken effect.
 */
export type AnomalyStores = (
  zone: string,
  shard: number,
  place: LedgerPlace,
) => <C extends AnomalyCommand>(command: C) => Promise<AnomalyAnswer<C['kind']>>

/** The objects of each kind, shared by all isolates. */
export interface ZoneStores {
  readonly tallies?: TallyStores
  readonly anomalies?: AnomalyStores
}
