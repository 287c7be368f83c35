import { deflateSync } from 'node:zlib'
import { Hono } from 'hono'
import { signToken } from './entitlement.ts'
import type { SigningKey } from './keys.ts'

/** How many tokens the list has room for. */
const PLACES = 65_536
/** Short, so that a change can be watched. */
const TTL_SECONDS = 5
const LIFETIME_SECONDS = 24 * 3600

/** The numbers of the Token Status List specification, in two bits each. */
const STATUSES: Readonly<Record<string, number>> = { valid: 0, revoked: 1, suspended: 2 }

/** The demo's one status list: what has become of each token that names a place in it. Forgotten when the demo ends. */
export class DemoStatusList {
  readonly #key: SigningKey
  readonly #uri: string
  readonly #bytes = new Uint8Array(PLACES / 4)

  constructor(key: SigningKey, issuer: string) {
    this.#key = key
    this.#uri = statusListUri(issuer)
  }

  /** `GET /` is the list; `PUT /7` with `valid`, `revoked` or `suspended` changes one place of it. */
  routes(): Hono {
    const app = new Hono()
    app.get('/', (c) => c.body(this.#signed(), 200, { 'content-type': 'application/statuslist+jwt' }))
    // Anyone may, on this machine: no other site's page can make a browser send a PUT here.
    app.put('/:idx', async (c) => {
      const idx = placeOf(c.req.param('idx'))
      const status = STATUSES[(await c.req.text()).trim()]
      if (idx === undefined || status === undefined)
        return c.text(`PUT /status/1/<0 to ${PLACES - 1}> with one of: ${Object.keys(STATUSES).join(', ')}\n`, 400)
      this.#set(idx, status)
      return c.text(`holds within ${TTL_SECONDS} s\n`)
    })
    return app
  }

  #set(idx: number, status: number): void {
    const shift = (idx % 4) * 2
    const at = Math.floor(idx / 4)
    this.#bytes[at] = ((this.#bytes[at] ?? 0) & ~(3 << shift)) | (status << shift)
  }

  #signed(): string {
    const iat = Math.floor(Date.now() / 1000)
    const lst = deflateSync(this.#bytes, { level: 9 }).toString('base64url')
    const times = { iat, exp: iat + LIFETIME_SECONDS, ttl: TTL_SECONDS }
    const claims = { sub: this.#uri, ...times, status_list: { bits: 2, lst } }
    return signToken(this.#key, claims, { typ: 'statuslist+jwt' })
  }
}

export function statusListUri(issuer: string): string {
  return `${issuer}/status/1`
}

/** A place in the list, as a token's claim or a URL has it; undefined for what is none. */
export function placeOf(text: string): number | undefined {
  return /^\d{1,5}$/.test(text) && Number(text) < PLACES ? Number(text) : undefined
}
