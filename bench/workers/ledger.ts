/**
 * What one ledger reaches. `GET /?callers=64&charges=20000&object=LEDGER` has so many callers charge one object one after
 * the other, and answers how long all of it took. Object and callers share a process, as plain workerd runs them. With
 * `shares` callers share calls, as requests of the gate do. Here all of them are one request's.
 */
import { DurableObject } from 'cloudflare:workers'
import { verbs } from '../../src/ledger/rules/verbs.ts'
import { createBatching } from '../../src/ledger/batching.ts'
import type { AmendCommand, ChargeCommand } from '../../src/ledger/rules/commands.ts'
import { objectsOf } from '../../src/platform/cloudflare/ledgers.ts'
import { web } from '../../src/platform/web/index.ts'
import type { Ledger, Ledgers } from '../../src/ports.ts'
import { LedgerObject } from '../../src/platform/cloudflare/ledger/ledger.ts'
import { HISTORY_MS, JournalBook } from '../../src/ledger/journal/journalbook.ts'
import { SqlJournal } from '../../src/platform/cloudflare/ledger/journal.ts'

export { LedgerObject as Ledger }

const TERMS = { clock: (): number => Date.now(), historyMs: HISTORY_MS }

/** The same rules and rows, and a commit for each command. */
export class Alone extends DurableObject {
  #book: JournalBook | undefined

  async charge(command: ChargeCommand): Promise<unknown> {
    const { storage } = this.ctx
    this.#book ??= new JournalBook(new SqlJournal(storage.sql), TERMS)
    const book = this.#book
    return storage.transactionSync(() => {
      const { outcome, changes } = verbs.charge(book, command, Date.now())
      book.write(changes)
      book.finish()
      return { ok: true, outcome }
    })
  }

  async amend(command: Parameters<typeof verbs.amend>[1]): Promise<unknown> {
    const { storage } = this.ctx
    this.#book ??= new JournalBook(new SqlJournal(storage.sql), TERMS)
    const book = this.#book
    return storage.transactionSync(() => {
      const { outcome, changes } = verbs.amend(book, command, Date.now())
      book.write(changes)
      book.finish()
      return { ok: true, outcome }
    })
  }
}

interface Caller {
  charge(command: ChargeCommand): Promise<{ readonly ok: boolean }>
  amend(command: AmendCommand, mayWait?: boolean): Promise<unknown>
}

type Objects = Readonly<Record<string, DurableObjectNamespace<LedgerObject>>>

export default {
  async fetch(request: Request, env: Objects, ctx: ExecutionContext): Promise<Response> {
    const asked = new URL(request.url).searchParams
    const callers = Number(asked.get('callers') ?? 64)
    const charges = Number(asked.get('charges') ?? 20_000)
    const namespace = env[asked.get('object') ?? 'LEDGER']
    if (namespace === undefined) return new Response('no such object', { status: 404 })
    const count = Number(asked.get('objects') ?? 1)
    const nameOf = (index: number): string => `${asked.get('name')}-${index % count}`
    const calls = { count: 0 }
    const shared = asked.has('shares') ? sharedCallers(namespace, calls, ctx) : undefined
    const stubs = Array.from({ length: count }, (_, index) => namespace.getByName(nameOf(index)))
    const callerOf = (index: number): Caller | undefined => shared?.(nameOf(index), {}) ?? stubs[index % count]
    const settles = asked.has('settles')
    let left = charges
    let refused = 0
    const call = async (index: number): Promise<void> => {
      while (left > 0) {
        left -= 1
        const caller = callerOf(index)
        if (caller === undefined) return
        const command = commandOf()
        const answer = await caller.charge(command)
        if (!answer.ok) refused += 1
        const settled = settles && caller.amend({ charge: command.id, request: command.id, delivery: 'complete' }, true)
        // A request of the gate leaves its commit behind.
        if (shared === undefined) await settled
        else if (settled !== false) ctx.waitUntil(settled)
      }
    }
    const began = Date.now()
    await Promise.all(Array.from({ length: callers }, (_, index) => call(index)))
    const elapsedMs = Date.now() - began
    const perSecond = Math.round((charges / elapsedMs) * 1000)
    const each = shared === undefined ? {} : { callsEach: Number((calls.count / charges).toFixed(3)) }
    return Response.json({ callers, charges, refused, elapsedMs, perSecond, ...each })
  },
} satisfies ExportedHandler<Objects>

/** Ledgers as requests of the gate have them; `calls` counts the calls that are made. */
function sharedCallers(LEDGER: Objects[string], calls: { count: number }, ctx: ExecutionContext): Ledgers | undefined {
  const ledgers = objectsOf({ LEDGER })?.ledgers
  const counted = (ledger: Ledger): Ledger => ({
    ...ledger,
    charge: (command) => (calls.count++, ledger.charge(command)),
    amend: (command) => (calls.count++, ledger.amend(command)),
    apply: (commands) => (calls.count++, ledger.apply?.(commands) ?? Promise.resolve([])),
  })
  const batching = createBatching(web({}))
  return (
    ledgers &&
    batching.share(
      (name, place) => counted(ledgers(name, place)),
      (work) => ctx.waitUntil(work),
    )
  )
}

/** One request of a plan with a quota for the hour and for the month. */
function commandOf(): ChargeCommand {
  const limit = { name: 'requests', quota: 1_000_000_000n, unit: 'requests', kind: 'fixed', anchor: undefined } as const
  return {
    id: crypto.randomUUID(),
    counts: [{ name: 'requests', units: 1n }],
    limits: [
      { ...limit, window: 3600 },
      { ...limit, window: 'P1M' },
    ],
    settleByMs: Date.now() + 60_000,
    facts: { zone: 'news', route: '/api/*', method: 'GET' },
  }
}
