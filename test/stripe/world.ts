import { Stripe } from 'stripe'
import { type MockInstance, vi } from 'vitest'
import type { BillingEvent } from '../../src/standing/rules/event.ts'
import { ok } from '../../src/core/result.ts'
import { type Entry, entryOf, join, standingSaid, type Statement } from '../../src/standing/rules/standing.ts'
import { stripe as source, type StripeOptions } from '../../src/stripe/index.ts'
import type { SourceServices } from '../../src/endpoints/sourceevents.ts'
import { askSource, ISSUER, type SourceAnswer, sourceServices } from '../standing/sourceworld.ts'
import { API_KEY, createStripeApi, type StripeApiStub } from './api.ts'
import { AT } from './objects.ts'
import type { LogRecord } from '../../src/logrecord.ts'

export const SECRET = 'whsec_test_of_the_endpoint_00001'
export const NEW_SECRET = 'whsec_test_of_the_endpoint_00002'
const env = { SECRET, NEW_SECRET, API_KEY }
const cryptoProvider = Stripe.createSubtleCryptoProvider()
const stripe = new Stripe('sk_test_nobody')

export interface Sent {
  readonly secret?: string
  readonly body?: string
  readonly method?: string
  readonly host?: string
  readonly signature?: string
}

/** The endpoint, with a clock that is driven, Stripe's API, and a note of what was applied. */
export interface StripeWorld {
  readonly api: StripeApiStub
  /** Milliseconds since 1970. */
  now: number
  apply: SourceServices['applyEvent']
  readonly applied: BillingEvent[]
  readonly lines: LogRecord[]
  readonly warned: MockInstance
  /** Sends an event as Stripe does, to a zone with these options. */
  readonly post: (event: unknown, options?: Partial<StripeOptions>, sent?: Sent) => Promise<SourceAnswer>
  readonly statements: () => Statement[]
  /** What all that was applied comes to. */
  readonly entry: () => Entry
  /** How the account stands by it. */
  readonly standing: () => Entry['standing']
  readonly end: () => void
}

/** As Stripe's own library signs, to try it out. */
export function sign(payload: string, secret = SECRET, timestamp = AT): Promise<string> {
  return stripe.webhooks.generateTestHeaderStringAsync({ payload, secret, timestamp, cryptoProvider })
}

export function createStripeWorld(): StripeWorld {
  const applied: BillingEvent[] = []
  const statements = (): Statement[] =>
    applied.flatMap(({ changes }) => changes).flatMap((change) => (change.kind === 'statement' ? change.statement : []))
  const world: StripeWorld = {
    api: createStripeApi(),
    now: AT * 1000,
    apply: async (event) => {
      applied.push(event)
      return ok(undefined)
    },
    applied,
    lines: [],
    warned: vi.spyOn(console, 'warn').mockImplementation(() => undefined),
    post: (event, options = {}, sent = {}) => post(event, servicesOf(world, options), world.now, sent),
    statements,
    entry: () => statements().reduce<Entry>((known, said) => join(known, entryOf(said)), {}),
    standing: () => standingSaid(world.entry()),
    end: () => {
      world.api.end()
      vi.restoreAllMocks()
    },
  }
  return world
}

function servicesOf(world: StripeWorld, over: Partial<StripeOptions>): ReturnType<typeof sourceServices> {
  return sourceServices(source({ secret: ['SECRET', 'NEW_SECRET'], issuer: ISSUER, ...over }), {
    env,
    clock: () => world.now,
    log: (line) => world.lines.push(line),
    applyEvent: (event, to, act) => world.apply(event, to, act),
  })
}

function post(
  event: unknown,
  services: ReturnType<typeof sourceServices>,
  now: number,
  sent: Sent,
): Promise<SourceAnswer> {
  const payload = JSON.stringify(event)
  return requestOf(payload, now, sent).then((init) => askSource(services, 'stripe', init, sent.host))
}

/** What Stripe posts. */
export async function requestOf(payload: string, now: number, sent: Sent = {}): Promise<RequestInit> {
  const signature = sent.signature ?? (await sign(payload, sent.secret, Math.floor(now / 1000)))
  const method = sent.method ?? 'POST'
  return {
    method,
    headers: { 'stripe-signature': signature, 'content-type': 'application/json; charset=utf-8' },
    ...(method === 'POST' ? { body: sent.body ?? payload } : {}),
  }
}
