import { once } from 'node:events'
import { type IncomingMessage, request } from 'node:http'
import { text } from 'node:stream/consumers'

/** How a browser says that a reader follows a link. */
const CLICK = { 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document', 'sec-fetch-user': '?1' }
const MOST_HOPS = 20

/** A page, as a reader sees it. */
export interface Page {
  readonly url: string
  readonly status: number
  readonly text: string
}

/** A browser without scripts, which keeps cookies for each host and follows redirects and refreshes. */
export class Visitor {
  /** By origin and name: ports are hosts here. */
  readonly #cookies = new Map<string, Map<string, string>>()
  /** All addresses that it was at. */
  readonly visited: string[] = []
  /** What the clock is ahead, in milliseconds. */
  ahead = 0

  cookie(origin: string, name: string): string | undefined {
    return this.#cookies.get(origin)?.get(name)
  }

  forget(origin: string): void {
    this.#cookies.delete(origin)
  }

  /** Another browser with the same cookies. */
  copy(): Visitor {
    const other = new Visitor()
    for (const [origin, jar] of this.#cookies) other.#cookies.set(origin, new Map(jar))
    return other
  }

  async open(url: string, form?: Readonly<Record<string, string>>): Promise<Page> {
    let [at, body] = [url, form && new URLSearchParams(form)]
    for (let hop = 0; hop < MOST_HOPS; hop++) {
      const response = await this.#send(at, body)
      const { location, text, status } = response
      const [, refresh] = /<meta http-equiv="refresh" content="0; ?url=([^"]*)"/i.exec(text) ?? []
      const next = location ?? (refresh === undefined ? undefined : unescape(refresh))
      if (next === undefined) return { url: at, status, text }
      at = new URL(next, at).href
      body = undefined
    }
    throw new Error(`no end: ${at}`)
  }

  /** Follows the link whose words begin so. */
  follow({ url, text }: Page, words: string): Promise<Page> {
    const links = Array.from(text.matchAll(/<a [^>]*href="([^"]*)"[^>]*>([^<]*)</g))
    const [, href] = links.find(([, , said = '']) => said.trim().startsWith(words)) ?? []
    if (href === undefined) throw new Error(`no link "${words}" on ${url}: ${text}`)
    return this.open(new URL(unescape(href), url).href)
  }

  /** Sends the first form of a page, with these fields filled in. */
  submit({ url, text }: Page, fields: Readonly<Record<string, string>> = {}): Promise<Page> {
    const [, action, content = ''] = /<form[^>]* action="([^"]*)"[^>]*>([\s\S]*?)<\/form>/.exec(text) ?? []
    if (action === undefined) throw new Error(`no form on ${url}: ${text}`)
    const hidden = content.matchAll(/<input type="hidden" name="([^"]*)" value="([^"]*)"\/?>/g)
    const given = Object.fromEntries(Array.from(hidden, ([, name = '', value = '']) => [name, unescape(value)]))
    return this.open(new URL(unescape(action), url).href, { ...given, ...fields })
  }

  async #send(url: string, body: URLSearchParams | undefined): Promise<Answer> {
    this.visited.push(url)
    const { origin } = new URL(url)
    const jar = this.#cookies.get(origin) ?? new Map<string, string>()
    this.#cookies.set(origin, jar)
    const cookie = Array.from(jar, ([name, value]) => `${name}=${value}`).join('; ')
    const headers: Record<string, string> = {
      accept: 'text/html',
      'test-clock': String(this.ahead),
      ...CLICK,
      'sec-fetch-site': body === undefined ? 'none' : 'same-origin',
      ...(body !== undefined && { origin }),
      ...(cookie !== '' && { cookie }),
    }
    const answer = await ask(url, headers, body?.toString())
    for (const set of answer.cookies) keep(set, jar)
    return answer
  }
}

interface Answer {
  readonly status: number
  readonly location: string | undefined
  readonly cookies: readonly string[]
  readonly text: string
}

/** Not by `fetch`, which says by itself that a script asks. */
async function ask(url: string, headers: Readonly<Record<string, string>>, body: string | undefined): Promise<Answer> {
  const form = { 'content-type': 'application/x-www-form-urlencoded', 'content-length': String(body?.length ?? 0) }
  const method = body === undefined ? 'GET' : 'POST'
  const sent = request(url, {
    method,
    agent: false,
    family: 4,
    headers: { ...headers, ...(body !== undefined && form) },
  })
  sent.end(body)
  const [response]: IncomingMessage[] = await once(sent, 'response')
  if (response === undefined) throw new Error('no answer')
  const { statusCode: status = 0, headers: fields } = response
  return { status, location: fields.location, cookies: fields['set-cookie'] ?? [], text: await text(response) }
}

function keep(set: string, jar: Map<string, string>): void {
  const [pair = '', ...attributes] = set.split(/; ?/)
  const at = pair.indexOf('=')
  const [name, value] = [pair.slice(0, at), pair.slice(at + 1)]
  const isOver = attributes.some((attribute) => /^max-age=0$|^expires=thu, 01 jan 1970/i.test(attribute))
  if (isOver || value === '') jar.delete(name)
  else jar.set(name, value)
}

const ENTITIES: Readonly<Record<string, string>> = { amp: '&', quot: '"', lt: '<', gt: '>', '#39': "'" }

function unescape(text: string): string {
  return text.replaceAll(/&(amp|quot|lt|gt|#39);/g, (_entity, name: string) => ENTITIES[name] ?? '')
}
