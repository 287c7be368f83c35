import { Stripe } from 'stripe'
import { type MockInstance, vi } from 'vitest'
import type { BillingEvent } from '../../src/standing/rules/event.ts'
import { ok } from '../../src/core/result.ts'
import { type Entry, entryOf, join, standingSaid, type Statement } from '../../src/standing/rules/standing.ts'
import type { StripeOptions } from '../../src/index.ts'
import type { LogRecord } from '../../src/ports.ts'
import { createBodies } from '../../src/http/body.ts'
import { answerStripe, type Desk } from '../../src/stripe/webhook.ts'
import { compiled } from './compiled.ts'
import { API_KEY, createStripeApi, type StripeApiStub } from './stripe-api.ts'
import { AT } from './stripe.ts'

export const SECRET = 'whsec_test_of_the_endpoint_00001'
export const NEW_SECRET = 'whsec_test_of_the_endpoint_00002'
export const ISSUER = 'https://billing.test'
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

interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly body: Record<string, unknown>
}

/** The endpoint, with a clock that is driven, Stripe's API, and a note of what was applied. */
export interface StripeWorld {
  readonly api: StripeApiStub
  /** Milliseconds since 1970. */
  now: number
  apply: Desk['applyEvent']
  readonly applied: BillingEvent[]
  readonly lines: LogRecord[]
  readonly warned: MockInstance
  /** Sends an event as Stripe does, to a zone with these options. */
  readonly post: (event: unknown, options?: Partial<StripeOptions>, sent?: Sent) => Promise<Answer>
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
    post: (event, options = {}, sent = {}) => post(event, deskOf(world, options), world.now, sent),
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

function deskOf(world: StripeWorld, over: Partial<StripeOptions>): Desk {
  const zone = {
    name: 'news',
    hosts: ['news.test'],
    audience: 'https://news.test',
    issuers: [{ issuer: ISSUER, jwks: { url: 'https://billing.test/jwks.json' } }],
    routes: [],
    unmatched: 'free' as const,
    remedies: { documentation: 'https://billing.test/problems' },
  }
  const zones = [
    { ...zone, stripe: { secret: ['SECRET', 'NEW_SECRET'], issuer: ISSUER, ...over } },
    { ...zone, name: 'shop', hosts: ['shop.test'] },
  ]
  return {
    sites: compiled({ zones }, env, false).sites,
    clock: () => world.now,
    log: (line) => world.lines.push(line),
    hashAccount: (zone, issuer, account) => `hash of ${zone} ${issuer} ${account.length}`,
    makeRoom: createBodies(() => world.now),
    applyEvent: (event, to) => world.apply(event, to),
  }
}

async function post(event: unknown, desk: Desk, now: number, sent: Sent): Promise<Answer> {
  const payload = JSON.stringify(event)
  const signature = sent.signature ?? (await sign(payload, sent.secret, Math.floor(now / 1000)))
  const method = sent.method ?? 'POST'
  const request = new Request(`https://${sent.host ?? 'news.test'}/__faregate/events/stripe`, {
    method,
    headers: { 'stripe-signature': signature, 'content-type': 'application/json; charset=utf-8' },
    ...(method === 'POST' ? { body: sent.body ?? payload } : {}),
  })
  const response = await answerStripe(request, desk)
  return { status: response.status, headers: response.headers, body: await response.json<Record<string, unknown>>() }
}
