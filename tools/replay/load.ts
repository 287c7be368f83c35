/** The requests of a replay: drawn by a seed, of every kind that a log tells apart. */
import { createHash } from 'node:crypto'
import { SignJWT } from 'jose'
import { NETWORK, PAY_TO, TIMEOUT_SECONDS, USDC, USDC_DOMAIN } from '../payments/stack/names.ts'

export const SECRET = 'a secret of the replay, and of nobody else'
export const ISSUER = 'https://billing.test'
export const ACCOUNTS = 60
const USES = 3

export type ZoneName = 'berlin' | 'newfoundland'
export const ZONES: readonly ZoneName[] = ['berlin', 'newfoundland']

/** What came back, as far as it is looked at. */
export interface Answer {
  readonly status: number
  readonly text: string
  /** The first cookie that was set. */
  readonly cookie: string
  readonly location: string
}

export interface Asked {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'OPTIONS' | 'PUT'
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string
  /** What the same browser asks next. */
  readonly next?: (answer: Answer) => Asked | undefined
}

/** Signs a token of the issuer, who is the operator too, that is good for ten minutes. */
export function signed(zone: ZoneName, typ: string, claims: Record<string, unknown>, nowMs: number): Promise<string> {
  const now = Math.floor(nowMs / 1000)
  return new SignJWT({ iss: ISSUER, aud: `https://${zone}.test`, iat: now - 60, exp: now + 600, ...claims })
    .setProtectedHeader({ alg: 'HS256', typ })
    .sign(new TextEncoder().encode(SECRET))
}

/** What draws requests. */
export class Load {
  readonly #random: () => number
  readonly #tokens = new Map<string, Promise<string>>()
  #receipt: { readonly zone: ZoneName; readonly jti: string; left: number } | undefined
  #drawn = 0
  /** The ledgers that may hold something. */
  readonly ledgers = new Set<string>()

  constructor(random: () => number) {
    this.#random = random
  }

  /** Draws a request of a site, at a time of its clock. */
  draw(zone: ZoneName, now: number): Promise<Asked> {
    this.#drawn += 1
    let at = this.#random() * ALL
    const [, make] = KINDS.find(([weight]) => (at -= weight) < 0) ?? KINDS[0]
    return make({ load: this, zone, now, number: this.#drawn, upTo: (most) => Math.floor(this.#random() * most) })
  }

  /** The token of an account. Of one and the same minute it is the same. */
  token(zone: ZoneName, account: string, now: number, more: Record<string, unknown> = {}): Promise<string> {
    const key = JSON.stringify([zone, account, Math.floor(now / 60_000), more])
    const claims = {
      sub: account,
      entitlements: ['premium'],
      plan: account.length % 2 === 0 ? 'gold' : 'silver',
      ...more,
    }
    this.ledgers.add(`account ${JSON.stringify([zone, ISSUER, account])}`)
    const made = this.#tokens.get(key) ?? signed(zone, 'entitlement+jwt', claims, now)
    if (this.#tokens.size > 10_000) this.#tokens.clear()
    this.#tokens.set(key, made)
    return made
  }

  /** A receipt of three uses. It is presented once more than it may be used, and then there is a new one. */
  receipt(zone: ZoneName, now: number): Promise<string> {
    if (this.#receipt?.zone !== zone || this.#receipt.left === 0)
      this.#receipt = { zone, jti: `receipt-${this.#drawn}`, left: USES + 1 }
    this.#receipt.left -= 1
    const { jti } = this.#receipt
    this.ledgers.add(`receipt ${JSON.stringify([ISSUER, jti])}`)
    return signed(
      zone,
      'payment+jwt',
      { jti, amount: '0.75', currency: 'USD', resource: '/reports/*', uses: USES },
      now,
    )
  }

  /** A payment by x402, whose signature the facilitator believes. */
  payment(now: number): string {
    const nonce = `0x${createHash('sha256').update(`payment ${this.#drawn}`).digest('hex')}`
    const from = `0x${'5'.repeat(40)}`
    this.ledgers.add(`payment ${JSON.stringify([NETWORK, USDC, from, nonce]).toLowerCase()}`)
    const accepted = { scheme: 'exact', network: NETWORK, amount: '250000', asset: USDC, payTo: PAY_TO }
    const validBefore = String(Math.floor(now / 1000) + TIMEOUT_SECONDS)
    const authorization = { from, to: PAY_TO, value: '250000', validAfter: '0', validBefore, nonce }
    const payload = { signature: `0x${'1b'.repeat(65)}`, authorization }
    const paid = {
      x402Version: 2,
      accepted: { ...accepted, maxTimeoutSeconds: TIMEOUT_SECONDS, extra: USDC_DOMAIN },
      payload,
    }
    return Buffer.from(JSON.stringify(paid)).toString('base64')
  }
}

interface Drawing {
  readonly load: Load
  readonly zone: ZoneName
  readonly now: number
  /** How many were drawn before. */
  readonly number: number
  /** Draws a whole number below `most`. */
  readonly upTo: (most: number) => number
}

type Kind = readonly [weight: number, make: (drawing: Drawing) => Promise<Asked>]

const bearer = (token: string): Record<string, string> => ({ authorization: `Bearer ${token}` })

async function by(
  { load, zone, now, upTo }: Drawing,
  path: string,
  {
    method = 'GET',
    account = `a${upTo(ACCOUNTS)}`,
    more = {},
  }: { method?: Asked['method']; account?: string; more?: object } = {},
): Promise<Asked> {
  return { method, path, headers: bearer(await load.token(zone, account, now, { ...more })) }
}

async function plain(
  path: string,
  headers: Record<string, string> = {},
  method: Asked['method'] = 'GET',
): Promise<Asked> {
  return { method, path, headers }
}

async function chat(drawing: Drawing): Promise<Asked> {
  const model = ['small', 'large', 'unknown'][drawing.upTo(3)]
  const asked = await by(drawing, '/v1/chat/completions', { method: 'POST' })
  const body = JSON.stringify({ model, max_tokens: 100, messages: [{ role: 'user', content: 'say something' }] })
  return { ...asked, headers: { ...asked.headers, 'content-type': 'application/json' }, body }
}

/** What stands behind a page of the origin: some pages are not there, some break, some say nothing of their length. */
const page = ({ upTo }: Drawing): string =>
  ['1', '2', '3', '4', 'missing', 'broken', 'gone', 'unmeasured', 'slow'][upTo(9)] ?? '1'

const NAVIGATION = {
  accept: 'text/html',
  'sec-fetch-mode': 'navigate',
  'sec-fetch-dest': 'document',
  'sec-fetch-site': 'none',
}

const inBrowser = (asked: Asked): Asked => ({ ...asked, headers: { ...NAVIGATION, ...asked.headers } })

/** A reader goes to the shop, and comes back or does not. */
async function trip({ zone, upTo }: Drawing): Promise<Asked> {
  const offer = ['monthly', 'yearly', 'archive'][upTo(3)] ?? 'monthly'
  const end = ['bought', 'bought', 'cancelled', 'unknown', ''][upTo(5)] ?? ''
  return {
    method: 'POST',
    path: '/__faregate/checkout',
    headers: {
      ...NAVIGATION,
      'content-type': 'application/x-www-form-urlencoded',
      'sec-fetch-site': 'same-origin',
      origin: `http://${zone}.localhost`,
    },
    body: new URLSearchParams({ offer, to: '/articles/1' }).toString(),
    next: ({ cookie, location }) => (end === '' ? undefined : back(cookie, location, end)),
  }
}

function back(cookie: string, location: string, end: string): Asked {
  const state = URL.parse(location)?.searchParams.get('state')
  if (state === undefined || state === null) throw new Error(`no trip has begun: ${location}`)
  const query = new URLSearchParams({ state, end })
  const headers = { ...NAVIGATION, 'sec-fetch-site': 'cross-site', cookie }
  return { method: 'GET', path: `/__faregate/return/shop?${query.toString()}`, headers }
}

const KINDS: readonly [Kind, ...Kind[]] = [
  [10, (d) => plain(`/free/${page(d)}`)],
  [12, (d) => by(d, `/articles/${d.upTo(6)}`)],
  [4, (d) => by(d, `/articles/${page(d)}`)],
  [2, (d) => by(d, `/articles/${d.upTo(6)}`, { method: 'HEAD' })],
  [8, (d) => plain(`/articles/${d.upTo(6)}`)],
  [6, (d) => plain(`/articles/${d.upTo(6)}`, NAVIGATION)],
  [2, () => plain('/archive/1', NAVIGATION)],
  [1, () => plain('/reports/1', NAVIGATION)],
  [3, trip],
  [
    3,
    async (d) => ({
      ...(await by(d, '/articles/1')),
      headers: bearer(`${await d.load.token(d.zone, 'forged', d.now)}A`),
    }),
  ],
  [
    2,
    async (d) =>
      plain('/articles/1', bearer(`${(await d.load.token(d.zone, 'forged', d.now)).slice(0, -12)}AAAAAAAAAAAA`)),
  ],
  [2, () => plain('/articles/2', { authorization: 'Bearer' })],
  [2, (d) => by(d, '/articles/1', { account: 'late', more: { iat: secondsOf(d) - 900, exp: secondsOf(d) - 300 } })],
  [1, (d) => by(d, '/articles/1', { account: 'early', more: { nbf: secondsOf(d) + 300 } })],
  [2, (d) => by(d, '/articles/1', { account: `b${d.upTo(ACCOUNTS)}`, more: { entitlements: ['basic'] } })],
  [1, (d) => by(d, '/articles/1', { account: 'ended', more: { standing: 'inactive' } })],
  [1, (d) => by(d, '/articles/1', { account: 'due', more: { standing: 'past-due' } })],
  [1, (d) => by(d, '/articles/1', { account: 'held', more: { standing: 'on-hold' } })],
  [1, async (d) => inBrowser(await by(d, '/articles/1', { account: 'held', more: { standing: 'on-hold' } }))],
  [1, async (d) => inBrowser(await by(d, '/articles/1', { account: 'basic', more: { entitlements: ['basic'] } }))],
  [2, (d) => plain(`/articles/${d.upTo(6)}`, { 'user-agent': 'GoodBot/1.0', 'cf-connecting-ip': '192.0.2.7' })],
  [3, (d) => plain(`/watched/${d.upTo(3)}`)],
  [2, (d) => by(d, `/watched/${d.upTo(3)}`)],
  [8, (d) => by(d, `/reports/${page(d)}`)],
  [3, (d) => by(d, '/reports/1', { account: `poor${d.upTo(9)}` })],
  [4, async (d) => plain('/reports/1', bearer(await d.load.receipt(d.zone, d.now)))],
  [2, async (d) => plain(`/reports/${page(d)}`, { 'payment-signature': d.load.payment(d.now) })],
  [1, () => plain('/reports/1', { 'payment-signature': 'bm90aGluZw==' })],
  [3, (d) => by(d, `/euros/${page(d)}`)],
  [8, (d) => by(d, `/api/${page(d)}`)],
  [3, (d) => by(d, '/few/1', { account: `c${d.upTo(9)}` })],
  [2, (d) => by(d, '/slowly/1', { account: `d${d.upTo(3)}` })],
  [2, (d) => by(d, '/orders/1', { method: 'POST' })],
  [1, (d) => by(d, '/orders/1', { method: 'PUT' })],
  [4, chat],
  [1, () => plain('/closed/1')],
  [1, () => plain('/articles/%2e%2e%2freports/1')],
  [1, () => plain('/articles/1', { origin: 'https://app.test', 'access-control-request-method': 'GET' }, 'OPTIONS')],
  [
    1,
    async (d) =>
      plain('/api/1', {
        cookie: `__Host-faregate=${await d.load.token(d.zone, 'a1', d.now)}`,
        'sec-purpose': 'prefetch',
        ...NAVIGATION,
      }),
  ],
  [1, () => plain('/__faregate/nothing')],
]
const ALL = KINDS.reduce((sum, [weight]) => sum + weight, 0)

function secondsOf({ now }: Drawing): number {
  return Math.floor(now / 1000)
}
