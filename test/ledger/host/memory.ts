import { LedgerHost } from '../../../src/ledger/host/host.ts'
import { HISTORY_MS, type JournalTerms } from '../../../src/ledger/journal/journalbook.ts'
import type { LedgerOutside } from '../../../src/ledger/host/outside.ts'
import { MemoryStore } from '../../../src/platform/memory/store.ts'
import type { LedgerDriver } from './driver.ts'

/** A store that can be broken. */
class FragileStore extends MemoryStore {
  isBroken = false

  protected override persist(isChanged: boolean): void {
    if (this.isBroken && isChanged) throw new Error('disk full')
  }
}

interface Kept {
  readonly store: FragileStore
  outside: LedgerOutside
  host: LedgerHost
}

const OUTSIDE: LedgerOutside = { sinks: new Map(), hasOutbox: true, settlerOf: () => undefined, warn: () => undefined }

export const TERMS = { clock: (): number => Date.now(), historyMs: HISTORY_MS }

/** Ledgers in the memory of this process. */
export function memoryDriver(terms: JournalTerms = TERMS): LedgerDriver {
  const kept = new Map<string, Kept>()
  const keptAs = (name: string): Kept => {
    const found = kept.get(name)
    if (found === undefined) throw new Error(`no ledger ${name}`)
    return found
  }
  return {
    async open(name, outside) {
      const store = kept.get(name)?.store ?? new FragileStore(terms)
      const reach = { ...OUTSIDE, ...kept.get(name)?.outside, ...outside }
      const made = kept.get(name) ?? { store, outside: reach, host: new LedgerHost(store, reach) }
      made.outside = reach
      kept.set(name, made)
      return hosted(made)
    },
    within: async (name, work) => work(hosted(keptAs(name))),
    async evict(name) {
      const found = keptAs(name)
      found.host = new LedgerHost(found.store, found.outside)
    },
    alarmAt: async (name) => keptAs(name).store.alarmAt ?? null,
    async ring(name) {
      const { store, host } = keptAs(name)
      if (store.alarmAt === undefined) return false
      store.alarmAt = undefined
      await host.alarm()
      return true
    },
    async loseAlarm(name) {
      keptAs(name).store.alarmAt = undefined
    },
    async breakStore(name) {
      const { store } = keptAs(name)
      store.isBroken = true
      return async () => void (store.isBroken = false)
    },
    isEmpty: async (name) => keptAs(name).store.isEmpty,
  }
}

/** Whatever host there is now. */
function hosted(kept: Kept): LedgerHost {
  return new Proxy(kept.host, {
    get(_first, property) {
      const method: unknown = Reflect.get(kept.host, property)
      return typeof method === 'function' ? method.bind(kept.host) : undefined
    },
  })
}
