import { type Context, Hono } from 'hono'
import { html } from 'hono/html'
import { type UsageRecord, verifyUsage } from '../src/billing/index.ts'

const KEPT = 200
/** Ids outlive their records, so that what comes again late is still known. */
const KNOWN = 10_000

/** What the billing backend was told, and the endpoint that is told it: `POST /usage`; `GET /usage` shows it. */
export class Usage {
  readonly #secret: string
  readonly #known = new Set<string>()
  #records: readonly UsageRecord[] = []

  constructor(secret: string) {
    this.#secret = secret
  }

  routes(): Hono {
    return new Hono().get('/', (c) => c.json(this.#records)).post('/', (c) => this.#receive(c))
  }

  /** One line for the start page. */
  line() {
    const latest = this.#records[0]
    const told = latest === undefined ? 'none yet' : `${this.#known.size}, the latest of kind ${latest.kind}`
    return html`<p>Records of <a href="/usage">usage</a> from the gate: ${told}.</p>`
  }

  async #receive(c: Context) {
    const delivery = await verifyUsage(c.req.raw, this.#secret)
    if (!delivery.ok) return c.text(delivery.error.detail, delivery.error.status)
    for (const record of delivery.value) this.#keep(record)
    return c.body(null, 204)
  }

  #keep(record: UsageRecord): void {
    const key = JSON.stringify([record.source, record.id])
    if (this.#known.has(key)) return
    this.#known.add(key)
    for (const oldest of this.#known) {
      if (this.#known.size <= KNOWN) break
      this.#known.delete(oldest)
    }
    this.#records = [record, ...this.#records].slice(0, KEPT)
  }
}
