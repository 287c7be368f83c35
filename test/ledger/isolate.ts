import { expect, vi } from 'vitest'
import { createBatching } from '../../src/ledger/batching.ts'
import { LedgerHost } from '../../src/ledger/host/host.ts'
import { HISTORY_MS } from '../../src/ledger/journal/journalbook.ts'
import type { LedgerCommand } from '../../src/ledger/rules/batch.ts'
import type { ChargeCommand, ChargeOutcome } from '../../src/ledger/rules/commands.ts'
import { MemoryStore } from '../../src/platform/memory/store.ts'
import type { Ledger, Ledgers } from '../../src/ports.ts'
import type { Result } from '../../src/core/result.ts'
import { valueOf } from './host/driver.ts'
import { chargeOf, ONE } from './rules/pureledger.ts'

/** How calls to the object go: as they should, or in one of the ways in which they do not. */
export type Line = 'good' | 'slow' | 'lost before' | 'lost after' | 'silent' | 'silent after' | 'late' | 'overloaded'

const never = (): Promise<never> => new Promise(() => undefined)
const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

/** One object, as the requests of one isolate call it, and what was called. */
export class Isolate {
  readonly host = new LedgerHost(new MemoryStore({ clock: () => Date.now(), historyMs: HISTORY_MS }), {
    sinks: new Map(),
    hasOutbox: true,
    settlerOf: () => undefined,
    warn: () => undefined,
  })
  readonly batching = createBatching({ clock: () => Date.now(), sharesPromises: true })
  /** The number of commands of each call. */
  readonly calls: number[] = []
  readonly background: Promise<unknown>[] = []
  /** The time at which the object answers again, if it is silent. */
  silentUntil = 0
  /** False for an object of an earlier version. */
  takesBatches = true

  /** The ledger as a new request has it. Its first call goes as `line` says; `ended` is called if the request ends by it. */
  request(line: Line = 'good', ended = (): void => undefined): Ledger {
    return this.#share(() => this.#stub(line, ended))
  }

  /** A request that cannot even call. */
  broken(): Ledger {
    return this.#share(() => {
      throw new Error('no stub')
    })
  }

  #share(ledgers: Ledgers): Ledger {
    return this.batching.share(ledgers, (work) => void this.background.push(work))('account', {})
  }

  #stub(line: Line, ended: () => void): Ledger {
    const { host } = this
    let left: Line | undefined = line
    const call = async <T>(count: number, ask: () => Promise<T>): Promise<T> => {
      this.calls.push(count)
      const how = left ?? 'good'
      left = undefined
      if (how === 'silent' || how === 'silent after') ended()
      if (this.silentUntil > Date.now()) await wait(this.silentUntil - Date.now())
      return sent(how, ask)
    }
    const apply = (commands: readonly LedgerCommand[]) => call(commands.length, () => host.apply(commands))
    const unknown = (): Promise<never> =>
      call(0, async () => {
        throw new TypeError('The RPC receiver does not implement the method "apply".')
      })
    return new Proxy(host, {
      get: (_, name) => {
        if (name === 'apply') return this.takesBatches ? apply : unknown
        const method = (host as unknown as Record<string | symbol, (command: unknown) => Promise<unknown>>)[name]
        return (command: unknown) => call(1, () => method?.call(host, command) ?? never())
      },
    })
  }

  async charged(): Promise<string[]> {
    const { recent, totals } = valueOf(await this.host.read({}))
    expect(totals.charges).toBeLessThanOrEqual(20)
    return recent.map(({ id }) => id).toReversed()
  }
}

async function sent<T>(line: Line, ask: () => Promise<T>): Promise<T> {
  switch (line) {
    case 'good':
      await wait(1)
      return ask()
    case 'slow':
      await wait(2500)
      return ask()
    case 'lost before':
      throw new Error('reset')
    case 'lost after':
      await ask()
      throw new Error('reset')
    case 'silent':
      return never()
    case 'silent after':
      await ask()
      return never()
    case 'late': // the caller is told that it failed, and it arrives nevertheless
      void wait(100).then(ask)
      throw new Error('disconnected')
    case 'overloaded':
      throw Object.assign(new Error('overloaded'), { overloaded: true })
  }
}

let number = 0
/** A charge with an id of its own. */
export const chargeCommand = (more: Partial<ChargeCommand> = {}): ChargeCommand =>
  chargeOf(`c${++number}`, Date.now(), { counts: ONE, ...more })
/** Amendments of a charge of one request: all was delivered, or nothing. */
export const done = (id: string) => ({ charge: id, request: id, delivery: 'complete' }) as const
export const none = (id: string) => ({ charge: id, request: id, delivery: 'none' }) as const
export const kindOf = (answer: Result<ChargeOutcome, string>): string => (answer.ok ? answer.value.kind : answer.error)

/** Runs what needs time to its end. */
export async function inTime<T>(work: Promise<T>): Promise<T> {
  const over = work.then(
    () => true,
    () => true,
  )
  for (;;) {
    await vi.advanceTimersByTimeAsync(50)
    if (await Promise.race([over, Promise.resolve(false)])) return work
  }
}
