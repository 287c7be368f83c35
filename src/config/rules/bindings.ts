/** What the environment has, by kind. */
export interface Bindings {
  /** Variables and secrets. */
  readonly secrets: ReadonlyMap<string, string>
  /** Names of bindings that can be asked like a server. */
  readonly servers: ReadonlySet<string>
  /** Queues that can be sent to. */
  readonly queues: ReadonlyMap<string, QueueProducer>
  /** Names of rate limits. */
  readonly rates: ReadonlySet<string>
}

/** The producer of a queue, as far as it is used: a Cloudflare Queue's binding is one. */
export interface QueueProducer {
  sendBatch(messages: Iterable<{ readonly body: unknown; readonly contentType: 'json' }>): Promise<unknown>
}

/** Sorts what is bound by what it can do. */
export function bindingsOf(env: Readonly<Record<string, unknown>>): Bindings {
  const secrets = new Map<string, string>()
  const servers = new Set<string>()
  const queues = new Map<string, QueueProducer>()
  const rates = new Set<string>()
  for (const [name, value] of Object.entries(env)) {
    if (typeof value === 'string') secrets.set(name, value)
    if (typeof value !== 'object' || value === null) continue
    // Another Worker may answer to any method by name, and a queue is no server.
    if ('fetch' in value) servers.add(name)
    else if (isQueue(value)) queues.set(name, value)
    else if ('limit' in value && typeof value.limit === 'function') rates.add(name)
  }
  return { secrets, servers, queues, rates }
}

function isQueue(value: object): value is QueueProducer {
  return 'sendBatch' in value && typeof value.sendBatch === 'function'
}
