import type { LedgerPlace } from '../../ledger/rules/place.ts'
import type { TallyAnswer, TallyCommand } from './commands.ts'

/** Returns what carries out commands on one of the objects that keep the tallies of a zone, by its id and number. */
export type TallyStores = (zone: string, shard: number, place: LedgerPlace) => ApplyTally

/** After a failed call a command may or may not have taken effect. */
export type ApplyTally = (command: TallyCommand) => Promise<TallyAnswer>
