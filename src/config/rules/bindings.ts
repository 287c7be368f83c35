/** The variables, secrets and bindings of the environment, by kind. */
export interface Bindings {
  /** Variables and secrets. */
  readonly secrets: ReadonlyMap<string, string>
  /** The names of bindings with a `fetch`. */
  readonly servers: ReadonlySet<string>
  /** Queues with a producer. */
  readonly queues: ReadonlyMap<string, QueueProducer>
  /** The names of rate limits. */
  readonly rates: ReadonlySet<string>
}

/** The part of a queue's producer that is used. The binding of a Cloudflare Queue is one. */
export interface QueueProducer {
  sendBatch(messages: Iterable<{ readonly body: unknown; readonly contentType: 'json' }>): Promise<unknown>
}

/** Sorts bindings by what they can do. */
export function bindingsOf(env: Readonly<Record<string, unknown>>): Bindings {
  const secrets = new Map<string, string>()
  const servers = new Set<string>()
  const queues = new Map<string, QueueProducer>()
  const rates = new Set<string>()
  for (const [name, value] of Object.entries(env)) {
    if (typeof value === 'string') secrets.set(name, value)
    if (typeof value !== 'object' || value === null) continue
    // The stub of another Worker may answer to any method by name, and a queue has no `fetch`: `fetch` decides first.
    if ('fetch' in value) servers.add(name)
    else if (isQueue(value)) queues.set(name, value)
    else if ('limit' in value && typeof value.limit === 'function') rates.add(name)
  }
  return { secrets, servers, queues, rates }
}

function isQueue(value: object): value is QueueProducer {
  return 'sendBatch' in value && typeof value.sendBatch === 'function'
}
