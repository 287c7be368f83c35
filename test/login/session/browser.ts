export type AskInit = RequestInit & { readonly base?: string; readonly kind?: Readonly<Record<string, string>> }

interface Asking {
  readonly first: { readonly ask: (path: string, init: AskInit) => Promise<Response> }
}

/** A browser with its cookies, as it keeps them for one host. */
export class Browser {
  readonly #world: Asking
  readonly #cookies: Map<string, string>

  constructor(world: Asking, cookies: Iterable<readonly [string, string]> = []) {
    this.#world = world
    this.#cookies = new Map(cookies)
  }

  /** Another browser, or a thief, with the same cookies. */
  copy(): Browser {
    return new Browser(this.#world, this.#cookies)
  }

  get cookie(): string | undefined {
    return this.#cookies.get('__Host-faregate')
  }

  names(): readonly string[] {
    return [...this.#cookies.keys()]
  }

  put(name: string, value: string): void {
    this.#cookies.set(name, value)
  }

  headers(): Record<string, string> {
    const pairs = [...this.#cookies].map(([name, value]) => `${name}=${value}`)
    return pairs.length === 0 ? {} : { cookie: pairs.join('; ') }
  }

  take(set: readonly string[]): void {
    for (const field of set) {
      const [pair = '', ...attributes] = field.split('; ')
      const at = pair.indexOf('=')
      const name = pair.slice(0, at)
      if (attributes.includes('Max-Age=0')) this.#cookies.delete(name)
      else this.#cookies.set(name, pair.slice(at + 1))
    }
  }

  async ask(
    path: string,
    init: AskInit = {},
    { ask }: Pick<Asking['first'], 'ask'> = this.#world.first,
  ): Promise<Response> {
    const response = await ask(path, {
      ...init,
      headers: new Headers([...Object.entries(this.headers()), ...new Headers(init.headers)]),
    })
    this.take(response.headers.getSetCookie())
    return response
  }

  /** Status, and the reason of a refusal. */
  async reason(path: string, init: AskInit = {}, isolate?: Pick<Asking['first'], 'ask'>): Promise<string> {
    const response = await this.ask(path, init, isolate)
    if (response.status < 400) return String(response.status)
    return `${response.status} ${(await response.json<{ reason?: string }>()).reason}`
  }
}
