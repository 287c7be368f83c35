import { createEmbeddedCache } from '../../../src/cache/stage.ts'
import { createMemoryStore } from '../../../src/cache/memorystore.ts'
import { ok } from '../../../src/core/result.ts'
import { createApp } from '../../../src/gate.ts'
import { bearer, explain, html, purge, receipt } from '../../../src/index.ts'
import type { ZoneOptions } from '../../../src/config/options.ts'
import type { LogRecord } from '../../../src/logrecord.ts'
import type { Origin, PurgeCopies } from '../../../src/ports.ts'
import { createServices } from '../../../src/services.ts'
import { web } from '../../../src/platform/web/index.ts'
import { compiled, ZONE } from '../../support/compiled.ts'
import { secretKey, sign } from '../../support/issuer.ts'

const SECRET = '0123456789abcdef0123456789abcdef'
const ISSUER = 'https://i.test'
const PREVIEW = { marker: 'members-only' }
const ROUTES = [
  { path: '/articles/*', requires: 'premium' },
  { path: '/uncached/*', requires: 'premium', cache: 'off' as const },
  { path: '/mine/*', requires: 'premium', cache: { key: 'account' as const } },
  { path: '/silent/*', requires: 'premium', preview: false },
  { path: '/copies/*', requires: 'premium', preview: { ...PREVIEW, from: 'copy' as const } },
  { path: '/staff/*', requires: 'staff', offer: false as const },
  { path: '/watched/*', requires: 'premium', observe: { until: '2100-01-01T00:00:00Z' } },
]

/** What the origin says of a page beside its content. */
export const SPOKEN = {
  etag: '"1"',
  'last-modified': 'Mon, 01 Jun 2026 00:00:00 GMT',
  age: '7',
  'cache-control': 'max-age=60',
  'content-type': 'text/html; charset=utf-8',
  'x-word-count': '1200',
}

/** An article of the origin, with a mark before its paid part. */
export function page(paid: string, fields: Record<string, string> = {}, status = 200): Response {
  const body = `<html lang="en"><title>The bridge</title><meta name="description" content="How it was built.">
<article><p>The free part.</p><!--members-only--><p>${paid}</p></article>`
  return new Response(body, { status, headers: { ...SPOKEN, 'content-length': String(body.length), ...fields } })
}

export interface Asking {
  readonly method?: string
  readonly fields?: Record<string, string>
  readonly body?: string
}

/** A gate in workerd whose zone shows previews, with the embedded cache before its origin, on a clock of the test's. */
export class PreviewWorld {
  now = Date.now()
  readonly received: Request[] = []
  readonly lines: LogRecord[] = []
  readonly waiting: Promise<unknown>[] = []
  origin: (request: Request) => ReturnType<Origin> = () => ok({ response: page('CANARY') })
  app: (path: string, asking?: Asking) => Promise<Response> = () => Promise.reject(new Error('not started'))

  readonly #change: Partial<ZoneOptions>

  /** `change`: options of the zone in place of its own. */
  constructor(change: Partial<ZoneOptions> = {}) {
    this.#change = change
    this.restart()
  }

  /** Begins anew, with nothing known and nothing stored. */
  restart(): void {
    const clock = (): number => this.now
    const issuers = [{ issuer: ISSUER, secret: 'SECRET' }]
    const parties = { issuers, operators: issuers, rails: [bearer(), receipt()], refusals: [html()] }
    const found = compiled(
      { zones: [{ ...ZONE, ...parties, routes: ROUTES, preview: PREVIEW, ...this.#change }] },
      { SECRET },
    )
    const services = createServices(found, { ...web({}), clock, newPageParser: () => new HTMLRewriter() })
    const cache = createEmbeddedCache(createMemoryStore(16 * 1024 * 1024), clock)
    const log = (line: LogRecord): void => void this.lines.push(line)
    const answer = createApp({ ...services, log }, [explain(), purge()])
    const fetching: Origin = async (_admitted, outgoing) => {
      const request = outgoing()
      this.received.push(request)
      return this.origin(request)
    }
    const waitUntil = (work: Promise<unknown>): void => void this.waiting.push(work)
    const purgeCopies: PurgeCopies = (zone, order) => cache.purge(zone, order)
    const behind = { purge: purgeCopies, origin: cache.stage(fetching, waitUntil) }
    this.app = async (path, { method = 'GET', fields = {}, body } = {}) => {
      const headers = { accept: 'text/html', ...fields }
      const request = new Request(`https://a.test${path}`, { method, headers, ...(body && { body }) })
      return answer(request, behind, waitUntil)
    }
  }

  /** Returns the field of a token with these claims. */
  async token(
    claims: Record<string, unknown> = {},
    header: Record<string, unknown> = {},
  ): Promise<Record<string, string>> {
    const iat = Math.floor(this.now / 1000)
    const good = { iss: ISSUER, aud: ZONE.audience, sub: 'ann', iat, exp: iat + 600, entitlements: ['premium'] }
    return { authorization: `Bearer ${await sign(await secretKey(SECRET), { ...good, ...claims }, header)}` }
  }
}

/** Returns status and fields, but those of the time. */
export const headOf = ({ status, headers }: Response) => [
  status,
  [...headers].filter(([name]) => name !== 'date' && name !== 'server-timing'),
]

/** Returns the body without what names the request. */
export const told = async (response: Response): Promise<string> =>
  (await response.text()).replaceAll(/urn:uuid:[\w-]+/g, 'instance')
