/**
 * What one ledger reaches. `GET /?callers=64&charges=20000&object=LEDGER` has so many callers charge one object one after
 * the other, and answers how long all of it took. Object and callers share a process, as plain workerd runs them.
 */
import { DurableObject } from 'cloudflare:workers'
import { verbs } from '../../src/ledger/rules/verbs.ts'
import type { ChargeCommand } from '../../src/ledger/rules/commands.ts'
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

type Objects = Readonly<Record<string, DurableObjectNamespace<LedgerObject>>>

export default {
  async fetch(request: Request, env: Objects): Promise<Response> {
    const asked = new URL(request.url).searchParams
    const callers = Number(asked.get('callers') ?? 64)
    const charges = Number(asked.get('charges') ?? 20_000)
    const namespace = env[asked.get('object') ?? 'LEDGER']
    if (namespace === undefined) return new Response('no such object', { status: 404 })
    const count = Number(asked.get('objects') ?? 1)
    const stubs = Array.from({ length: count }, (_, index) =>
      namespace.get(namespace.idFromName(`${asked.get('name')}-${index}`)),
    )
    const settles = asked.has('settles')
    let left = charges
    let refused = 0
    const call = async (index: number): Promise<void> => {
      const stub = stubs[index % count]
      if (stub === undefined) return
      while (left > 0) {
        left -= 1
        const command = commandOf()
        const answer = await stub.charge(command)
        if (!answer.ok) refused += 1
        if (settles) await stub.amend({ charge: command.id, request: command.id, delivery: 'complete' })
      }
    }
    const began = Date.now()
    await Promise.all(Array.from({ length: callers }, (_, index) => call(index)))
    const elapsedMs = Date.now() - began
    return Response.json({ callers, charges, refused, elapsedMs, perSecond: Math.round((charges / elapsedMs) * 1000) })
  },
} satisfies ExportedHandler<Objects>

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
