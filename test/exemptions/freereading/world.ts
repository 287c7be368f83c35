import { ok } from '../../../src/core/result.ts'
import { freeReading, type FreeReadingOptions } from '../../../src/exemptions/freereading/freereading.ts'
import { createApp } from '../../../src/gate.ts'
import { bearer } from '../../../src/index.ts'
import type { LogRecord } from '../../../src/logrecord.ts'
import { memory } from '../../../src/platform/memory/index.ts'
import type { Ledgers, Origin } from '../../../src/ports.ts'
import { createServices } from '../../../src/services.ts'
import { compiled, ZONE } from '../../support/compiled.ts'
import { secretKey, sign } from '../../support/issuer.ts'

const SECRET = '0123456789abcdef0123456789abcdef'
const ISSUER = 'https://i.test'
const ROUTES = [
  { path: '/articles/*', requires: 'premium', cache: { query: { ignore: ['from'] } } },
  { path: '/own/*', requires: 'premium', cache: { key: 'account' as const, query: { ignore: ['from'] } } },
  { path: '/reports/*', price: { amount: '0.25', currency: 'USD' } },
]

/** The fields of a navigation, as browsers send them. */
export const VISIT = {
  'user-agent': 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0',
  accept: 'text/html,application/xhtml+xml,*/*;q=0.8',
  'sec-fetch-site': 'cross-site',
  'sec-fetch-mode': 'navigate',
  'sec-fetch-dest': 'document',
  'sec-fetch-user': '?1',
}

interface Asking {
  readonly method?: string
  readonly fields?: Readonly<Record<string, string>>
}

/** A gate with free reading on a clock of the test's. */
export class FreeWorld {
  /** 10 November 2026. */
  now = Date.UTC(2026, 10, 10, 12)
  address: string | undefined = '192.0.2.7'
  answer: () => Response = () => new Response('the page', { headers: { 'content-type': 'text/html' } })
  readonly lines: LogRecord[] = []
  /** The names of ledgers that were opened. */
  readonly opened = new Set<string>()
  #ask: (request: Request) => Promise<Response> | Response = () => new Response(null)

  constructor(options: FreeReadingOptions, zone: { readonly id?: string; readonly secret?: string } = {}) {
    const clock = (): number => this.now
    const issuers = [{ issuer: ISSUER, secret: 'SECRET' }]
    const zones = [
      {
        ...ZONE,
        id: zone.id ?? 'news',
        issuers,
        routes: ROUTES,
        rails: [bearer()],
        exemptions: [freeReading(options)],
      },
    ]
    const found = compiled(
      { zones, secrets: { gate: 'GATE' } },
      { SECRET, GATE: zone.secret ?? 'fedcba9876543210fedcba9876543210' },
    )
    const platform = memory({}, {}, { clock })
    const services = createServices(found, { ...platform, clientAddress: () => this.address })
    const ledgers: Ledgers = (name, place) => {
      this.opened.add(name)
      return platform.ledgers?.(name, place) ?? (Promise.reject(new Error('no ledgers')) as never)
    }
    const app = createApp({ ...services, ledgers, log: (line) => this.lines.push(line) }, [])
    const origin: Origin = async () => ok({ response: this.answer() })
    this.#ask = (request) => app(request, { origin, purge: async () => false }, () => undefined)
  }

  async open(path: string, { method = 'GET', fields = VISIT }: Asking = {}): Promise<Response> {
    return this.#ask(new Request(`https://a.test${path}`, { method, headers: { ...fields } }))
  }

  async token(claims: Record<string, unknown> = {}): Promise<Record<string, string>> {
    const iat = Math.floor(this.now / 1000)
    const good = { iss: ISSUER, aud: ZONE.audience, sub: 'ann', iat, exp: iat + 600, entitlements: ['free'] }
    return { cookie: `__Host-faregate=${await sign(await secretKey(SECRET), { ...good, ...claims })}` }
  }
}

/** A browser that keeps its cookie of free reading. */
export class FreeReader {
  readonly #world: FreeWorld
  cookie: string | undefined

  constructor(world: FreeWorld, cookie?: string) {
    this.#world = world
    this.cookie = cookie
  }

  async open(path: string, fields: Readonly<Record<string, string>> = {}, method = 'GET'): Promise<Response> {
    const own = [fields['cookie'], this.cookie].filter((one) => one !== undefined).join('; ')
    const sent = { ...VISIT, ...fields, ...(own !== '' && { cookie: own }) }
    const response = await this.#world.open(path, { method, fields: sent })
    const set = response.headers.getSetCookie().find((one) => one.startsWith('__Host-faregate-read='))
    if (set !== undefined) this.cookie = set.split(';')[0]
    return response
  }

  /** Opens pages in turn, and returns the statuses. */
  async statuses(...paths: string[]): Promise<readonly number[]> {
    const found: number[] = []
    for (const path of paths) found.push((await this.open(path)).status)
    return found
  }
}
