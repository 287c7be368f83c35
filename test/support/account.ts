import { expect } from 'vitest'
import { type App, createApp } from '../../src/gate.ts'
import { ENDPOINTS } from './endpoints.ts'
import { createBackground, newServices, worldOrigin, realObjects } from './services.ts'
import { createWorld, postOrder, eventsClaim, postEvent, type World } from './world.ts'
import type { Services } from '../../src/services.ts'

const services = newServices(realObjects())

export interface Facts {
  readonly account?: Record<string, unknown>
  readonly receipt?: Record<string, unknown>
}

/** A gate with real ledgers before the world's origin, and an account that asks it. */
export interface AccountClient {
  readonly world: World
  account: string
  readonly send: (path: string, init?: RequestInit, app?: App) => Promise<Response>
  /** Asks for a page, reads all of it, and lets all be done that the answer left behind. */
  readonly visit: (path: string, init: RequestInit) => Promise<number>
  /** What the account is told of itself. */
  readonly facts: (init: RequestInit, app?: App) => Promise<Facts>
  /** Why it is told nothing. */
  readonly refusal: (init: RequestInit, path?: string) => Promise<unknown>
  readonly token: (claims?: Record<string, unknown>) => Promise<string>
  readonly receipt: (claims?: Record<string, unknown>) => Promise<string>
  /** Has an operator order something. */
  readonly order: (path: string, scope: string, body: object) => Promise<void>
  /** Has billing say something of the account. */
  readonly postEvents: (events: Record<string, unknown>) => Promise<void>
}

export const ACCOUNT = '/__faregate/account'

/** The sites of that gate. */
export const { sites } = services

export function appWith(over: Partial<Services> = {}, endpoints = ENDPOINTS): App {
  return createApp({ ...services, ...over }, endpoints)
}

let number = 0

export async function createAccountClient(): Promise<AccountClient> {
  const world = await createWorld()
  const { waitUntil, settled } = createBackground()
  const behind = { origin: worldOrigin(world), purge: async () => true }
  const send: AccountClient['send'] = async (path, init, app = appWith()) =>
    app(new Request(new URL(path, 'https://news.test'), init), behind, waitUntil)
  const client: AccountClient = {
    world,
    account: `account-${++number}`,
    send,
    visit: async (path, init) => {
      const response = await send(path, init)
      await response.text()
      await settled()
      return response.status
    },
    facts: async (init, app) => readFacts(await send(ACCOUNT, init, app)),
    refusal: async (init, path = ACCOUNT) => readRefusal(await send(path, init)),
    token: (claims) => world.token({ sub: client.account, ...claims }),
    receipt: (claims) => world.receipt({ ...PAID, jti: `${client.account}-receipt`, ...claims }),
    order: async (path, scope, body) => {
      expect((await send(path, postOrder(await world.operator({ scope }), body))).ok).toBe(true)
    },
    postEvents: async (what) => {
      const event = await world.event({ sub: client.account, events: eventsClaim(what) })
      expect((await send('/__faregate/events', postEvent(event))).ok).toBe(true)
    },
  }
  return client
}

const PAID = { amount: '0.25', currency: 'USD', resource: '/reports/*' }

async function readFacts(response: Response): Promise<Facts> {
  expect([response.status, response.headers.get('content-type')]).toEqual([200, 'application/json'])
  expect(response.headers.get('cache-control')).toBe('no-store')
  expect(response.headers.get('vary')).toBe('Authorization, Cookie')
  return response.json<Facts>()
}

async function readRefusal(response: Response): Promise<unknown> {
  expect(response.headers.get('content-type')).toBe('application/problem+json')
  expect(response.headers.get('cache-control')).toBe('no-store')
  const body = await response.text()
  expect(body).not.toMatch(/eyJ|Gold|premium/)
  return { status: response.status, ...(JSON.parse(body) as object) }
}

/** A time as the account reads it. */
export const INSTANT = {
  at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
  seconds: expect.any(Number),
}
export const RESET = { ...INSTANT, inSeconds: expect.any(Number) }

/** The quotas of the site's routes, and their use. */
export function quotasOf(calls: unknown, both: unknown): object[] {
  const each = { unit: 'requests', window: 3600, kind: 'fixed', from: 'route' }
  return [
    { ...each, name: 'calls', quota: '3', routes: ['/metered/*'], usage: calls },
    { ...each, name: 'both', quota: '1', routes: ['/both/*'], usage: both },
  ]
}
