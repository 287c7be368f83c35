import { Hono } from 'hono'
import type { BillingIssuer } from '../src/billing/index.ts'

/** How many tokens the list has room for. */
const PLACES = 65_536
/** Short, so that a change can be watched. */
const TTL_SECONDS = 5

/** The numbers of the Token Status List specification. */
const STATUSES: Readonly<Record<string, number>> = { valid: 0, revoked: 1, suspended: 2 }

/** The demo's one status list: what has become of each token that names a place in it. Forgotten when the demo ends. */
export class DemoStatusList {
  readonly #billing: BillingIssuer
  readonly #uri: string
  readonly #statuses = new Uint8Array(PLACES)

  constructor(billing: BillingIssuer, issuer: string) {
    this.#billing = billing
    this.#uri = statusListUri(issuer)
  }

  /** `GET /` is the list; `PUT /7` with `valid`, `revoked` or `suspended` changes one place of it. */
  routes(): Hono {
    const app = new Hono()
    app.get('/', () =>
      this.#billing.statusListResponse({ uri: this.#uri, statuses: this.#statuses, ttlSeconds: TTL_SECONDS }),
    )
    // Anyone may, on this machine: no other site's page can make a browser send a PUT here.
    app.put('/:idx', async (c) => {
      const idx = placeOf(c.req.param('idx'))
      const status = STATUSES[(await c.req.text()).trim()]
      if (idx === undefined || status === undefined)
        return c.text(`PUT /status/1/<0 to ${PLACES - 1}> with one of: ${Object.keys(STATUSES).join(', ')}\n`, 400)
      this.#statuses[idx] = status
      return c.text(`holds within ${TTL_SECONDS} s\n`)
    })
    return app
  }
}

export function statusListUri(issuer: string): string {
  return `${issuer}/status/1`
}

/** A place in the list, as a token's claim or a URL has it; undefined for what is none. */
export function placeOf(text: string): number | undefined {
  return /^\d{1,5}$/.test(text) && Number(text) < PLACES ? Number(text) : undefined
}
