import { evictDurableObject, runDurableObjectAlarm } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { base64url } from 'jose'
import { vi } from 'vitest'
import type { LedgerObject } from '../../../src/platform/cloudflare/ledger/ledger.ts'
import { objectsOf } from '../../../src/platform/cloudflare/ledgers.ts'
import type { Ledger, Objects } from '../../../src/ports.ts'
import { signToyPayment, type ToyPayment } from '../../rails/toypay.ts'
import paid, { BANK, OTHER_BANK, WALLETS } from '../../support/paid.ts'
import { createWorld, type World } from '../../support/world.ts'
import { createGate, type Gate, type Implementation } from '../cache/gate.ts'
import { Bank } from './bank.ts'

/** So late that the platform, which has its own clock, rings no alarm by itself. */
export const LATER = Date.UTC(2040, 0, 15, 12)
export const SECOND = 1000
export const MINUTE = 60 * SECOND

/** A payment as its wallet signed it, and what is sent. */
export interface Signed extends ToyPayment {
  readonly credential: string
}

/** The whole Worker before an origin, two banks, and ledgers that lose what a test has them lose. */
export interface Shop {
  readonly world: World
  readonly bank: Bank
  readonly otherBank: Bank
  gate: Gate
  /** Lies over each ledger, as the gate reaches it. */
  broken: (ledger: Ledger) => Partial<Ledger>
  /** A new isolate: nothing is remembered, and no copy is stored. */
  restart(implementation?: Implementation): void
  sign(over?: Partial<ToyPayment>): Promise<Signed>
  /** Sends a payment along, and waits for all that outlives the answer. */
  send(payment: Signed | undefined, path?: string, init?: RequestInit & { readonly host?: string }): Promise<Response>
  /** The same, and waits for nothing. */
  begin: Shop['send']
  /** Rings the alarm of a payment's ledger at that time after the start. False if none is set. */
  ring(payment: Signed, ms: number): Promise<boolean>
  /** Lets go of what the ledger of a payment has in memory. */
  evict(payment: Signed): Promise<void>
  end(): void
}

export const SECRETS = {
  USAGE_SECRET: 'a secret for the tests, of thirty-two bytes',
  GATE_SECRET: 'a secret of the gate for the tests, of 32 bytes',
}

let nonces = 0

const ledgerOf = ({ payer, nonce }: Signed): DurableObjectStub<LedgerObject> => {
  const { PAID } = env as unknown as { readonly PAID: DurableObjectNamespace<LedgerObject> }
  return PAID.getByName(`payment ${JSON.stringify(['toy', payer, nonce])}`)
}

export async function createShop(implementation: Implementation = 'embedded'): Promise<Shop> {
  vi.useFakeTimers({ toFake: ['Date'], now: LATER })
  const world = await createWorld()
  const [bank, otherBank] = [new Bank(), new Bank()]
  reach(bank, otherBank)
  const objects = brokenObjects((ledger) => shop.broken(ledger))
  const open = (which: Implementation): Gate => createGate(which, paid, SECRETS, objects)
  const shop: Shop = {
    world,
    bank,
    otherBank,
    gate: open(implementation),
    broken: () => ({}),
    restart: (which = implementation) => void (shop.gate = open(which)),
    async sign(over = {}) {
      const validUntil = LATER / 1000 + 60
      const good = { payer: 'ann', nonce: `nonce-${++nonces}`, amount: '0.25', currency: 'USD', validUntil }
      const payment = { ...good, ...over }
      return { ...payment, credential: await signToyPayment(WALLETS, payment) }
    },
    begin(payment, path = '/reports/1', { host = 'https://reports.test', ...init } = {}) {
      const headers = new Headers(init.headers)
      if (payment !== undefined) headers.set('toy-payment', payment.credential)
      return shop.gate.fetch(new Request(`${host}${path}`, { ...init, headers }))
    },
    async send(...sent) {
      const response = await shop.begin(...sent)
      const body = response.body === null ? null : await response.text()
      await shop.gate.settled()
      return new Response(body, response)
    },
    async ring(payment, ms) {
      vi.setSystemTime(LATER + ms)
      return runDurableObjectAlarm(ledgerOf(payment))
    },
    evict: (payment) => evictDurableObject(ledgerOf(payment)),
    end() {
      world.end()
      vi.restoreAllMocks()
    },
  }
  return shop
}

/** What is fetched of a bank's reaches it, and all else the world. */
function reach(bank: Bank, otherBank: Bank): void {
  const fetching = vi.mocked(globalThis.fetch)
  const outside = fetching.getMockImplementation() ?? globalThis.fetch
  fetching.mockImplementation(async (input, init) => {
    const request = new Request(input, init)
    if (request.url.startsWith(BANK)) return bank.answer(request)
    return request.url.startsWith(OTHER_BANK) ? otherBank.answer(request) : outside(input, init)
  })
}

function brokenObjects(broken: Shop['broken']): Objects {
  const { PAID } = env as unknown as { readonly PAID: unknown }
  const objects = objectsOf({ LEDGER: PAID })
  if (objects === undefined) throw new Error('no objects are bound')
  return {
    ...objects,
    ledgers: (name, place) => {
      const ledger = objects.ledgers(name, place)
      return { ...ledger, ...broken(ledger) }
    },
  }
}

/** What a response tells the payer became of the payment. */
export function receiptIn({ headers }: Response): unknown {
  const field = headers.get('toy-receipt')
  return field === null ? undefined : JSON.parse(new TextDecoder().decode(base64url.decode(field)))
}

/** The reason of a refusal, or `served`. */
export async function toldBy(response: Response): Promise<string> {
  if (response.ok) return 'served'
  const body = (await response.clone().json()) as { readonly reason: string }
  return `${response.status} ${body.reason}`
}
