import { bearer, defineConfig, type Meter, receipt } from '../../../src/index.ts'
import type { LedgerSnapshot } from '../../../src/ledger/rules/commands.ts'
import { ENDPOINTS } from '../../support/endpoints.ts'
import { realObjects } from '../../support/services.ts'
import { accountLedger, receiptLedger } from '../../support/ledger.ts'
import { ledgerOf, readingOf } from '../objects.ts'
import type { World } from '../../support/world.ts'
import { createGate, type Gate, type Implementation } from '../cache/gate.ts'

/** The servers behind the gate. */
export const ONE = 'https://one.test'
export const TWO = 'https://two.test'

/** The whole Worker with real ledgers, and one meter on its routes. */
export function meteredGate(meter: Meter, implementation: Implementation = 'embedded'): Gate {
  const metered = { requires: 'api', cache: 'off', meter } as const
  const config = defineConfig({
    endpoints: ENDPOINTS,
    zones: [
      {
        name: 'news',
        hosts: ['news.test'],
        audience: 'https://news.test',
        issuers: [{ issuer: 'https://billing.test', jwks: { url: 'https://billing.test/jwks.json' } }],
        rails: [bearer(), receipt()],
        // As long to connect as to answer: no server is dialled, for nothing may leave the process.
        origin: { servers: [{ url: ONE }, { url: TWO }], limits: { responseSeconds: 10, connectSeconds: 10 } },
        routes: [
          { path: '/metered/*', ...metered },
          { path: '/sold/*', ...metered, price: { amount: '0.25', currency: 'USD' } },
          { path: '/watched/*', ...metered, observe: { until: '2100-01-01T00:00:00Z' } },
          { path: '/rated/*', ...metered, rates: [{ requests: 1, seconds: 60 }] },
        ],
        unmatched: 'closed',
        remedies: { documentation: 'https://billing.test/problems' },
      },
    ],
  })
  return createGate(implementation, config, {}, realObjects())
}

/** What an answer came to once all of it was read, and all was done that it left behind. */
export interface Visited {
  readonly status: number
  readonly headers: Headers
  readonly text: string
}

/** An account before a metered gate, and what its ledger has. */
export interface Client {
  readonly account: string
  readonly send: (path: string, init: RequestInit) => Promise<Response>
  readonly visit: (path: string, init: RequestInit) => Promise<Visited>
  /** A request of the account with this token, and these fields beside. */
  readonly withToken: (init: RequestInit, claims?: Record<string, unknown>) => Promise<RequestInit>
  readonly receipt: (init: RequestInit, jti: string) => Promise<RequestInit>
  readonly reading: () => Promise<LedgerSnapshot>
  /** How many words are charged, of all that were. */
  readonly charged: () => Promise<number>
  readonly grant: (nanos: bigint) => Promise<void>
  readonly credit: () => Promise<bigint>
  readonly usesOf: (jti: string) => Promise<number>
}

let number = 0

/** A client of its own. Its token has a limit of so many words. */
export function createClient(gate: Gate, world: World, quota: number): Client {
  const account = `a client of meters ${++number}`
  const limits = [{ name: 'words', unit: 'words', quota, window: 'P1D' }]
  const send: Client['send'] = (path, init) => gate.fetch(new Request(`https://news.test${path}`, init))
  const reading = () => readingOf(accountLedger(account))
  return {
    account,
    send,
    async visit(path, init) {
      const response = await send(path, init)
      const text = await response.text().catch(() => 'broken')
      await gate.settled()
      return { status: response.status, headers: response.headers, text }
    },
    async withToken(init, claims = {}) {
      const token = await world.token({ sub: account, entitlements: ['api'], limits, ...claims })
      return { ...init, headers: { ...(init.headers as object), authorization: `Bearer ${token}` } }
    },
    async receipt(init, jti) {
      const paid = { jti, amount: '0.25', currency: 'USD', resource: '/sold/*', methods: ['GET', 'POST'] }
      return { ...init, headers: { ...(init.headers as object), 'faregate-receipt': await world.receipt(paid) } }
    },
    reading,
    async charged() {
      const { counts } = (await reading()).totals
      return Number(counts.find(({ name }) => name === 'words')?.units ?? 0n)
    },
    async grant(units) {
      await ledgerOf(accountLedger(account)).grant({ id: crypto.randomUUID(), units, currency: 'USD' })
    },
    async credit() {
      return (await reading()).credit[0]?.units ?? 0n
    },
    async usesOf(jti) {
      return (await readingOf(receiptLedger(jti))).totals.charges
    },
  }
}

/** So many words, one in three of which is not ASCII, in lines of ten. */
export function textOf(words: number): string {
  return Array.from(
    { length: words },
    (_, index) => `${index % 3 === 0 ? 'wört' : 'word'}${index % 10 === 9 ? '\n' : ' '}`,
  ).join('')
}

/** The text as a stream, in pieces of these lengths, one after the other. */
export function piecesOf(text: string, lengths: readonly number[] = []): ReadableStream<Uint8Array> {
  const bytes = new TextEncoder().encode(text)
  let at = 0
  let turn = 0
  return new ReadableStream({
    pull(controller) {
      if (at >= bytes.length) return controller.close()
      const length = lengths[turn++ % Math.max(1, lengths.length)] ?? bytes.length
      controller.enqueue(bytes.slice(at, at + length))
      at += length
    },
  })
}
