import { vi } from 'vitest'
import { createMemoryStore } from '../../../src/cache/memorystore.ts'
import { createEmbeddedCache } from '../../../src/cache/stage.ts'
import { ok } from '../../../src/core/result.ts'
import type { LoginPlugin } from '../../../src/endpoints/loginplugin.ts'
import { createApp } from '../../../src/gate.ts'
import { capture } from '../../../src/http/capture.ts'
import { bearer, html, type Options, session, type SessionOptions } from '../../../src/index.ts'
import type { IssuedCredential } from '../../../src/ledger/rules/credentials.ts'
import { openLedger } from '../../../src/ledger/rules/place.ts'
import { currentSession, endSessions, type NewCookies, openSession } from '../../../src/login/session/open.ts'
import { loginEndpoints } from '../../../src/login/endpoints.ts'
import { type MemoryPlatform, memory } from '../../../src/platform/memory/index.ts'
import type { NewSession } from '../../../src/rails/login.ts'
import { web } from '../../../src/platform/web/index.ts'
import { createServices, type Services } from '../../../src/services.ts'
import { applyEvent } from '../../../src/standing/apply.ts'
import type { Statement } from '../../../src/standing/rules/standing.ts'
import type { Zone } from '../../../src/zone.ts'
import { compiled, siteAt } from '../../support/compiled.ts'
import { ENDPOINTS } from '../../support/endpoints.ts'
import { makeKey, sign, type TestKey } from '../../support/issuer.ts'
import { type AskInit, Browser } from './browser.ts'
import { LOGIN, OtherSide } from './otherside.ts'

export const OURS = 'https://www.example.com'
export const START = 1_800_000_000_000
export const HOUR = 3_600_000
export const DAY = 24 * HOUR
/** The time within which every isolate knows what was said. */
export const BOUND = 5000
export const TIMES = { seconds: 86_400, renewSeconds: 60 }
export const BINDINGS = {
  GATE_SECRET: 'the secret of the gate, of thirty-two bytes or more',
  ACCOUNT_KEY: 'a key for hashing accounts',
}

export interface WorldOptions {
  readonly times?: SessionOptions
  readonly endpoints?: LoginPlugin['endpoints']
  readonly change?: (options: Options) => Options
}

/** A statement, of this moment unless it says another. */
type Said = Readonly<Record<string, unknown>> & { readonly kind: Statement['kind'] }

export const NAVIGATION = { 'sec-fetch-site': 'none', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' }
export const FETCH = { 'sec-fetch-site': 'same-origin', 'sec-fetch-mode': 'cors', 'sec-fetch-dest': 'empty' }

export type Isolate = ReturnType<SessionWorld['isolate']>

/** The gate, as several isolates over the same objects, with a clock that is driven and another side that obeys. */
export class SessionWorld {
  now = START
  readonly other = new OtherSide(() => this.now)
  /** Status, fields and body of every answer, and every line that was logged. */
  readonly told: string[] = []
  /** True if no ledger answers. */
  isDown = false
  readonly calls: string[] = []
  /** Called before and after each call to a ledger. */
  before: ((name: string) => void | Promise<void>) | undefined
  after: ((name: string) => void | Promise<void>) | undefined
  readonly #platform: MemoryPlatform
  readonly given: Options
  #isolate: Isolate | undefined

  readonly #key: TestKey

  private constructor(key: TestKey, given: Options, login: LoginPlugin['endpoints']) {
    this.#key = key
    const [zone, ...others] = 'zones' in given ? given.zones : []
    if (zone === undefined) throw new Error('no zone')
    this.given = { ...given, zones: [{ ...zone, logins: [this.other.plugin(login)] }, ...others] }
    this.#platform = memory(BINDINGS, {}, { clock: () => this.now, log: (lines) => this.#hear(lines) })
    for (const method of ['log', 'info', 'warn', 'error'] as const)
      vi.spyOn(console, method).mockImplementation((...line: unknown[]) => this.#hear(line))
  }

  static async make({
    times = TIMES,
    endpoints = loginEndpoints(),
    change = (same) => same,
  }: WorldOptions = {}): Promise<SessionWorld> {
    const key = await makeKey('ES256', 'one')
    const given: Options = {
      log: { accountKey: 'ACCOUNT_KEY' },
      secrets: { gate: 'GATE_SECRET' },
      endpoints: [...ENDPOINTS],
      zones: [
        {
          name: 'www',
          hosts: ['www.example.com', 'news.example.com'],
          audience: OURS,
          issuers: [{ issuer: LOGIN, keys: [key.jwk] }],
          rails: [bearer(), session(times)],
          routes: [
            { path: '/paid/*', requires: 'premium' },
            { path: '/other/*', requires: ['extra', 'premium'], cache: 'off' },
            {
              path: '/counted/*',
              requires: 'premium',
              cache: 'off',
              quotas: [{ name: 'pages', quota: 1000, unit: 'requests', window: 'P1D' }],
            },
            { path: '/free/*', free: true },
          ],
          unmatched: 'closed',
          refusals: [html()],
          remedies: { documentation: 'https://billing.example/problems' },
        },
      ],
    }
    return new SessionWorld(key, change(given), endpoints)
  }

  #hear(lines: readonly unknown[]): void {
    for (const line of lines) this.told.push(typeof line === 'string' ? line : JSON.stringify(line))
  }

  get first(): Isolate {
    this.#isolate ??= this.isolate()
    return this.#isolate
  }

  get services(): Services {
    return this.first.services
  }

  get zone(): Zone {
    return siteAt(this.services, 'www.example.com').zone
  }

  ask = (path: string, init: AskInit = {}): Promise<Response> => this.first.ask(path, init)

  /** A further isolate. */
  isolate(given = this.given, bindings: Readonly<Record<string, string>> = BINDINGS, hasLedgers = true) {
    const { ledgers = () => undefined as never, ...platform } = this.#platform
    const counted: typeof ledgers = (name, place) => {
      const ledger = ledgers(name, place)
      return new Proxy(ledger, {
        get: (kept, member) => {
          const value: unknown = Reflect.get(kept, member)
          if (typeof value !== 'function') return value
          return async (...asked: unknown[]) => {
            if (this.isDown) throw new Error('down')
            const called = member === 'order' ? String(asked[0]) : String(member)
            this.calls.push(called)
            await this.before?.(called)
            const answer = (await Reflect.apply(value, kept, asked)) as unknown
            await this.after?.(called)
            return answer
          }
        },
      })
    }
    const kept = hasLedgers ? { ...platform, ledgers: counted } : web(bindings)
    const services = createServices(compiled(given, bindings, false), { ...kept, clock: platform.clock })
    const endpoints = compiled(given, bindings, false).endpoints
    const app = createApp(services, endpoints)
    const origin = async () =>
      ok({ response: new Response('the article', { headers: { 'cache-control': 'max-age=60' } }) })
    const cache = createEmbeddedCache(createMemoryStore(1024 * 1024), () => this.now)
    const begun: Promise<unknown>[] = []
    const waitUntil = (work: Promise<unknown>): void => void begun.push(work)
    const settle = async (): Promise<void> => {
      while (begun.length > 0) await Promise.all(begun.splice(0))
    }
    const ask = async (path: string, { base = OURS, kind = NAVIGATION, ...init }: AskInit = {}): Promise<Response> => {
      const behind = { origin: cache.stage(origin, waitUntil), purge: async () => true }
      const headers = new Headers(init.headers)
      for (const [name, value] of Object.entries(kind)) headers.set(name, value)
      const request = new Request(`${base}${path}`, { redirect: 'manual', ...init, headers })
      const response = await app(request, behind, waitUntil)
      const body = await response.clone().text()
      this.told.push(String(response.status), ...Array.from(response.headers, (pair) => pair.join(': ')), body)
      return response
    }
    const call = () => ({ now: this.now, waitUntil })
    return { services, ask, settle, call }
  }

  /** The other side says who signed in: the browser gets a session. `cookie`: what the browser has already. */
  async signIn(over: Partial<NewSession> = {}, cookie?: Browser, isolate = this.first): Promise<NewCookies> {
    const { services, call, settle } = isolate
    const site = siteAt(services, 'www.example.com')
    const headers = cookie === undefined ? {} : cookie.headers()
    const exchange = capture(new Request(`${OURS}/__faregate/return/test`, { headers }), this.now)
    const made: NewSession = {
      claims: this.other.stated(),
      refresh: this.other.current,
      hint: 'id-token-secret',
      ...over,
    }
    const login = site.logins?.[0]
    if (login === undefined) throw new Error('no login')
    const opened = await openSession(made, login, { zone: site.zone, exchange, services, call: call() })
    await settle()
    if (!opened.ok) throw new Error(opened.error)
    return opened.value
  }

  /** A browser that has signed in. */
  async reader(over: Partial<NewSession> = {}): Promise<Browser> {
    const browser = new Browser(this)
    browser.take((await this.signIn(over)).cookies)
    return browser
  }

  /** Ends the session of a browser, as signing out does. */
  async signOut(browser: Browser, which: 'one' | 'group' | 'all' = 'group'): Promise<void> {
    const { services, call } = this.first
    const site = siteAt(services, 'www.example.com')
    const exchange = capture(new Request(OURS, { headers: browser.headers() }), this.now)
    const current = await currentSession(exchange, site, services, call())
    if (current === undefined) throw new Error('nobody is signed in')
    const ended = await endSessions(current, which, { zone: site.zone, services, call: call() })
    if (!ended.ok) throw new Error(ended.error)
  }

  /** A token of the account, as its issuer signs them for programs. */
  token(over: object = {}): Promise<string> {
    const iat = Math.floor(this.now / 1000)
    const claims = { iss: LOGIN, aud: OURS, sub: 'ann', entitlements: ['premium'], iat, exp: iat + 3600, ...over }
    return sign(this.#key, claims)
  }

  /** The sessions that the account's ledger keeps. */
  async kept(account = 'ann'): Promise<readonly IssuedCredential[]> {
    if (this.services.ledgers === undefined) throw new Error('no ledgers')
    const ledger = openLedger(this.services.ledgers, this.zone, { from: 'account', issuer: LOGIN, account })
    const listed = await ledger.order('listCredentials', 'session')
    return listed.ok ? listed.value : []
  }

  /** Somebody who may says something of the account, at this moment unless another is given. */
  async tell(statement: Said, account = 'ann'): Promise<void> {
    const said = { at: this.now / 1000, ...statement } as Statement
    const changes = [{ kind: 'statement' as const, statement: said }]
    const act = { action: 'event', by: 'billing' }
    const event = { id: crypto.randomUUID(), issuer: LOGIN, account, changes }
    const applied = await applyEvent(event, this.zone, this.services, act)
    if (!applied.ok) throw new Error('not applied')
  }

  everything(): string {
    return this.told.join('\n')
  }
}
