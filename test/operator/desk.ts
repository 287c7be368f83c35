import { compile } from '../../src/config/config.ts'
import type { Options, ZoneOptions } from '../../src/config/options.ts'
import { createGate } from '../../src/gate.ts'
import { credit, dashboard, type DashboardOptions, explain, hold, html, lookup } from '../../src/index.ts'
import type { LogRecord } from '../../src/logrecord.ts'
import { memory, type MemoryPlatform } from '../../src/platform/memory/index.ts'
import type { BulletinStores } from '../../src/ports.ts'
import { ok } from '../../src/core/result.ts'
import { ZONE } from '../support/compiled.ts'
import { secretKey, sign } from '../support/issuer.ts'

/** Two sites and the desk of who runs them: in memory, with all that goes over the wire as requests. */
export const [NEWS, SHOP, OPS] = ['https://www.site.test', 'https://shop.site.test', 'https://ops.site.test']
export const [READERS, STAFF] = ['https://billing.test', 'https://staff.test']
const SECRET = '0123456789abcdef0123456789abcdef'
const BINDINGS = {
  TOKEN_SECRET: SECRET,
  STAFF_SECRET: `staff ${SECRET}`,
  GATE_SECRET: `gate ${SECRET}`,
  ACCOUNT_KEY: SECRET,
}

const staff = { issuer: STAFF, secret: 'STAFF_SECRET' }
const shared = { ...ZONE, issuers: [{ issuer: READERS, secret: 'TOKEN_SECRET' }], refusals: [html()] }

/** The zones; only `news` and `shop` have operators. `change` is laid over both. */
export function zonesWith(change: Partial<ZoneOptions> = {}): ZoneOptions[] {
  const routes = [{ path: '/articles/*', requires: 'premium' }]
  const zone = (name: string, at: string): ZoneOptions => ({
    ...shared,
    name,
    hosts: [new URL(at).hostname],
    audience: at,
    operators: [staff],
    routes,
    ...change,
  })
  return [zone('news', NEWS), zone('shop', SHOP)]
}

export function optionsOf(dashboardOptions?: DashboardOptions, change?: Partial<ZoneOptions>): Options {
  return {
    secrets: { gate: 'GATE_SECRET' },
    endpoints: [hold(), lookup(), credit(), explain(), dashboard(dashboardOptions)],
    log: { accountKey: 'ACCOUNT_KEY' },
    zones: zonesWith(change),
  }
}

export interface Desk {
  readonly lines: LogRecord[]
  /** The zones whose bulletin was read from its store. */
  readonly reads: string[]
  ask(url: string, init?: RequestInit): Promise<Response>
  /** Posts a form as a browser does from a page of `from`. */
  post(url: string, fields: Record<string, string>, headers?: Record<string, string>): Promise<Response>
  /** Signs in, and returns the cookie. */
  signIn(at: string, token: string): Promise<string>
  /** The page, with this cookie. */
  page(at: string, cookie: string): Promise<string>
}

/** What reached the origins, by field. */
export const reached: Headers[] = []

export function createDesk(
  options: Options,
  bindings: Record<string, unknown> = BINDINGS,
  given: Parameters<typeof memory>[2] = {},
): Desk {
  const lines: LogRecord[] = []
  const reads: string[] = []
  const platform = memory(bindings, {}, { log: (written) => lines.push(...written), ...given })
  const compiled = compile(options, bindings, { needsOrigin: true })
  if (!compiled.ok) throw new Error(JSON.stringify(compiled.error))
  const { answer } = createGate(compiled, { ...platform, bulletins: countingReads(platform, reads) })
  const upstream = {
    origin: async (_admitted: unknown, outgoing: () => Request) => {
      reached.push(outgoing().headers)
      return ok({ response: new Response('text', { headers: { 'cache-control': 'no-store' } }) })
    },
    purge: async () => true,
  }
  const ask = async (url: string, init?: RequestInit): Promise<Response> =>
    answer(new Request(url, { redirect: 'manual', ...init }), upstream, () => undefined)
  const desk: Desk = {
    lines,
    reads,
    ask,
    post: (url, fields, headers = fromItself(url)) =>
      ask(url, { method: 'POST', headers, body: new URLSearchParams(fields) }),
    async signIn(at, token) {
      const answered = await desk.post(`${at}/__faregate/operator`, { token })
      if (answered.status !== 303) throw new Error(`${answered.status} ${await answered.text()}`)
      return (answered.headers.get('set-cookie') ?? '').split(';')[0] ?? ''
    },
    async page(at, cookie) {
      const answered = await ask(at, { headers: { cookie, 'sec-fetch-site': 'none' } })
      return answered.text()
    },
  }
  return desk
}

function countingReads({ bulletins }: MemoryPlatform, reads: string[]): BulletinStores {
  return (zone, place) => {
    const store = bulletins?.(zone, place)
    if (store === undefined) throw new Error('no bulletins')
    return {
      delta: (since) => {
        reads.push(zone)
        return store.delta(since)
      },
      post: (command, act) => store.post(command, act),
      order: (name, command) => store.order(name, command),
    }
  }
}

/** What a browser says with a form of that page itself. */
export function fromItself(url: string): Record<string, string> {
  return {
    'sec-fetch-site': 'same-origin',
    'sec-fetch-mode': 'navigate',
    origin: new URL(url).origin,
    accept: 'text/html',
  }
}

/** A token of the staff, for both sites unless `claims` say otherwise. */
export async function staffToken(scope: string, claims: Record<string, unknown> = {}): Promise<string> {
  const key = await secretKey(`staff ${SECRET}`)
  return sign(key, { iss: STAFF, aud: [NEWS, SHOP], sub: 'ann', ...times(), scope, ...claims }, { typ: 'operator+jwt' })
}

/** A token of a reader. */
export async function readerToken(account: string): Promise<string> {
  const key = await secretKey(SECRET)
  return sign(key, { iss: READERS, aud: NEWS, sub: account, entitlements: ['premium'], ...times() })
}

/** What the log says was ordered, in order. */
export function linesAbout({ lines }: Desk): object[] {
  return lines.flatMap(({ audit }) => audit ?? [])
}

export function times(): { iat: number; exp: number } {
  const now = Math.floor(Date.now() / 1000)
  return { iat: now - 60, exp: now + 3000 }
}

/** The sealed order of the button with this text. */
export function buttonOf(page: string, text: string): string {
  const forms = Array.from(page.matchAll(/<form\b[^]*?<\/form>/g), ([form]) => form)
  const form = forms.find((one) => one.includes(`>${text}</button>`))
  return form?.match(/name="do" value="([^"]+)"/)?.[1] ?? ''
}
