import { vi } from 'vitest'
import { createEmbeddedCache } from '../../src/cache/stage.ts'
import { createMemoryStore } from '../../src/cache/memorystore.ts'
import { ok } from '../../src/core/result.ts'
import type { Presented } from '../../src/access/proof.ts'
import { createApp } from '../../src/gate.ts'
import { capture } from '../../src/http/capture.ts'
import { withoutUrlTokens } from '../../src/rails/inurl.ts'
import { bearer, feeds, html, manageFeeds, type Options, supportFeeds } from '../../src/index.ts'
import { openLedger } from '../../src/ledger/rules/place.ts'
import { type MemoryPlatform, memory } from '../../src/platform/memory/index.ts'
import { createServices, type Services } from '../../src/services.ts'
import { presentAsSigned } from '../../src/standing/present.ts'
import { applyEvent } from '../../src/standing/apply.ts'
import type { Statement } from '../../src/standing/rules/standing.ts'
import type { Zone } from '../../src/zone.ts'
import { compiled, siteAt } from '../support/compiled.ts'
import { ENDPOINTS } from '../support/endpoints.ts'
import { sign } from '../support/issuer.ts'
import {
  ACCOUNT_KEY,
  BILLING,
  goodToken,
  IDENTITY,
  NOW,
  options,
  type Parties,
  SECRET,
} from '../tokens/hostile/parties.ts'

export const OURS = 'https://news.example'
export const GATE_SECRET = 'the secret of the gate, of thirty-two bytes or more'
const OLDER_SECRET = 'an older secret of the gate, of as many bytes'
export const BINDINGS = { SHARED_SECRET: SECRET, ACCOUNT_KEY, GATE_SECRET, OLDER_SECRET }
export const OPERATOR = 'https://support.example'
export const BOUND_MS = 5000
export const HOUR = 3_600_000
export const DAY = 24 * HOUR

/** A site with feeds, podcasts and pages; it hears of its accounts from billing, and of those of the login from nobody. */
export function feedOptions(parties: Parties): Options {
  const given = options(parties)
  const routes = [
    { path: '/feed/*', requires: 'premium' },
    { path: '/feed/extra/*', requires: 'premium' },
    { path: '/live/*', requires: ['premium', 'basic'], cache: 'off' as const },
    { path: '/paid/*', requires: 'premium' },
    { path: '/dear/*', price: { amount: '1', currency: 'EUR' } },
    { path: '/counted/*', requires: 'premium', cache: 'off' as const, counts: { downloads: 1 } },
    { path: '/free/*', free: true as const },
  ]
  const remedies = {
    documentation: 'https://billing.example/problems',
    checkout: 'https://billing.example/checkout?return={return}',
    signIn: 'https://billing.example/login?to={return}',
  }
  const rails = [bearer(), feeds({ routes: ['/feed/*', '/live/*', '/dear/*', '/counted/*'] })]
  const operators = [{ issuer: OPERATOR, keys: [parties.rsa.jwk] }]
  return {
    ...given,
    secrets: { gate: 'GATE_SECRET' },
    endpoints: [...ENDPOINTS, manageFeeds({ most: 3 }), supportFeeds()],
    zones: given.zones.map((zone) => ({ ...zone, routes, remedies, rails, operators, refusals: [html()] })),
  }
}

export interface Made {
  readonly id: string
  /** Below the site. */
  readonly path: string
  readonly token: string
}

type Init = RequestInit & { readonly base?: string }

/** The gate, as several isolates over the same objects, with a clock that is driven. */
export class FeedWorld {
  now = NOW * 1000
  readonly received: Request[] = []
  /** Status, fields and body of every answer, and every line that was logged. */
  readonly told: string[] = []
  answer = (_request: Request): Response =>
    new Response('the feed', { headers: { 'cache-control': 'max-age=60', etag: '"1"' } })
  /** True if no ledger answers. */
  isDown = false
  /** The calls to ledgers, by name. */
  readonly calls: string[] = []
  readonly parties: Parties
  readonly #platform: MemoryPlatform
  #isolate: ReturnType<FeedWorld['isolate']>
  readonly #given: Options

  constructor(parties: Parties, given: Options = feedOptions(parties)) {
    this.parties = parties
    this.#given = given
    this.#platform = memory(BINDINGS, {}, { clock: () => this.now, log: (lines) => this.#hear(lines) })
    this.#isolate = this.isolate()
    for (const method of ['log', 'info', 'warn', 'error'] as const)
      vi.spyOn(console, method).mockImplementation((...line: unknown[]) => this.#hear(line))
  }

  #hear(lines: readonly unknown[]): void {
    for (const line of lines) this.told.push(typeof line === 'string' ? line : JSON.stringify(line))
  }

  get services(): Services {
    return this.#isolate.services
  }

  ask = (path: string, init: Init = {}): Promise<Response> => this.#isolate.ask(path, init)

  /** Goes on in an isolate that remembers nothing; with another configuration, if one is given. */
  renew(given = this.#given): void {
    this.#isolate = this.isolate(given)
  }

  /** A further isolate. */
  isolate(given = this.#given) {
    const { ledgers = () => undefined as never, ...platform } = this.#platform
    const counted: typeof ledgers = (name, place) => {
      const ledger = ledgers(name, place)
      return new Proxy(ledger, {
        get: (kept, member) => {
          const value: unknown = Reflect.get(kept, member)
          if (typeof value !== 'function') return value
          return (...asked: unknown[]) => {
            if (this.isDown) throw new Error('down')
            this.calls.push(member === 'order' ? String(asked[0]) : String(member))
            return Reflect.apply(value, kept, asked) as unknown
          }
        },
      })
    }
    const services = createServices(compiled(given, BINDINGS, false), { ...platform, ledgers: counted })
    const app = createApp(services, given.endpoints ?? [])
    const origin = async (_admitted: unknown, outgoing: () => Request) => {
      const request = outgoing()
      this.received.push(request)
      return ok({ response: this.answer(request) })
    }
    const cache = createEmbeddedCache(createMemoryStore(1024 * 1024), () => this.now)
    const ask = async (path: string, { base = OURS, ...init }: Init = {}): Promise<Response> => {
      const begun: Promise<unknown>[] = []
      const waitUntil = (work: Promise<unknown>): void => void begun.push(work)
      const behind = { origin: cache.stage(origin, waitUntil), purge: async () => true }
      const response = await app(new Request(`${base}${path}`, { redirect: 'manual', ...init }), behind, waitUntil)
      const body = await response.clone().text()
      while (begun.length > 0) await Promise.all(begun.splice(0))
      this.told.push(String(response.status), ...Array.from(response.headers, (pair) => pair.join(': ')), body)
      return response
    }
    return { services, ask }
  }

  /** Everything that left the gate, whoever it was for. */
  everything(): string {
    const asked = this.received.flatMap(({ url, headers }) => [url, ...Array.from(headers, (pair) => pair.join(': '))])
    return [...this.told, ...asked].join('\n')
  }

  forget(): void {
    for (const list of [this.told, this.received, this.calls]) list.length = 0
  }

  /** A token of the account, signed now. */
  token(over: object = {}): Promise<string> {
    const iat = Math.floor(this.now / 1000)
    return goodToken(this.parties, { sub: 'ann', entitlements: ['premium'], iat, exp: iat + 3600, ...over })
  }

  /** A token of the login, of whose accounts nobody tells. */
  foreignToken(over: object = {}): Promise<string> {
    const iat = Math.floor(this.now / 1000)
    const claims = { iss: IDENTITY, aud: OURS, sub: 'ann', scope: 'premium', iat, exp: iat + 3600, ...over }
    return sign(this.parties.identity, claims, { typ: 'at+jwt' })
  }

  /** What the endpoint for owners answers. */
  async order(body: object | undefined, bearerToken?: string, fields: Record<string, string> = {}): Promise<Response> {
    const authorization = `Bearer ${bearerToken ?? (await this.token())}`
    const headers = { authorization, ...(body && { 'content-type': 'application/json' }), ...fields }
    return this.ask('/__faregate/feeds', {
      headers,
      ...(body && { method: 'POST', body: JSON.stringify(body) }),
    })
  }

  async make(path = '/feed/1', bearerToken?: string): Promise<Made> {
    return madeOf(await this.order({ action: 'create', name: 'phone', path }, bearerToken))
  }

  /** Billing says something of the account, at this moment unless another is given. */
  async tell(
    statement: Readonly<Record<string, unknown>> & { readonly at?: number },
    account = 'ann',
    issuer = BILLING,
  ): Promise<void> {
    const said = { at: this.now / 1000, ...statement } as Statement
    const changes = [{ kind: 'statement' as const, statement: said }]
    const applied = await applyEvent({ id: crypto.randomUUID(), issuer, account, changes }, this.zone, this.services, {
      action: 'event',
      by: 'billing',
    })
    if (!applied.ok) throw new Error('not applied')
  }

  get zone(): Zone {
    return siteAt(this.services, 'news.example').zone
  }

  /** The thumbprints of the keys that signed the account's last entitlements. */
  async signers(account = 'ann'): Promise<readonly (string | undefined)[]> {
    if (this.services.ledgers === undefined) throw new Error('no ledgers')
    const ledger = openLedger(this.services.ledgers, this.zone, { from: 'account', issuer: BILLING, account })
    const listed = await ledger.order('listCredentials', 'feed')
    return listed.ok ? listed.value.map(({ snapshot }) => snapshot?.signedBy) : []
  }

  /** What the credential in this URL is found to be. */
  async presented(path: string, token: string): Promise<Presented | undefined> {
    const site = siteAt(this.services, 'news.example')
    const exchange = withoutUrlTokens(capture(new Request(`${OURS}${path}?token=${token}`), this.now), site)
    return presentAsSigned(exchange, site, this.services, { now: this.now, waitUntil: () => undefined })
  }

  /** An operator says that nothing signed with this key counts. */
  async distrust(thumbprint: string): Promise<void> {
    const distrust = { keys: { [thumbprint]: this.now / 1000 }, revokedBefore: {} }
    const head = await this.services.bulletins?.proclaim(this.zone, { distrust }, { action: 'distrust', by: 'ops' })
    if (head?.distrust === undefined) throw new Error('not posted')
  }

  async reason(path: string, init: Init = {}): Promise<string> {
    const response = await this.ask(path, init)
    if (response.status < 400) return String(response.status)
    return `${response.status} ${((await response.json()) as { reason?: string }).reason}`
  }
}

/** Reads the answer that shows a feed's URL. */
export async function madeOf(response: Response): Promise<Made> {
  const { feed, url } = (await response.clone().json()) as { feed: { id: string }; url: string }
  const found = URL.parse(url)
  const token = found?.searchParams.get('token')
  if (found === null || typeof token !== 'string') throw new Error(await response.text())
  return { id: feed.id, path: `${found.pathname}${found.search}`, token }
}
