/**
 * Counts what Cloudflare bills of a Durable Object: rows written and read, `setAlarm`, calls, and alarms that run.
 *
 * The object is the one that is deployed; only its storage and its methods are wrapped. Time is made: alarms are kept here
 * instead of in the runtime and ring when the time is moved to them, so that flushes and clean-up happen as they would
 * over minutes and days.
 */
import type { Ledger as LedgerObject } from '../../src/platform/cloudflare/index.ts'
import { callable } from './callable.ts'

/** What is counted of one kind of object. `setAlarms` are among `rowsWritten`, because each is billed as a row. */
export interface Counts {
  rowsWritten: number
  rowsRead: number
  setAlarms: number
  calls: number
  alarms: number
  deletions: number
}

type Kind = 'ledgers' | 'bulletins'

const none = (): Counts => ({ rowsWritten: 0, rowsRead: 0, setAlarms: 0, calls: 0, alarms: 0, deletions: 0 })

export const counts: Record<Kind, Counts> = { ledgers: none(), bulletins: none() }

export function resetCounts(): void {
  counts.ledgers = none()
  counts.bulletins = none()
}

/** The alarms that are set, by the id of the object. They outlive the object's memory, as real ones do. */
export const alarms = new Map<string, number>()

/** The ids of the objects that are in memory. */
export const awake = new Set<string>()

/** Calls and background work that have not ended. */
let open = 0

export function track<T>(work: Promise<T>): Promise<T> {
  open += 1
  return work.finally(() => (open -= 1))
}

const realNow = Date.now.bind(Date)
const realTimer = globalThis.setTimeout.bind(globalThis)

/** Resolves when nothing is under way. */
export async function quiet(): Promise<void> {
  for (let still = 0; still < 3; ) {
    await new Promise((resolve) => realTimer(resolve, 1))
    still = open === 0 ? still + 1 : 0
  }
}

/** The difference to the real time while the clock runs; the time itself while it stands. */
let [offset, stopped]: [number, number | undefined] = [0, undefined]

Date.now = () => stopped ?? realNow() + offset

/** Stops the clock, or lets it run on from the time at which it stood. */
export function stopClock(stops: boolean): void {
  const now = Date.now()
  offset = now - realNow()
  stopped = stops ? now : undefined
}

/** Moves the clock forward to `time`. */
export function moveClock(time: number): void {
  if (stopped !== undefined) stopped = Math.max(stopped, time)
  else offset = Math.max(offset, time - realNow())
}

const SHORT_MS = 1000
const TIMES_FASTER = 25

/** While the clock stands, short waits are short: a request that waits a quarter of a second for company gets none. */
Object.assign(globalThis, {
  setTimeout: (work: (...given: unknown[]) => void, ms = 0, ...given: unknown[]) =>
    realTimer(work, stopped !== undefined && ms <= SHORT_MS ? ms / TIMES_FASTER : ms, ...given),
})

/** One object, of which it is known at its first call what it keeps. */
class Counted {
  kind: Kind = 'ledgers'
  readonly #id: string
  #cursors: SqlStorageCursor<Record<string, SqlStorageValue>>[] = []

  constructor(id: string) {
    this.#id = id
  }

  get counts(): Counts {
    return counts[this.kind]
  }

  /** A cursor knows its rows when it was read to the end, and only those of the last of several statements. */
  exec(sql: SqlStorage, query: string, bindings: readonly SqlStorageValue[]): unknown {
    const statements = bindings.length > 0 ? [query] : query.split(/;\s*(?=\S)/)
    const cursors = statements.map((statement) => sql.exec(statement, ...bindings))
    if (this.#cursors.length === 0) queueMicrotask(() => this.#add())
    this.#cursors.push(...cursors)
    return cursors.at(-1)
  }

  #add(): void {
    for (const { rowsWritten, rowsRead } of this.#cursors.splice(0)) {
      this.counts.rowsWritten += rowsWritten
      this.counts.rowsRead += rowsRead
    }
  }

  setAlarm(time: number | Date): Promise<void> {
    this.counts.setAlarms += 1
    this.counts.rowsWritten += 1
    alarms.set(this.#id, Number(time))
    return Promise.resolve()
  }

  async deleteAll(storage: DurableObjectStorage): Promise<void> {
    this.counts.deletions += 1
    alarms.delete(this.#id)
    await storage.deleteAll()
  }

  storage(storage: DurableObjectStorage): DurableObjectStorage {
    const id = this.#id
    const sql = replaced(storage.sql, {
      exec: (query: string, ...bindings: SqlStorageValue[]) => this.exec(storage.sql, query, bindings),
    })
    return replaced(storage, {
      sql,
      setAlarm: (time: number | Date) => this.setAlarm(time),
      getAlarm: async () => alarms.get(id) ?? null,
      deleteAlarm: async () => void alarms.delete(id),
      deleteAll: () => this.deleteAll(storage),
    })
  }
}

/** The same object with other members; what it has itself is called on itself, because the runtime insists. */
export function replaced<T extends object>(target: T, members: Readonly<Record<string, unknown>>): T {
  return new Proxy(target, {
    get(_target, name) {
      if (typeof name === 'string' && name in members) return members[name]
      const member: unknown = Reflect.get(target, name, target)
      return typeof member === 'function' ? member.bind(target) : member
    },
  })
}

type Method = (this: unknown, ...given: unknown[]) => Promise<unknown>

const OF_BULLETINS = new Set(['delta', 'post'])

/** What an object can be told here, beside what it can where it is deployed. */
export interface Driven {
  /** Runs its alarm. */
  ring(): Promise<void>
  /** Drops it from memory. Rejects for the caller. */
  evict(): void
}

/** The class that is deployed, counted. */
export function counting(base: typeof LedgerObject) {
  class Counting extends base implements Driven {
    readonly counted: Counted

    constructor(ctx: DurableObjectState, env: never) {
      super(ctx, env)
      this.counted = new Counted(ctx.id.toString())
      awake.add(ctx.id.toString())
      const storage = this.counted.storage(ctx.storage)
      Object.defineProperty(this, 'ctx', { value: replaced(ctx, { storage }) })
    }

    ring(): Promise<void> {
      this.counted.counts.alarms += 1
      return track(super.alarm())
    }

    evict(): void {
      awake.delete(this.ctx.id.toString())
      this.ctx.abort('evicted')
    }
  }
  for (const name of callable(base)) {
    const method = Reflect.get(base.prototype, name) as Method
    Object.defineProperty(Counting.prototype, name, {
      value(this: Counting, ...given: unknown[]) {
        if (OF_BULLETINS.has(name)) this.counted.kind = 'bulletins'
        this.counted.counts.calls += 1
        return track(method.apply(this, given))
      },
    })
  }
  return Counting
}
