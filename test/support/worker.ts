import { faregate } from '../../src/cloudflare.ts'
import config from './config.ts'

const { Gate, Origin, Ledger } = faregate(config)
/** The ledgers that have someone to tell. */
const { Ledger: Metered } = faregate((given) => ({
  ...(typeof config === 'function' ? config(given) : config),
  usage: { url: 'https://billing.test/usage', secret: 'USAGE_SECRET' },
}))
export { Gate as default, Ledger, Metered, Origin }
