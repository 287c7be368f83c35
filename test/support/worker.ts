import { faregate } from '../../src/cloudflare.ts'
import type { UsageOptions } from '../../src/index.ts'
import config from './config.ts'

const { Gate, Origin, Ledger } = faregate(config)
/** Ledgers that have someone to tell. */
const tells = (usage: UsageOptions) =>
  faregate((given) => ({ ...(typeof config === 'function' ? config(given) : config), usage })).Ledger
const Metered = tells({ url: 'https://billing.test/usage', secret: 'USAGE_SECRET' })
const Queued = tells({ queue: 'USAGE_QUEUE' })
export { Gate as default, Ledger, Metered, Origin, Queued }
