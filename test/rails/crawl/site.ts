import { compile } from '../../../src/config/config.ts'
import type { ZoneOptions } from '../../../src/config/options.ts'
import { ok } from '../../../src/core/result.ts'
import { createGate } from '../../../src/gate.ts'
import { bearer, crawl, type CrawlOptions } from '../../../src/index.ts'
import { ledgerName } from '../../../src/ledger/rules/name.ts'
import type { LogRecord } from '../../../src/logrecord.ts'
import { memory, type MemoryPlatform } from '../../../src/platform/memory/index.ts'
import type { createMemoryStore } from '../../../src/cache/memorystore.ts'
import { ZONE } from '../../support/compiled.ts'
import { type Agent, NOW, type Signing } from './agent.ts'

export const BOT = 'https://bot.example'
export const PAGE = 'https://a.test/articles/1'

/** Where keys are published: an answer for each URL. What is asked for is counted. */
export class Web {
  readonly answers = new Map<string, () => Response | Promise<Response>>()
  readonly asked: string[] = []

  publish(agent: Pick<Agent, 'url' | 'jwk'>, fields: Record<string, string> = {}): void {
    this.answers.set(directoryOf(agent.url), () => Response.json({ keys: [agent.jwk] }, { headers: fields }))
  }

  readonly fetch = async (input: RequestInfo | URL): Promise<Response> => {
    const url = input instanceof Request ? input.url : String(input)
    this.asked.push(url)
    const answer = this.answers.get(url)
    if (answer === undefined) throw new TypeError('no such host')
    return answer()
  }
}

export function directoryOf(url: string): string {
  return `${url}/.well-known/http-message-signatures-directory`
}

/** A site that sells pages to crawlers, with its ledgers in memory. */
export interface CrawledSite {
  readonly platform: MemoryPlatform
  readonly lines: LogRecord[]
  /** The requests that reached the origin. */
  readonly received: Request[]
  /** Milliseconds since 1970. */
  now: number
  /** The next answers of the origin. */
  origin: () => Response | Promise<Response>
  ask(fields?: Record<string, string>, more?: { url?: string; method?: string }): Promise<Response>
  /** Signs a request and sends it. */
  crawl(agent: Agent, price: Record<string, string>, more?: { url?: string; signing?: Signing }): Promise<Response>
  grant(agent: string, amount: bigint, currency?: string): Promise<void>
  credit(agent?: string): Promise<bigint>
  /** Waits for what goes on behind answers. */
  settle(): Promise<void>
}

interface SiteTerms {
  readonly options?: CrawlOptions
  readonly zone?: Partial<ZoneOptions>
  readonly web: Web
  /** The store that isolates share. */
  readonly copies?: ReturnType<typeof createMemoryStore>
}

const PRICE = { amount: '0.75', currency: 'USD' }
export const ROUTES = [
  { path: '/articles/*', requires: 'premium', price: PRICE },
  { path: '/dear/*', price: { amount: '3', currency: 'USD' } },
  { path: '/keyed/*', price: PRICE, cache: 'off' as const },
  { path: '/subscribers/*', requires: 'premium' },
]

export function openSite({ options, zone, web, copies }: SiteTerms): CrawledSite {
  const lines: LogRecord[] = []
  const received: Request[] = []
  const waiting: Promise<unknown>[] = []
  const secrets = { SECRET: 'x'.repeat(32), LOG_KEY: 'y'.repeat(32) }
  const given = {
    clock: () => site.now,
    fetch: web.fetch,
    log: (written: readonly LogRecord[]) => void lines.push(...written),
  }
  const platform = memory(secrets, {}, given)
  const kept = copies === undefined ? platform : { ...platform, copies: () => copies }
  const rails = [bearer(), crawl(options ?? { agents: { [BOT]: { billing: 'credit' } } })]
  const issuers = [{ issuer: 'https://i.test', secret: 'SECRET' }]
  const config = { zones: [{ ...ZONE, issuers, routes: ROUTES, rails, ...zone }], log: { accountKey: 'LOG_KEY' } }
  const compiled = compile(config, secrets, { needsOrigin: false, platform: kept })
  const gate = createGate(compiled, kept)
  if (!compiled.ok) throw new Error(JSON.stringify(compiled.error))
  const ledgerOf = (account: string) =>
    platform.ledgers?.(ledgerName({ id: 'a' }, { from: 'account', issuer: 'web-bot-auth', account }), {})
  const site: CrawledSite = {
    platform,
    lines,
    received,
    now: NOW * 1000,
    origin: () => new Response('the whole page', { headers: { 'content-type': 'text/html', etag: '"1"' } }),
    async ask(fields = {}, { url = PAGE, method = 'GET' } = {}) {
      const origin = async (_admitted: unknown, outgoing: () => Request) => {
        received.push(outgoing())
        return ok({ response: await site.origin() })
      }
      const request = new Request(url, { method, headers: fields })
      const answered = await gate.answer(
        request,
        { origin, purge: async () => false },
        (work) => void waiting.push(work),
      )
      const body = await answered.arrayBuffer() // a delivery ends once it is read
      return new Response(body.byteLength === 0 ? null : body, { status: answered.status, headers: answered.headers })
    },
    async crawl(agent, price, { url = PAGE, signing = {} } = {}) {
      const created = Math.floor(site.now / 1000)
      const { method = 'GET' } = signing
      return site.ask(await agent.sign(url, { created, fields: price, ...signing }), { url, method })
    },
    async grant(account, units, currency = 'USD') {
      const granted = await ledgerOf(account)?.grant({ id: crypto.randomUUID(), units, currency })
      if (granted?.ok !== true) throw new Error('not granted')
    },
    async credit(account = BOT) {
      await site.settle()
      const read = await ledgerOf(account)?.read({})
      if (read?.ok !== true) throw new Error('not read')
      return read.value.credit.find(({ currency }) => currency === 'USD')?.units ?? 0n
    },
    async settle() {
      while (waiting.length > 0) await Promise.allSettled(waiting.splice(0))
    },
  }
  return site
}
