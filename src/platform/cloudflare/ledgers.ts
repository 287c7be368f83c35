import type { Ledgers } from '../../ports.ts'
import type { Ledger } from './ledger.ts'

/** The binding of the Durable Object class `Ledger` in wrangler.toml. */
const BINDING = 'LEDGER'

/** The ledgers of this Worker's own Durable Objects; undefined where none are bound. */
export function ledgersOf(env: unknown): Ledgers | undefined {
  if (typeof env !== 'object' || env === null || !(BINDING in env)) return undefined
  const namespace = env[BINDING] as DurableObjectNamespace<Ledger>
  return (name) => namespace.get(namespace.idFromName(name))
}
