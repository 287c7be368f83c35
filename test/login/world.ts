import { vi } from 'vitest'
import { compile } from '../../src/config/config.ts'
import type { Options, ZoneOptions } from '../../src/config/options.ts'
import { ok } from '../../src/core/result.ts'
import { createApp } from '../../src/gate.ts'
import { purchases } from '../../src/login/purchases/rail.ts'
import { session } from '../../src/login/session/rail.ts'
import { type MemoryPlatform, memory } from '../../src/platform/memory/index.ts'
import { bearer, html, receipt } from '../../src/index.ts'
import type { Sink } from '../../src/ledger/host/outside.ts'
import type { LoginContext } from '../../src/rails/login.ts'
import { createServices, type Services } from '../../src/services.ts'
import type { Zone } from '../../src/zone.ts'
import type { FakeLogin } from './fakelogin.ts'

export const OURS = 'https://www.news.example'
const BINDINGS = { GATE_SECRET: 'the secret of the gate, of thirty-two bytes or more' }
export const DAY = 86_400_000

/** A site that is sold by logins. */
export function tripOptions(logins: readonly FakeLogin[], over: Partial<ZoneOptions> = {}): Options {
  return {
    secrets: { gate: 'GATE_SECRET' },
    zones: [
      {
        name: 'news',
        hosts: ['www.news.example'],
        audience: OURS,
        issuers: [{ issuer: 'https://billing.example', jwks: { url: 'https://billing.example/jwks' } }],
        logins: [...logins],
        rails: [bearer(), session(), receipt(), purchases()],
        origin: { servers: [{ url: 'https://origin.example' }] },
        routes: [
          { path: '/articles/*', requires: 'premium' },
          { path: '/dear/*', price: { amount: '1', currency: 'EUR' } },
        ],
        unmatched: 'free',
        refusals: [html()],
        remedies: { documentation: 'https://news.example/problems' },
        ...over,
      },
    ],
  }
}

/** What a login is given, for a zone that lists it. */
export function sites(login: FakeLogin): LoginContext {
  const world = new TripWorld([login])
  const call = { now: world.now, waitUntil: () => undefined }
  return { zone: world.zone, verifiers: world.services, call }
}

/** What is around the gate of a test. */
export interface OutsideOfTrips {
  readonly secrets?: Readonly<Record<string, string>>
  readonly fetch?: typeof fetch
  /** Where requests come from. */
  readonly clientAddress?: () => string | undefined
  /** Takes what billing is told. */
  readonly sink?: Sink
  /** True if work in the background is left until `settle`: some of it waits for a time that the test moves. */
  readonly leavesWork?: true
}

/** The gate in memory, with a clock that is driven, and everything that leaves it. */
export class TripWorld {
  now = 1_800_000_000_000
  /** Lines of the log, responses, and what the origin was asked. */
  readonly told: string[] = []
  /** True if no ledger answers. */
  isDown = false
  /** True if no bulletin answers. */
  hasNoBulletin = false
  readonly services: Services
  readonly #platform: MemoryPlatform
  readonly #app: ReturnType<typeof createApp>
  readonly #leavesWork: boolean
  readonly #work: Promise<unknown>[] = []

  constructor(logins: readonly FakeLogin[], given: Options = tripOptions(logins), outside: OutsideOfTrips = {}) {
    const bindings = { ...BINDINGS, ...outside.secrets }
    const { fetch = globalThis.fetch, clientAddress, leavesWork = false } = outside
    this.#leavesWork = leavesWork
    const hear = (lines: readonly unknown[]): void => {
      for (const line of lines) this.told.push(typeof line === 'string' ? line : JSON.stringify(line))
    }
    const sinks = outside.sink && { hasOutbox: true, sinks: new Map([['billing', outside.sink]]) }
    this.#platform = memory(bindings, sinks, { clock: () => this.now, log: hear, fetch })
    for (const method of ['log', 'info', 'warn', 'error'] as const)
      vi.spyOn(console, method).mockImplementation((...line: unknown[]) => hear(line))
    const found = compile(given, bindings, { needsOrigin: true, platform: this.#platform })
    if (!found.ok) throw new Error(JSON.stringify(found.error))
    const { ledgers = () => undefined as never, bulletins = () => undefined as never, ...platform } = this.#platform
    const breaking: typeof ledgers = (name, place) => {
      if (this.isDown) throw new Error('down')
      return ledgers(name, place)
    }
    const silenced: typeof bulletins = (zone, place) => {
      if (this.hasNoBulletin) throw new Error('down')
      return bulletins(zone, place)
    }
    const client = clientAddress && { clientAddress }
    this.services = createServices(found.value, { ...platform, ...client, ledgers: breaking, bulletins: silenced })
    this.#app = createApp(this.services, found.value.endpoints)
  }

  get zone(): Zone {
    const site = this.services.sites.get('www.news.example')
    if (site === undefined) throw new Error('no site')
    return site.zone
  }

  /** Lets eleven seconds pass, and waits for what is left of the work in the background. Timers must be the test's. */
  async settle(): Promise<void> {
    this.now += 11_000
    await vi.advanceTimersByTimeAsync(11_000)
    while (this.#work.length > 0) await Promise.all(this.#work.splice(0))
    await this.#platform.ring()
  }

  async ask(url: string, init: RequestInit = {}): Promise<Response> {
    const begun: Promise<unknown>[] = []
    const waitUntil = (work: Promise<unknown>): void => void begun.push(work)
    const origin = async (_admitted: unknown, outgoing: () => Request) => {
      const { url: asked, headers } = outgoing()
      this.told.push(asked, ...Array.from(headers, (pair) => pair.join(': ')))
      return ok({ response: new Response('the article', { headers: { etag: '"1"' } }) })
    }
    const behind = { origin, purge: async () => true }
    const response = await this.#app(new Request(url, { redirect: 'manual', ...init }), behind, waitUntil)
    const body = await response.clone().text()
    if (this.#leavesWork) this.#work.push(...begun.splice(0))
    while (begun.length > 0) await Promise.all(begun.splice(0))
    this.told.push(String(response.status), ...Array.from(response.headers, (pair) => pair.join(': ')), body)
    return response
  }
}
