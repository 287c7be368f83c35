/** A Worker that makes ledgers with a long past, and says what it takes to open them. */
import type { JournalBook } from '../../../src/ledger/journal/journalbook.ts'
import type { LedgerCommand } from '../../../src/ledger/rules/batch.ts'
import { LedgerObject } from '../../../src/platform/cloudflare/ledger/ledger.ts'
import { SqlLedger } from '../../../src/platform/cloudflare/ledger/sqlledger.ts'
import { tablesOf } from '../../../src/platform/cloudflare/ledger/journal.ts'
import type { Opening } from './opening.ts'

const DAY_MS = 86_400_000
const BATCH = 64

export class Ledger extends LedgerObject {
  /** Charges and closes so many requests under keys, in commits of 64. */
  async use(batches: number): Promise<void> {
    for (let batch = 0; batch < batches; batch++) {
      const ids = Array.from({ length: BATCH }, () => crypto.randomUUID())
      await this.apply(ids.map(charging))
      await this.apply(
        ids.map((id) => ({ verb: 'amend', command: { charge: id, request: id, delivery: 'complete' as const } })),
      )
    }
  }

  /** Writes so many keys of a day by SQL, with the content of a real one. */
  fill(count: number, daysAgo: number): void {
    const { sql } = this.ctx.storage
    const [today, day] = [dayOf(Date.now()), dayOf(Date.now()) - daysAgo]
    sql.exec(`CREATE TABLE IF NOT EXISTS keys_${day} (key TEXT PRIMARY KEY, data TEXT NOT NULL) WITHOUT ROWID`)
    for (let first = 0; first < count; first += 100_000) {
      sql.exec(
        `WITH RECURSIVE numbers(n) AS (SELECT ? UNION ALL SELECT n + 1 FROM numbers WHERE n + 1 < ?)
         INSERT INTO keys_${day} (key, data)
         SELECT printf('%043d', n), (SELECT data FROM keys_${today} LIMIT 1) FROM numbers`,
        first,
        Math.min(count, first + 100_000),
      )
    }
  }

  /** Opens the ledger so often, from its tables alone. */
  open(times: number): Opening {
    const { sql } = this.ctx.storage
    const cursors: SqlStorageCursor<Record<string, SqlStorageValue>>[] = []
    const counting = {
      exec(query: string, ...bindings: unknown[]) {
        const cursor = sql.exec(query, ...bindings)
        cursors.push(cursor)
        return cursor
      },
    } as unknown as SqlStorage
    let book: JournalBook | undefined
    for (let time = 0; time < times; time++) {
      cursors.length = 0
      book = new SqlLedger(counting, { clock: () => Date.now(), historyMs: 35 * DAY_MS }).book
    }
    const knows = book?.chargeByKey('0'.repeat(43)) !== undefined
    const rowsRead = cursors.reduce((sum, cursor) => sum + cursor.rowsRead, 0)
    const one = (query: string): number => sql.exec<{ value: number | null }>(query).one().value ?? 0
    return {
      rowsRead,
      stateChars: tablesOf(sql).has('checkpoint')
        ? one(
            'SELECT sum(length(data)) AS value FROM checkpoint WHERE generation IN (SELECT max(generation) FROM checkpoint)',
          )
        : 0,
      charges: book?.head.totals.charges ?? 0,
      keys: one(`SELECT count(*) AS value FROM keys_${dayOf(Date.now())}`),
      knows,
    }
  }
}

function charging(id: string): LedgerCommand {
  return {
    verb: 'charge',
    command: {
      id,
      idempotency: { key: id.padEnd(43, '-'), digest: 'd'.repeat(43) },
      counts: [{ name: 'requests', units: 1n }],
      limits: [
        {
          name: 'requests',
          quota: 1_000_000_000n,
          unit: 'requests',
          window: 86_400,
          kind: 'sliding',
          anchor: undefined,
        },
      ],
      settleByMs: Date.now() + 60_000,
      facts: { zone: 'news', route: '/articles/*', method: 'POST', issuer: 'https://login.example', account: 'alice' },
    },
  }
}

function dayOf(time: number): number {
  return Math.floor(time / DAY_MS)
}

interface Objects {
  readonly LEDGER: DurableObjectNamespace<Ledger>
}

export default {
  async fetch(request: Request, { LEDGER }: Objects): Promise<Response> {
    const { pathname, searchParams } = new URL(request.url)
    const ledger = LEDGER.getByName(pathname)
    const numberOf = (name: string): number => Number(searchParams.get(name) ?? 0)
    if (searchParams.has('use')) await ledger.use(numberOf('use'))
    if (searchParams.has('fill')) await ledger.fill(numberOf('fill'), numberOf('ago'))
    return Response.json(await ledger.open(Math.max(1, numberOf('open'))))
  },
} satisfies ExportedHandler<Objects>
