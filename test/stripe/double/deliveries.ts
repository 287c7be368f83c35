/** Delivers events to webhooks, signed by Stripe's own package, and sends again what was not taken. */
import { Stripe } from 'stripe'
import type { DeliveryFault, Faults } from './faults.ts'
import type { EventObject } from './shapes.ts'

export interface WebhookEndpoint {
  readonly url: string
  readonly secret: string
  /** The types that it takes; all if absent. */
  readonly types?: readonly string[]
  /** Default `fetch`. */
  readonly send?: (request: Request) => Promise<Response>
}

/** One attempt to deliver. `status` is 0 where no answer came. */
export interface Attempt {
  readonly id: string
  readonly type: string
  readonly attempt: number
  readonly status: number
  readonly atMs: number
}

interface Pending {
  readonly event: EventObject
  readonly endpoint: WebhookEndpoint
  readonly attempt: number
  readonly dueMs: number
  readonly order: number
  /** Neither arrives nor is told. */
  readonly fault: DeliveryFault | undefined
}

const MINUTE = 60_000
const HOUR = 60 * MINUTE
/** "For up to three days with an exponential back off". */
const RETRIES = [
  MINUTE,
  5 * MINUTE,
  30 * MINUTE,
  2 * HOUR,
  5 * HOUR,
  10 * HOUR,
  12 * HOUR,
  12 * HOUR,
  12 * HOUR,
  12 * HOUR,
]
const LATE = 90_000
const REORDERED = 20_000

const cryptoProvider = Stripe.createSubtleCryptoProvider()
const signer = new Stripe('sk_test_signs_only')

export class Deliveries {
  readonly attempts: Attempt[] = []
  readonly #clock: () => number
  readonly #random: () => number
  readonly #faults: Faults
  #pending: Pending[] = []
  #order = 0

  constructor(clock: () => number, random: () => number, faults: Faults) {
    this.#clock = clock
    this.#random = random
    this.#faults = faults
  }

  add(event: EventObject, endpoint: WebhookEndpoint): void {
    if (endpoint.types !== undefined && !endpoint.types.includes(event.type)) return
    this.#schedule(event, endpoint, 1, this.#clock())
  }

  #schedule(event: EventObject, endpoint: WebhookEndpoint, attempt: number, atMs: number): void {
    const fault = this.#faults.delivery?.(event, attempt)
    const delay = fault === 'late' ? LATE : fault === 'reordered' ? Math.ceil(this.#random() * REORDERED) : 0
    const pending = { event, endpoint, attempt, fault, dueMs: atMs + delay }
    this.#pending.push({ ...pending, order: this.#order++ })
    if (fault === 'doubled') this.#pending.push({ ...pending, fault: undefined, order: this.#order++ })
  }

  /** When the next is due, in milliseconds since 1970. */
  get nextMs(): number | undefined {
    return this.#pending.length === 0 ? undefined : Math.min(...this.#pending.map(({ dueMs }) => dueMs))
  }

  /** Delivers what is due, one after the other. Returns how many attempts that took. */
  async deliver(): Promise<number> {
    let count = 0
    for (let next = this.#take(); next !== undefined; next = this.#take()) {
      await this.#attempt(next)
      count++
    }
    return count
  }

  #take(): Pending | undefined {
    const now = this.#clock()
    const due = this.#pending.filter(({ dueMs }) => dueMs <= now)
    const [first] = due.toSorted((a, b) => a.dueMs - b.dueMs || a.order - b.order)
    this.#pending = this.#pending.filter((each) => each !== first)
    return first
  }

  async #attempt({ event, endpoint, attempt, fault }: Pending): Promise<void> {
    const atMs = this.#clock()
    const arrived = fault === 'lost' ? 0 : await send(event, endpoint, atMs)
    const status = fault === 'unanswered' ? 0 : arrived
    this.attempts.push({ id: event.id, type: event.type, attempt, status, atMs })
    const retry = RETRIES[attempt - 1]
    if ((status < 200 || status > 299) && retry !== undefined)
      this.#schedule(event, endpoint, attempt + 1, atMs + retry)
  }
}

async function send(event: EventObject, { url, secret, send: given }: WebhookEndpoint, atMs: number): Promise<number> {
  const payload = JSON.stringify(event, null, 2)
  const timestamp = Math.floor(atMs / 1000)
  const signature = await signer.webhooks.generateTestHeaderStringAsync({ payload, secret, timestamp, cryptoProvider })
  const request = new Request(url, {
    method: 'POST',
    body: payload,
    headers: {
      'content-type': 'application/json; charset=utf-8',
      'stripe-signature': signature,
      'user-agent': 'Stripe/1.0 (+https://stripe.com/docs/webhooks)',
    },
  })
  try {
    const response = await (given ?? fetch)(request)
    await response.body?.cancel()
    return response.status
  } catch {
    return 0
  }
}
