import { request } from 'undici'

/** A browser without scripts, as far as signing in and buying need one: cookies by host, redirects, pages that go on, links, forms. */
export class Walker {
  readonly #jars = new Map<string, Map<string, string>>()
  url = ''
  status = 0
  text = ''

  /** Opens a page, and goes on where it says, at most 20 times. Undefined `form`: by GET. */
  async open(url: string, form?: URLSearchParams): Promise<this> {
    let [next, body]: [string | undefined, URLSearchParams | undefined] = [url, form]
    for (let count = 0; next !== undefined; count++) {
      if (count === 20) throw new Error(`sent round in circles at ${next}`)
      const { status, text, location }: Answer = await this.#send(next, body)
      body = status === 307 || status === 308 ? body : undefined
      this.url = next
      this.status = status
      this.text = text
      const to: string | undefined = location ?? refreshIn(text)
      next = to === undefined ? undefined : new URL(to, this.url).href
    }
    return this
  }

  /** Follows the first link whose words, or those for who does not see it, begin so. */
  follow(words: string): Promise<this> {
    const links = Array.from(this.text.matchAll(/<a\b([^>]*)>([\s\S]*?)<\/a>/g), ([, attributes = '', label = '']) => ({
      href: attribute(attributes, 'href'),
      labels: [label.trim(), attribute(attributes, 'aria-label') ?? ''],
    }))
    const href = links.find(({ labels }) => labels.some((label) => label.startsWith(words)))?.href
    if (href === undefined) throw new Error(`no link "${words}" at ${this.url}: ${this.text}`)
    return this.open(new URL(href, this.url).href)
  }

  /** Fills in the first form, and presses the button whose words begin so; undefined: its only one. */
  press(words: string | undefined, values: Readonly<Record<string, string>> = {}): Promise<this> {
    const forms = Array.from(this.text.matchAll(/<form\b([^>]*)>([\s\S]*?)<\/form>/g))
    const found = forms.find(([, , inside = '']) => words === undefined || buttonIn(inside, words) !== undefined)
    if (found === undefined) throw new Error(`no button "${words ?? ''}" at ${this.url}: ${this.text}`)
    const [, attributes = '', inside = ''] = found
    const fields = new URLSearchParams()
    for (const [, input = ''] of inside.matchAll(/<input\b([^>]*)>/g)) {
      const name = attribute(input, 'name')
      if (name !== undefined) fields.set(name, values[name] ?? attribute(input, 'value') ?? '')
    }
    const button = words === undefined ? '' : (buttonIn(inside, words) ?? '')
    const pressed = attribute(button, 'name')
    if (pressed !== undefined) fields.set(pressed, attribute(button, 'value') ?? '')
    return this.open(new URL(attribute(attributes, 'action') ?? this.url, this.url).href, fields)
  }

  /** How many cookies a host has set. */
  cookiesOf(url: string): readonly string[] {
    return [...(this.#jars.get(new URL(url).host)?.keys() ?? [])]
  }

  async #send(url: string, form: URLSearchParams | undefined): Promise<Answer> {
    const { host, origin } = new URL(url)
    const jar = this.#jars.get(host) ?? new Map<string, string>()
    this.#jars.set(host, jar)
    const site = this.url === '' ? 'none' : new URL(this.url).host === host ? 'same-origin' : 'cross-site'
    const headers = {
      accept: 'text/html',
      cookie: Array.from(jar, ([name, value]) => `${name}=${value}`).join('; '),
      'sec-fetch-mode': 'navigate',
      'sec-fetch-dest': 'document',
      'sec-fetch-site': site,
      ...(form && { origin, 'content-type': 'application/x-www-form-urlencoded' }),
    }
    const method = form === undefined ? 'GET' : 'POST'
    // `fetch` would say that it is one.
    const {
      statusCode: status,
      headers: fields,
      body,
    } = await request(url, {
      method,
      headers,
      body: form === undefined ? null : form.toString(),
    })
    for (const set of [fields['set-cookie'] ?? []].flat()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(set) ?? []
      const isGone = value === '' || /;\s*max-age=0\b/i.test(set) || /;\s*expires=thu, 01 jan 1970/i.test(set)
      if (isGone) jar.delete(name)
      else jar.set(name, value)
    }
    return { status, location: [fields['location'] ?? []].flat()[0], text: await body.text() }
  }
}

interface Answer {
  readonly status: number
  readonly location: string | undefined
  readonly text: string
}

function refreshIn(text: string): string | undefined {
  const [, content] = /<meta http-equiv="refresh" content="0; ?url=([^"]*)"/i.exec(text) ?? []
  return content === undefined ? undefined : decoded(content)
}

function buttonIn(form: string, words: string): string | undefined {
  const buttons = Array.from(form.matchAll(/<button\b([^>]*)>([\s\S]*?)<\/button>/g))
  return buttons.find(([, , label = '']) => label.trim().startsWith(words))?.[1]
}

function attribute(text: string, name: string): string | undefined {
  const [, value] = new RegExp(`\\b${name}="([^"]*)"`).exec(text) ?? []
  return value === undefined ? undefined : decoded(value)
}

const ENTITIES: Readonly<Record<string, string>> = { amp: '&', quot: '"', lt: '<', gt: '>', '#39': "'" }

function decoded(text: string): string {
  return text.replaceAll(/&(amp|quot|lt|gt|#39);/g, (entity, name: string) => ENTITIES[name] ?? entity)
}
