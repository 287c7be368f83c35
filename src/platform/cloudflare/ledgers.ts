import type { Objects } from '../../ports.ts'
import type { Ledger } from './ledger.ts'

/** The binding of the Durable Object class `Ledger` in wrangler.toml. */
const BINDING = 'LEDGER'

/** What the Durable Objects of this Worker keep. Undefined where none are bound. */
export function objectsOf(env: unknown): Objects | undefined {
  if (typeof env !== 'object' || env === null || !(BINDING in env)) return undefined
  const namespace = env[BINDING] as DurableObjectNamespace<Ledger>
  const named = (name: string) => namespace.get(namespace.idFromName(name))
  return { ledgers: named, bulletins: (zone) => named(`bulletin ${JSON.stringify([zone])}`) }
}
