/** Speaks with the gate of a replay, and counts what it asks: each request leaves one line in the log. */
import { setTimeout as sleep } from 'node:timers/promises'
import { Pool } from 'undici'
import { ACCOUNTS, type Answer, type Asked, ISSUER, type Load, signed, type ZoneName } from './load.ts'
import { METRICS_SECRET } from './stack.ts'

/** How many requests are under way at once. */
export const AT_ONCE = 64
const READ_AT_ONCE = 200
const PAUSE_MS = 500
const MOST_TRIES = 120

export class Client {
  readonly #pool: Pool
  /** The requests of each site. */
  readonly asked = { berlin: 0, newfoundland: 0 }
  /** Those among them for endpoints of the gate's own. */
  readonly own = { berlin: 0, newfoundland: 0 }

  constructor(url: string) {
    this.#pool = new Pool(url, { connections: AT_ONCE })
  }

  end(): Promise<void> {
    return this.#pool.destroy()
  }

  /** Moves the clock of the gate. */
  async showTime(at: number): Promise<void> {
    const { body } = await this.#pool.request({ method: 'POST', path: `/script/clock?now=${at}` })
    await body.dump()
  }

  /** Sends a request of a site. */
  async send(zone: ZoneName, { method, path, headers, body }: Asked): Promise<Answer> {
    this.asked[zone] += 1
    if (path.startsWith('/__faregate/')) this.own[zone] += 1
    const fields = { ...headers, host: `${zone}.localhost` }
    const answer = await this.#pool.request({ method, path, headers: fields, ...(body !== undefined && { body }) })
    const cookie = String(answer.headers['set-cookie'] ?? '').split(';')[0] ?? ''
    // A body that breaks off has had its line in the log.
    const text = await answer.body.text().catch(() => '')
    return { status: answer.statusCode, text, cookie, location: String(answer.headers['location'] ?? '') }
  }

  /** Grants accounts the credit that they begin with. */
  async grant(zone: ZoneName, load: Load, now: number): Promise<void> {
    const token = await signed(zone, 'operator+jwt', { sub: 'ops', scope: 'credit' }, now)
    for (let account = 0; account < ACCOUNTS; account++) {
      await load.token(zone, `a${account}`, now)
      for (const currency of ['USD', 'EUR']) {
        const body = JSON.stringify({
          issuer: ISSUER,
          account: `a${account}`,
          amount: '1000',
          currency,
          id: `the start, ${currency}`,
        })
        const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
        const { status, text } = await this.send(zone, { method: 'POST', path: '/__faregate/credit', headers, body })
        if (status !== 200) throw new Error(`the credit was not granted: ${text}`)
      }
    }
  }

  /** Posts the token of an operator, and returns the cookie that it is good for. */
  async signIn(zone: ZoneName, at: number): Promise<string> {
    const token = await signed(zone, 'operator+jwt', { sub: 'ops', scope: 'view' }, at)
    const headers = {
      'content-type': 'application/x-www-form-urlencoded',
      'sec-fetch-site': 'same-origin',
      origin: `http://${zone}.localhost`,
    }
    const body = new URLSearchParams({ token }).toString()
    const { status, cookie } = await this.send(zone, { method: 'POST', path: '/__faregate/operator', headers, body })
    if (status !== 303) throw new Error(`the operator was not let in: ${status}`)
    return cookie
  }

  /** The metrics, once they have so many requests, or have not in a minute. */
  async scraped(zone: ZoneName, requests: number): Promise<string> {
    const headers = { authorization: `Bearer ${METRICS_SECRET}` }
    for (let tries = 1; ; tries++) {
      const { text } = await this.send(zone, { method: 'GET', path: '/__faregate/metrics', headers })
      // Scrapes are counted, too, when they come to it.
      const counts = text.matchAll(/^faregate_requests_total\{(?!.*decision="own").*\} (\d+)$/gm)
      if (Array.from(counts).reduce((sum, [, count]) => sum + Number(count), 0) >= requests || tries > MOST_TRIES)
        return text
      await sleep(PAUSE_MS)
    }
  }

  /** Waits until no charge is open and billing has all, and returns what the ledgers have kept, by currency. */
  async settled(load: Load): Promise<AccountsHeld> {
    const ledgers: LedgerRead[] = []
    let names: readonly string[] = [...load.ledgers]
    for (let tries = 1; ; tries++) {
      const pending: string[] = []
      for (let at = 0; at < names.length; at += READ_AT_ONCE) {
        const some = names.slice(at, at + READ_AT_ONCE)
        const answer = await this.#pool.request({ method: 'POST', path: '/script/ledgers', body: JSON.stringify(some) })
        for (const [index, ledger] of ((await answer.body.json()) as LedgerRead[]).entries())
          if (ledger.open === 0 && ledger.isTold) ledgers.push(...(some[index]?.startsWith('account ') ? [ledger] : []))
          else pending.push(some[index] ?? '')
      }
      if (pending.length === 0) return heldBy(ledgers)
      if (tries > 5 * MOST_TRIES)
        throw new Error(`billing was not told all by ${pending[0]} and ${pending.length - 1} others`)
      names = pending
      await sleep(PAUSE_MS)
    }
  }
}

interface LedgerRead {
  readonly money: readonly (readonly [currency: string, nanos: string])[]
  readonly unsettled: number
  readonly open: number
  readonly isTold: boolean
}

/** What the ledgers of accounts hold. */
export interface AccountsHeld {
  readonly money: Readonly<Record<string, number>>
  readonly unsettled: number
}

function heldBy(ledgers: readonly LedgerRead[]): AccountsHeld {
  const money: Record<string, number> = {}
  for (const [currency, nanos] of ledgers.flatMap(({ money: of }) => of))
    money[currency] = (money[currency] ?? 0) + Number(nanos)
  return { money, unsettled: ledgers.reduce((sum, { unsettled }) => sum + unsettled, 0) }
}
