import { LedgerHost } from '../../ledger/host/host.ts'
import { HISTORY_MS } from '../../ledger/journal/journalbook.ts'
import type { LedgerOutside } from '../../ledger/host/outside.ts'
import type { Clock } from '../../ports.ts'
import { MemoryStore } from './store.ts'

interface Hosted {
  readonly store: MemoryStore
  readonly host: LedgerHost
}

/** Ledgers and bulletins in the memory of one process, by name. Their alarms ring when `ring` is called. */
export class MemoryLedgers {
  readonly #clock: Clock
  readonly #outside: LedgerOutside
  readonly #hosted = new Map<string, Hosted>()

  constructor(clock: Clock, outside: LedgerOutside) {
    this.#clock = clock
    this.#outside = outside
  }

  named(name: string): LedgerHost {
    const { host } = this.#hosted.get(name) ?? this.#open(name)
    return host
  }

  #open(name: string): Hosted {
    const store = new MemoryStore({ clock: this.#clock, historyMs: HISTORY_MS })
    const hosted = { store, host: new LedgerHost(store, this.#outside) }
    this.#hosted.set(name, hosted)
    return hosted
  }

  /** Rings every due alarm, and those falling due meanwhile. */
  async ring(): Promise<void> {
    for (;;) {
      const now = this.#clock()
      const due = [...this.#hosted.values()].filter(({ store }) => (store.alarmAt ?? Infinity) <= now)
      if (due.length === 0) return
      for (const { store } of due) store.alarmAt = undefined
      await Promise.all(due.map(({ host }) => host.alarm()))
    }
  }
}
