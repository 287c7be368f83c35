/** What an environment holds, sorted by what a configuration may name of it. */
export interface Bindings {
  /** Variables and secrets. */
  readonly texts: ReadonlyMap<string, string>
  /** Names of Workers that may be origin servers. */
  readonly servers: ReadonlySet<string>
  /** Names of rate limits. */
  readonly rates: ReadonlySet<string>
}

export function readBindings(env: Readonly<Record<string, unknown>>): Bindings {
  const texts = new Map<string, string>()
  const servers = new Set<string>()
  const rates = new Set<string>()
  for (const [name, value] of Object.entries(env)) {
    if (typeof value === 'string') texts.set(name, value)
    else if (typeof value !== 'object' || value === null) continue
    // A Worker answers to any name, as a method that it may have: `fetch` is looked for first.
    else if ('fetch' in value) servers.add(name)
    else if ('limit' in value && typeof value.limit === 'function') rates.add(name)
  }
  return { texts, servers, rates }
}
