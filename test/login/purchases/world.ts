import { vi } from 'vitest'
import type { Receipt } from '../../../src/access/receipt.ts'
import { createGate, type Gate } from '../../../src/gate.ts'
import { compile } from '../../../src/config/config.ts'
import { ok } from '../../../src/core/result.ts'
import { capture } from '../../../src/http/capture.ts'
import { bearer, html, type Options, purchases, receipt, type ZoneOptions } from '../../../src/index.ts'
import { confirmationFor } from '../../../src/login/purchases/confirmed.ts'
import { purchaseCookies } from '../../../src/login/purchases/cookies.ts'
import { readTarget } from '../../../src/http/rules/target.ts'
import { type MemoryPlatform, memory } from '../../../src/platform/memory/index.ts'
import type { Services } from '../../../src/services.ts'
import { applyEvent } from '../../../src/standing/apply.ts'
import type { StandingChange } from '../../../src/standing/rules/event.ts'
import type { Zone } from '../../../src/zone.ts'
import { siteAt } from '../../support/compiled.ts'
import { ENDPOINTS } from '../../support/endpoints.ts'
import {
  ACCOUNT_KEY,
  BILLING,
  goodToken,
  NEWS,
  NOW,
  options,
  type Parties,
  SECRET,
} from '../../tokens/hostile/parties.ts'
import { CookieJar } from './site.ts'

export const GATE_SECRET = 'the secret of the gate, of thirty-two bytes or more'
const OTHER_SECRET = 'another secret of the gate, of as many bytes as that'
const BINDINGS = { SHARED_SECRET: SECRET, ACCOUNT_KEY, GATE_SECRET, OTHER_SECRET }

const PRICE = { amount: '0.25', currency: 'USD' }
const ROUTES: ZoneOptions['routes'] = [
  { path: '/reports/*', price: PRICE },
  { path: '/both/*', requires: 'premium', price: PRICE },
  { path: '/trusting/*', price: PRICE, confirm: 'other-sites' },
  { path: '/paid/*', requires: 'premium' },
  { path: '/forms/*', price: PRICE, cache: 'off' },
  { path: '/free/*', free: true },
]

/** The options of a shop: what differs from it is given. */
export function shopOptions(
  parties: Parties,
  change: Partial<ZoneOptions> = {},
  gate: unknown = 'GATE_SECRET',
): Options {
  const given = options(parties)
  const rails = [bearer(), receipt(), purchases()]
  const zones = given.zones.map((zone) => ({ ...zone, rails, routes: ROUTES, refusals: [html()], ...change }))
  return { ...given, secrets: { gate } as NonNullable<Options['secrets']>, endpoints: ENDPOINTS, zones }
}

export const OTHER_GENERATION = [{ generation: 2, secret: 'OTHER_SECRET' }]

type Fields = Readonly<Record<string, string>>
export const OPENING: Fields = { 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document', accept: 'text/html' }
export const HERE: Fields = { 'sec-fetch-site': 'same-origin', ...OPENING }
export const LINK: Fields = { 'sec-fetch-site': 'cross-site', ...OPENING }
export const FETCH: Fields = { 'sec-fetch-site': 'same-origin', 'sec-fetch-mode': 'cors', 'sec-fetch-dest': 'empty' }
export const IMAGE: Fields = { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors', 'sec-fetch-dest': 'image' }
export const FRAME: Fields = {
  'sec-fetch-site': 'cross-site',
  'sec-fetch-mode': 'navigate',
  'sec-fetch-dest': 'iframe',
}

/** A gate with ledgers in memory, and a browser that keeps its cookies. The clock is driven. */
export class PurchaseWorld {
  now = NOW * 1000
  readonly parties: Parties
  readonly browser = new CookieJar()
  readonly received: Request[] = []
  readonly told: string[] = []
  readonly calls: string[] = []
  answer = (_request: Request): Response => new Response('the report', { headers: { etag: '"1"' } })
  readonly #platform: MemoryPlatform
  #gate: Gate

  constructor(parties: Parties, given: Options = shopOptions(parties)) {
    this.parties = parties
    const hear = (...lines: readonly unknown[]): void => void this.told.push(JSON.stringify(lines))
    const platform = memory(BINDINGS, {}, { clock: () => this.now, log: (lines) => hear(lines) })
    this.#platform = { ...platform, ...(platform.ledgers && { ledgers: this.#counting(platform.ledgers) }) }
    for (const method of ['log', 'info', 'warn', 'error'] as const) vi.spyOn(console, method).mockImplementation(hear)
    this.#gate = this.#isolate(given)
  }

  #counting(ledgers: NonNullable<MemoryPlatform['ledgers']>): NonNullable<MemoryPlatform['ledgers']> {
    return (name, place) =>
      new Proxy(ledgers(name, place), {
        get: (kept, member) => {
          const value: unknown = Reflect.get(kept, member)
          if (typeof value !== 'function') return value
          return (...asked: unknown[]) => {
            this.calls.push(String(member))
            return Reflect.apply(value, kept, asked) as unknown
          }
        },
      })
  }

  #isolate(given: Options): Gate {
    const found = compile(given, BINDINGS, { needsOrigin: false })
    if (!found.ok) throw new Error(JSON.stringify(found.error))
    return createGate(ok(found.value), this.#platform)
  }

  /** Goes on in an isolate that remembers nothing, with this configuration. */
  renew(given: Options = shopOptions(this.parties)): void {
    this.#gate = this.#isolate(given)
  }

  get services(): Services {
    const { services } = this.#gate
    if (services === undefined) throw new Error('misconfigured')
    return services
  }

  get zone(): Zone {
    return siteAt(this.services, 'news.example').zone
  }

  /** Opens a path with the cookies of the browser, and keeps those of the answer. */
  async open(path: string, fields: Fields = HERE, init: RequestInit = {}): Promise<Response> {
    const begun: Promise<unknown>[] = []
    const waitUntil = (work: Promise<unknown>): void => void begun.push(work)
    const origin = async (_admitted: unknown, outgoing: () => Request) => {
      const request = outgoing()
      this.received.push(request)
      return ok({ response: this.answer(request) })
    }
    const cookie = this.browser.header
    const headers = { ...(cookie !== '' && { cookie }), ...fields }
    const asked = new Request(`${NEWS}${path}`, { redirect: 'manual', ...init, headers })
    const response = await this.#gate.answer(asked, { origin, purge: async () => true }, waitUntil)
    const body = await response.clone().text()
    while (begun.length > 0) await Promise.all(begun.splice(0))
    this.told.push(body)
    this.browser.keep(response.headers.getSetCookie())
    return response
  }

  /** The status of that. */
  async status(path: string, fields: Fields = HERE, init: RequestInit = {}): Promise<number> {
    return (await this.open(path, fields, init)).status
  }

  /** The reason for which that is refused, as a program is told. */
  async reason(path: string, fields: Fields = HERE): Promise<unknown> {
    const response = await this.open(path, { ...fields, accept: 'application/json' })
    return response.ok ? 'served' : (JSON.parse(await response.text()) as { reason: unknown }).reason
  }

  /** Keeps what was bought. */
  async buy(...bought: readonly Receipt[]): Promise<void> {
    const exchange = capture(new Request(`${NEWS}/`, { headers: { cookie: this.browser.header } }), this.now)
    this.browser.keep(await purchaseCookies(bought, exchange, this.zone))
  }

  /** Confirms the first use, as the page does that ends a purchase. */
  async confirmFirst(bought: Receipt, path: string): Promise<string | undefined> {
    const exchange = capture(new Request(`${NEWS}/`, { headers: { cookie: this.browser.header } }), this.now)
    const target = readTarget(path, '')
    if (!target.ok) throw new Error(path)
    const cookie = await confirmationFor(bought, target.value, exchange, this.zone)
    if (cookie !== undefined) this.browser.keep([cookie])
    return cookie
  }

  /** Presses the button of the page that asks for a confirmation. */
  press(page: string, fields: Fields = HERE): Promise<Response> {
    const inputs = page.matchAll(/<input type="hidden" name="([^"]*)" value="([^"]*)">/g)
    const body = new URLSearchParams(Array.from(inputs, ([, name = '', value = '']) => [name, value])).toString()
    const type = { 'content-type': 'application/x-www-form-urlencoded' }
    return this.open('/__faregate/confirm', { ...fields, ...type }, { method: 'POST', body })
  }

  /** Opens a page that asks for a confirmation, and confirms it. */
  async confirm(path: string): Promise<number> {
    const page = await (await this.open(path)).text()
    return (await this.press(page)).status
  }

  /** Billing says something of a token. */
  async say(change: StandingChange): Promise<void> {
    const act = { action: 'event', by: 'billing' } as const
    const event = { id: crypto.randomUUID(), issuer: BILLING, account: undefined, changes: [change] }
    expectOk(await applyEvent(event, this.zone, this.services, act))
    this.now += this.zone.standing.boundMs + 1
  }

  token(over: object = {}): Promise<string> {
    const iat = Math.floor(this.now / 1000)
    return goodToken(this.parties, { iat, exp: iat + 3600, ...over })
  }
}

function expectOk({ ok: isOk }: { readonly ok: boolean }): void {
  if (!isOk) throw new Error('not applied')
}
