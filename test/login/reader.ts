import { OURS, type TripWorld } from './world.ts'

type Fields = Readonly<Record<string, string>>

/** How a browser says that a reader follows a link: on a page of the site, of another one, or from the address bar. */
export const CLICK: Fields = {
  'sec-fetch-mode': 'navigate',
  'sec-fetch-dest': 'document',
  'sec-fetch-site': 'same-origin',
}
export const FROM_ELSEWHERE: Fields = { ...CLICK, 'sec-fetch-site': 'cross-site' }
export const TYPED: Fields = { ...CLICK, 'sec-fetch-site': 'none' }
/** How a script of a page asks. */
export const SCRIPT: Fields = { 'sec-fetch-mode': 'cors', 'sec-fetch-dest': 'empty', 'sec-fetch-site': 'same-origin' }

interface Cookie {
  readonly name: string
  readonly value: string
  /** Of this host, or of a domain and all below. */
  readonly host: string
  readonly isDomain: boolean
  readonly until: number
}

/** A browser with its cookies, as it keeps them for all hosts. */
export class Reader {
  readonly #world: TripWorld
  #cookies: Cookie[] = []

  constructor(world: TripWorld) {
    this.#world = world
  }

  /** Another browser with the same cookies. */
  copy(): Reader {
    const other = new Reader(this.#world)
    other.#cookies = [...this.#cookies]
    return other
  }

  /** The names of the cookies that it would send to a host. */
  names(host = 'www.news.example'): readonly string[] {
    return this.#for(host).map(({ name }) => name)
  }

  value(name: string): string | undefined {
    return this.#cookies.find((one) => one.name === name)?.value
  }

  put(name: string, value: string, host = 'www.news.example'): void {
    const kept = this.#cookies.filter((one) => one.name !== name || one.host !== host)
    this.#cookies = [...kept, { name, value, host, isDomain: false, until: Number.POSITIVE_INFINITY }]
  }

  forget(pattern: RegExp): void {
    this.#cookies = this.#cookies.filter(({ name }) => !pattern.test(name))
  }

  async open(path: string, fields: Fields = CLICK, init: RequestInit = {}): Promise<Response> {
    const url = new URL(path, OURS)
    const cookie = this.#for(url.hostname)
      .map(({ name, value }) => `${name}=${value}`)
      .join('; ')
    const headers = { accept: 'text/html', ...(cookie !== '' && { cookie }), ...fields }
    const response = await this.#world.ask(url.href, { ...init, headers })
    for (const set of response.headers.getSetCookie()) this.#keep(set, url.hostname)
    return response
  }

  /** Follows the button of a page. */
  async press(response: Response, fields: Fields = CLICK): Promise<Response> {
    const page = await response.clone().text()
    const action = /<form method="post" action="([^"]*)"/.exec(page)?.[1] ?? ''
    const inputs = page.matchAll(/<input type="hidden" name="([^"]*)" value="([^"]*)">/g)
    const body = new URLSearchParams(
      Array.from(inputs, ([, name = '', value = '']) => [name, decoded(value)]),
    ).toString()
    const type = { 'content-type': 'application/x-www-form-urlencoded' }
    return this.open(action, { ...fields, ...type }, { method: 'POST', body })
  }

  #for(host: string): readonly Cookie[] {
    return this.#cookies.filter(
      ({ host: of, isDomain, until }) =>
        until > this.#world.now && (of === host || (isDomain && host.endsWith(`.${of}`))),
    )
  }

  #keep(set: string, from: string): void {
    const [pair = '', ...attributes] = set.split('; ')
    const at = pair.indexOf('=')
    const [name, value] = [pair.slice(0, at), pair.slice(at + 1)]
    const attribute = (wanted: string): string | undefined =>
      attributes.find((one) => one.startsWith(`${wanted}=`))?.slice(wanted.length + 1)
    const domain = attribute('Domain')
    if (!attributes.includes('Secure') || attribute('Path') !== '/')
      throw new Error(`a cookie of another kind: ${name}`)
    if (name.startsWith('__Host-') && domain !== undefined) throw new Error(`${name} is of one host`)
    const host = domain ?? from
    const seconds = Number(attribute('Max-Age') ?? Number.NaN)
    const others = this.#cookies.filter((one) => one.name !== name || one.host !== host)
    const kept = { name, value, host, isDomain: domain !== undefined, until: this.#world.now + 1000 * seconds }
    this.#cookies = seconds > 0 ? [...others, kept] : others
  }
}

const ENTITIES: Fields = { '&amp;': '&', '&quot;': '"', '&lt;': '<', '&gt;': '>', '&#39;': "'" }

export function decoded(text: string): string {
  return text.replaceAll(/&(?:amp|quot|lt|gt|#39);/g, (entity) => ENTITIES[entity] ?? entity)
}

/** The links of a page, by their words. */
export async function linksOf(response: Response): Promise<Readonly<Record<string, string>>> {
  const page = await response.clone().text()
  const [, main = page] = page.split('<main>')
  const links = main.matchAll(/<a (?:class="[^"]*" )?href="([^"]*)"[^>]*>([^<]*)<\/a>/g)
  return Object.fromEntries(Array.from(links, ([, href = '', words = '']) => [decoded(words), decoded(href)]))
}
