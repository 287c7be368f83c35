import { leaveAloneMs } from '../../../ledger/rules/backoff.ts'

/** How telling billing has gone of late. */
interface Known {
  /** Since billing last took anything. */
  readonly failures: number
  /** Billing is left alone until then, in milliseconds since 1970. */
  readonly until: number
}

const KEY = 'billing'
const NONE: Known = { failures: 0, until: 0 }

/**
 * How often billing failed in a row, and how long it is left alone for that. The platform lets an object go within seconds
 * of rest, and makes it anew for the next alarm: so this is stored, in one row, while billing fails. Storage that fails
 * costs the count and no more.
 */
export class FlushBackoff {
  readonly #kv: SyncKvStorage
  #known: Known | undefined

  constructor(kv: SyncKvStorage) {
    this.#kv = kv
  }

  get failures(): number {
    return this.#read().failures
  }

  get until(): number {
    return this.#read().until
  }

  failed(now: number): void {
    const failures = this.failures + 1
    const known = { failures, until: now + leaveAloneMs(failures) }
    this.#known = known
    tried(() => this.#kv.put(KEY, known))
  }

  succeeded(): void {
    if (this.failures === 0) return
    this.#known = NONE
    tried(() => this.#kv.delete(KEY))
  }

  #read(): Known {
    return (this.#known ??= tried(() => this.#kv.get<Known>(KEY)) ?? NONE)
  }
}

function tried<T>(work: () => T): T | undefined {
  try {
    return work()
  } catch {
    return undefined
  }
}
