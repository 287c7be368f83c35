import { createEmbeddedCache } from '../../src/cache/stage.ts'
import { createMemoryStore } from '../../src/cache/memorystore.ts'
import { compile } from '../../src/config/config.ts'
import { ok } from '../../src/core/result.ts'
import { bearer, receipt } from '../../src/index.ts'
import { verbs } from '../../src/ledger/rules/verbs.ts'
import { handle } from '../../src/paywall.ts'
import { HISTORY_MS, JournalBook } from '../../src/ledger/journal/journalbook.ts'
import { MemoryJournal } from '../../src/platform/memory/journal.ts'
import { web } from '../../src/platform/web/index.ts'
import type { Ledger } from '../../src/ports.ts'
import { createServices, type Services } from '../../src/services.ts'
import { AUDIENCE, ISSUER } from './claims.ts'

const ROUTES = [
  { path: '/articles/*', requires: 'premium' },
  { path: '/metered/*', requires: 'premium', cache: 'off' as const },
]

const clock = (): number => Date.now()

/** The pipeline in this process, with a cache, a ledger and an origin that answer in it: for whoever counts its calls. */
export function createPipeline(keys: Record<string, unknown>[]): (path: string, token?: string) => Promise<number> {
  const background: Promise<unknown>[] = []
  const waitUntil = (work: Promise<unknown>): void => void background.push(work)
  const services = createServicesFor(keys)
  const cache = createEmbeddedCache(createMemoryStore(1_000_000), clock, undefined)
  const headers = { 'content-type': 'text/plain', 'cache-control': 'max-age=60', etag: '"1"', 'content-length': '5' }
  const origin = cache.stage(async () => ok({ response: new Response('hello', { headers }) }), waitUntil)
  return async (path, token) => {
    const fields = token === undefined ? {} : { authorization: `Bearer ${token}` }
    const response = await handle(new Request(`${AUDIENCE}${path}`, { headers: fields }), services, origin, waitUntil)
    await response.text()
    await Promise.all(background.splice(0))
    return response.status
  }
}

function createServicesFor(keys: Record<string, unknown>[]): Services {
  const issuers = [{ issuer: ISSUER, keys }]
  const remedies = { documentation: `${AUDIENCE}/problems` }
  const rails = [bearer(), receipt()]
  const config = { audience: AUDIENCE, issuers, rails, routes: ROUTES, unmatched: 'closed' as const, remedies }
  const compiled = compile(config, {}, { needsOrigin: false })
  if (!compiled.ok) throw new Error(JSON.stringify(compiled.error))
  const ledger = createLedger()
  return { ...createServices(compiled.value, { ...web({}), log: () => undefined }), ledgers: () => ledger }
}

/** The ledger's rules over a journal in memory, with nothing in between. */
function createLedger(): Ledger {
  const book = new JournalBook(new MemoryJournal(), { clock, historyMs: HISTORY_MS })
  return new Proxy({} as Ledger, {
    get: (_target, name) => async (command: never) => {
      const verb = verbs[name as keyof typeof verbs] as (typeof verbs)['read']
      const { outcome, changes } = verb(book, command, clock())
      book.write(changes)
      book.finish()
      return ok(outcome)
    },
  })
}
