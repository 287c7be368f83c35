import { createHmac, timingSafeEqual } from 'node:crypto'
import { type Context, Hono } from 'hono'

const KEPT = 50
/** A message that was signed longer ago is a copy of an old one. */
const MOST_SECONDS = 300

interface Alert {
  readonly id: string
  readonly text: string
}

/** What is alarming: `POST /alerts` takes the webhooks of the gate, shows each in the terminal, and `GET /alerts` the latest. */
export class Alerts {
  readonly #secret: string
  readonly #clock: () => number
  #latest: readonly Alert[] = []

  constructor(secret: string, clock: () => number) {
    this.#secret = secret
    this.#clock = clock
  }

  routes(): Hono {
    return new Hono().get('/', (c) => c.json(this.#latest)).post('/', (c) => this.#receive(c))
  }

  async #receive(c: Context) {
    const body = await c.req.text()
    if (!this.#isGates(c.req.header('faregate-signature') ?? '', body)) return c.text('It is not signed.', 401)
    const alert = JSON.parse(body) as Alert
    // At least once: what comes again has the same id.
    if (!this.#latest.some(({ id }) => id === alert.id)) {
      this.#latest = [alert, ...this.#latest].slice(0, KEPT)
      console.log(`Alert: ${alert.text}`)
    }
    return c.body(null, 204)
  }

  #isGates(signature: string, body: string): boolean {
    const [, seconds = '', mac = ''] = /^t=(\d+),v1=([0-9a-f]{64})$/.exec(signature) ?? []
    if (mac === '' || Math.abs(this.#clock() / 1000 - Number(seconds)) > MOST_SECONDS) return false
    const wanted = createHmac('sha256', this.#secret).update(`${seconds}.${body}`).digest()
    return timingSafeEqual(wanted, Buffer.from(mac, 'hex'))
  }
}
