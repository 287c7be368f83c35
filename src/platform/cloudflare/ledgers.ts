import type { Objects } from '../../ports.ts'
import type { Ledger } from './ledger.ts'

/** The binding of the Durable Object class `Ledger` in wrangler.toml. */
const BINDING = 'LEDGER'

/** What the Durable Objects of this Worker keep. Undefined where none are bound. */
export function objectsOf(env: unknown): Objects | undefined {
  const namespace = boundTo(env)
  if (namespace === undefined) return undefined
  const named = (name: string) => namespace.get(namespace.idFromName(name))
  return { ledgers: named, bulletins: (zone) => named(`bulletin ${JSON.stringify([zone])}`) }
}

function boundTo(env: unknown): DurableObjectNamespace<Ledger> | undefined {
  const bound = typeof env === 'object' && env !== null && BINDING in env ? env[BINDING] : undefined
  // Where the environment is the process's, it is a text.
  return typeof bound === 'object' ? (bound as DurableObjectNamespace<Ledger>) : undefined
}
