import type { AccountClient } from './account.ts'
import { accountLedger } from './ledger.ts'
import { ledgerOf, readingOf } from '../workerd/objects.ts'

export type Fields = Readonly<Record<string, string>>

/** How a browser says that a page is opened, and from where. */
export const OPENING: Fields = { 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' }
export const HERE: Fields = { 'sec-fetch-site': 'same-origin', ...OPENING }

/** A browser as far as the gate knows one: it keeps cookies, and posts forms. */
export class Browser {
  readonly jar: Map<string, string>
  readonly #client: AccountClient

  constructor(client: AccountClient, token: string) {
    this.#client = client
    this.jar = new Map([['__Host-faregate', token]])
  }

  async open(path: string, fields: Fields = HERE, init: RequestInit = {}): Promise<Response> {
    const cookie = Array.from(this.jar, ([name, value]) => `${name}=${value}`).join('; ')
    const response = await this.#client.send(path, { ...init, headers: { cookie, accept: 'text/html', ...fields } })
    for (const set of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(set) ?? []
      if (value === '') this.jar.delete(name)
      else this.jar.set(name, value)
    }
    const body = await response.text()
    return new Response(response.status === 303 ? null : body, response)
  }

  /** Presses the button of the page. */
  async press(page: string, fields: Fields = HERE, change: Fields = {}): Promise<Response> {
    const type = { 'content-type': 'application/x-www-form-urlencoded' }
    const body = new URLSearchParams({ ...formOf(page), ...change }).toString()
    return this.open('/__faregate/confirm', { ...fields, ...type }, { method: 'POST', body })
  }

  /** Opens a priced page, and confirms it. */
  async confirm(path: string): Promise<Response> {
    const page = await (await this.open(path)).text()
    return this.press(page)
  }
}

const ENTITIES: Fields = { '&amp;': '&', '&quot;': '"', '&lt;': '<', '&gt;': '>', '&#39;': "'" }

function formOf(page: string): Record<string, string> {
  const inputs = page.matchAll(/<input type="hidden" name="([^"]*)" value="([^"]*)">/g)
  const decode = (text = ''): string =>
    text.replace(/&(?:amp|quot|lt|gt|#39);/g, (entity) => ENTITIES[entity] ?? entity)
  return Object.fromEntries(Array.from(inputs, ([, name, value]) => [decode(name), decode(value)]))
}

export function grantCredit({ account }: AccountClient, units: bigint): Promise<unknown> {
  return ledgerOf(accountLedger(account)).grant({ id: crypto.randomUUID(), units, currency: 'USD' })
}

export async function creditOf({ account }: AccountClient): Promise<bigint> {
  return (await readingOf(accountLedger(account))).credit[0]?.units ?? 0n
}
