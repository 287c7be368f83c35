import config from '../faregate.config.ts'
import { faregate } from './platform/cloudflare/index.ts'

const { Gate, Origin, Ledger } = faregate(config)
/** For the types of bindings, which `wrangler types` writes. */
type Ledger = InstanceType<typeof Ledger>
export { Gate as default, Ledger, Origin }
