import { createHmac, timingSafeEqual } from 'node:crypto'
import { type Context, Hono } from 'hono'
import { html } from 'hono/html'

/** What the gate told of a charge: a CloudEvent. */
export type UsageEvent = { readonly id: string; readonly source: string; readonly type: string }

const KEPT = 200
/** Ids outlive their events, so that what comes again late is still known. */
const KNOWN = 10_000
/** How old a batch may be: one that was recorded on its way is soon worth nothing. */
const MAX_AGE_SECONDS = 300

/** What the billing backend was told, and the endpoint that is told it: `POST /usage`; `GET /usage` shows it. */
export class Usage {
  readonly #secret: string
  readonly #known = new Set<string>()
  #events: readonly UsageEvent[] = []

  constructor(secret: string) {
    this.#secret = secret
  }

  routes(): Hono {
    return new Hono().get('/', (c) => c.json(this.#events)).post('/', (c) => this.#receive(c))
  }

  /** One line for the start page. */
  line() {
    const latest = this.#events[0]
    const told = latest === undefined ? 'none yet' : `${this.#known.size}, the latest a ${latest.type}`
    return html`<p>Records of <a href="/usage">usage</a> from the gate: ${told}.</p>`
  }

  async #receive(c: Context) {
    const body = await c.req.text()
    if (!isSigned(c.req.header('faregate-signature'), body, this.#secret)) return c.text('The signature is wrong.', 401)
    const batch = readBatch(body)
    if (batch === undefined) return c.text('Expected a batch of CloudEvents.', 400)
    for (const event of batch) this.#keep(event)
    return c.body(null, 204)
  }

  #keep(event: UsageEvent): void {
    const key = JSON.stringify([event.source, event.id])
    if (this.#known.has(key)) return
    this.#known.add(key)
    for (const oldest of this.#known) {
      if (this.#known.size <= KNOWN) break
      this.#known.delete(oldest)
    }
    this.#events = [event, ...this.#events].slice(0, KEPT)
  }
}

/** `t=<seconds>,v1=<hex>`, where `v1` is the HMAC-SHA-256 of `<seconds>.<body>`. */
function isSigned(signature: string | undefined, body: string, secret: string): boolean {
  const [, seconds, mac] = /^t=(\d{1,12}),v1=([0-9a-f]{64})$/.exec(signature ?? '') ?? []
  if (seconds === undefined || mac === undefined) return false
  if (Math.abs(Date.now() / 1000 - Number(seconds)) > MAX_AGE_SECONDS) return false
  const expected = createHmac('sha256', secret).update(`${seconds}.${body}`).digest()
  return timingSafeEqual(expected, Buffer.from(mac, 'hex'))
}

function readBatch(body: string): readonly UsageEvent[] | undefined {
  try {
    const batch: unknown = JSON.parse(body)
    return Array.isArray(batch) && batch.every(isEvent) ? batch : undefined
  } catch {
    return undefined
  }
}

function isEvent(value: unknown): value is UsageEvent {
  if (typeof value !== 'object' || value === null) return false
  return ['id', 'source', 'type'].every((name) => typeof Reflect.get(value, name) === 'string')
}
