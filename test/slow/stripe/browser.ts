import { request } from 'node:http'

/** A browser's cookies and Fetch Metadata, before one host. `fetch` would say by itself that a script asks. */
export class Browser {
  readonly #url: string
  readonly #cookies = new Map<string, string>()

  constructor(url: string) {
    this.#url = url
  }

  /** Opens a page, as a link of that site does. */
  open(path: string, site = 'same-origin', accept = 'text/html'): Promise<Response> {
    const headers = {
      accept,
      cookie: Array.from(this.#cookies, ([name, value]) => `${name}=${value}`).join('; '),
      'sec-fetch-site': site,
      'sec-fetch-mode': 'navigate',
      'sec-fetch-dest': 'document',
      'sec-fetch-user': '?1',
    }
    return new Promise((resolve, reject) => {
      const sent = request(new URL(path, this.#url), { headers }, (answer) => {
        const chunks: Buffer[] = []
        answer.on('data', (chunk: Buffer) => chunks.push(chunk))
        answer.on('error', reject)
        answer.on('end', () => {
          for (const line of answer.headers['set-cookie'] ?? []) this.#keep(line)
          const { location } = answer.headers
          const status = answer.statusCode ?? 0
          const fields = location === undefined ? {} : { location }
          resolve(new Response(Buffer.concat(chunks), { status, headers: fields }))
        })
      })
      sent.on('error', reject).end()
    })
  }

  #keep(line: string): void {
    const [pair = ''] = line.split(';')
    const at = pair.indexOf('=')
    const [name, value] = [pair.slice(0, at), pair.slice(at + 1)]
    if (value === '' || /;\s*max-age=0/i.test(line)) this.#cookies.delete(name)
    else this.#cookies.set(name, value)
  }
}
