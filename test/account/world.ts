import { account, bearer, feeds, html, keys, lookup, manageFeeds, type Options, ownKeys } from '../../src/index.ts'
import { openLedger } from '../../src/ledger/rules/place.ts'
import type { Ledger } from '../../src/ports.ts'
import { feedOptions, FeedWorld } from '../feeds/world.ts'
import { BILLING, type Parties } from '../tokens/hostile/parties.ts'

/** A site whose accounts have everything that the page can show. */
function accountOptions(parties: Parties): Options {
  const given = feedOptions(parties)
  const quota = { name: 'archive', unit: 'pages', quota: 3, window: 'P1D' as const }
  const routes = [
    { path: '/feed/*', requires: 'premium' },
    {
      path: '/archive/*',
      requires: 'premium',
      cache: 'off' as const,
      counts: { requests: 1, pages: 1 },
      quotas: [quota],
    },
    { path: '/dear/*', price: { amount: '1.25', currency: 'EUR' } },
    { path: '/api/*', requires: 'api', cache: 'off' as const },
  ]
  return {
    ...given,
    endpoints: [account(), manageFeeds(), ownKeys(), lookup()],
    zones: given.zones.map((zone) => ({
      ...zone,
      routes,
      rails: [bearer(), keys({ self: true }), feeds({ routes: ['/feed/*'] })],
      refusals: [html()],
      pages: { site: { name: 'The Daily Fare', home: '/' } },
      remedies: {
        documentation: 'https://news.example/problems',
        signIn: 'https://news.example/login?to={return}',
        portal: 'https://billing.example/portal?to={return}',
        support: 'https://news.example/help',
      },
    })),
  }
}

/** The fields of a browser that opens a page of the site from one of its pages. */
export const BROWSER = {
  accept: 'text/html,application/xhtml+xml,*/*;q=0.8',
  'sec-fetch-site': 'same-origin',
  'sec-fetch-mode': 'navigate',
  'sec-fetch-dest': 'document',
}

/** A gate with account pages, and its readers. */
export class AccountWorld extends FeedWorld {
  constructor(parties: Parties) {
    super(parties, accountOptions(parties))
  }

  get ledger(): Ledger {
    return this.ledgerOf('ann')
  }

  ledgerOf(account: string): Ledger {
    if (this.services.ledgers === undefined) throw new Error('no ledgers')
    return openLedger(this.services.ledgers, this.zone, { from: 'account', issuer: BILLING, account })
  }

  async grant(euros: number): Promise<void> {
    await this.ledger.grant({ id: crypto.randomUUID(), units: BigInt(euros) * 1_000_000_000n, currency: 'EUR' })
  }

  /** Opens a page of the gate in the browser of a reader who is signed in. */
  async open(path: string, fields: Record<string, string> = {}, token?: string): Promise<Response> {
    const cookie = `__Host-faregate=${token ?? (await this.token({ limits: LIMITS }))}`
    return this.ask(path, { headers: { ...BROWSER, cookie, ...fields } })
  }

  /** Returns what a program of the account is answered. */
  async facts(query = '', token?: string): Promise<Facts> {
    const authorization = `Bearer ${token ?? (await this.token({ limits: LIMITS }))}`
    return (await this.ask(`/__faregate/account${query}`, { headers: { authorization } })).json() as Promise<Facts>
  }

  /** Posts a form of a page of the site. */
  post(path: string, fields: Record<string, string>, more: Record<string, string> = {}): Promise<Response> {
    const headers = { ...BROWSER, origin: 'https://news.example', ...more }
    return this.ask(path, { method: 'POST', headers, body: new URLSearchParams(fields) })
  }

  /** Opens as many pages of the archive, and of those that cost something. Returns the ids of the charges, latest first. */
  async spend(archive: number, dear: number): Promise<readonly string[]> {
    const authorization = `Bearer ${await this.token({ limits: LIMITS })}`
    const paths = [...Array(archive).fill('/archive/1'), ...Array(dear).fill('/dear/1')] as string[]
    for (const path of paths) await this.ask(path, { headers: { authorization } })
    return (await this.facts()).account.charges.last.map(({ id }) => id)
  }

  /** Makes an API key of the account. */
  async key(entitlements: readonly string[] = ['premium']): Promise<string> {
    const headers = { authorization: `Bearer ${await this.token()}`, 'content-type': 'application/json' }
    const body = JSON.stringify({ action: 'create', name: 'build server', entitlements })
    const made = await this.ask('/__faregate/account/keys', { method: 'POST', headers, body })
    const text = await made.text()
    if (made.status !== 200) throw new Error(text)
    return (JSON.parse(text) as { secret: string }).secret
  }
}

const LIMITS = [{ name: 'reads', quota: 100, unit: 'requests', window: 'P1M' }]

export interface Facts {
  readonly account: Readonly<Record<string, never>> & {
    readonly limits: readonly { readonly usage: { readonly used: string } | 'unavailable' }[]
    readonly credit: readonly { readonly amount: string }[] | 'unavailable' | null
    readonly spend:
      | {
          readonly days: readonly { readonly charges: number; readonly money: readonly { readonly amount: string }[] }[]
        }
      | 'unavailable'
      | null
    readonly charges: { readonly last: readonly { readonly id: string }[]; readonly total: number }
    readonly keys: readonly { readonly name: string; readonly lastUsed: string | null }[]
  }
  readonly reference?: { readonly kind: string }
  readonly links: Readonly<Record<string, string>>
}
