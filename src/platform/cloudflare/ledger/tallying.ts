import { failureName } from '../../../core/error.ts'
import { logError } from '../../../log.ts'
import type { TallyPlugin } from '../../../tallies/plugin.ts'
import type { TallyStorage } from '../../../tallies/rules/book.ts'
import type { TallyAnswer, TallyCommand } from '../../../tallies/rules/commands.ts'
import type { WatchTallies } from '../../../tallies/watch.ts'

const NO_TALLIES: TallyAnswer = { ok: false, error: 'no endpoint of the configuration shows tallies' }
const WATCH_EVERY_MS = 60_000

/** An object as it keeps tallies, and watches those of its zone if it is the first. */
export class Tallying {
  readonly #storage: DurableObjectStorage
  readonly #keeping: TallyPlugin['keeping'] | undefined
  readonly #watch: WatchTallies | undefined
  #opened: TallyStorage | undefined

  constructor(
    storage: DurableObjectStorage,
    keeping: TallyPlugin['keeping'] | undefined,
    watch: WatchTallies | undefined,
  ) {
    this.#storage = storage
    this.#keeping = keeping
    this.#watch = watch
  }

  async apply(command: TallyCommand): Promise<TallyAnswer> {
    const keeping = this.#keeping
    if (keeping === undefined) return NO_TALLIES
    const tallies = (this.#opened ??= keeping.open(this.#storage.sql))
    const answer = this.#storage.transactionSync(() => keeping.apply(tallies, command, Date.now()))
    if (command.kind === 'note' && this.#watch !== undefined) await this.#arm()
    return answer
  }

  /** Sets the alarm if none is set. */
  async #arm(): Promise<void> {
    if ((await this.#storage.getAlarm()) === null) await this.#storage.setAlarm(Date.now() + WATCH_EVERY_MS)
  }

  /** Where the storage cannot say, it is a ledger, whose alarm never ends in a throw. */
  #hasTallies(): boolean {
    try {
      const [found] = this.#storage.sql.exec("SELECT 1 FROM sqlite_master WHERE name = 'tally_state'")
      return found !== undefined
    } catch {
      return false
    }
  }

  /**
   * Looks at the tallies of the zone, and sets the next alarm. Returns false if this object keeps none: it is a ledger then.
   * An object of tallies is never handled as a ledger, whatever the configuration has now: an empty ledger is deleted.
   */
  async ring(): Promise<boolean> {
    if (!this.#hasTallies()) return false
    if (this.#keeping === undefined || this.#watch === undefined) return true
    const storage = (this.#opened ??= this.#keeping.open(this.#storage.sql))
    // Set before the look: whatever becomes of it, there is a next one.
    await this.#storage.setAlarm(Date.now() + WATCH_EVERY_MS)
    const goesOn = await this.#watch({ storage, transact: (work) => this.#storage.transactionSync(work) }).catch(
      (error: unknown) => {
        logError({ alerts: failureName(error) })
        return true
      },
    )
    if (!goesOn) await this.#storage.deleteAlarm()
    return true
  }
}
