import { faregate } from '../../src/platform/cloudflare/index.ts'
import config from './faregate.config.ts'

const { Gate, Origin, Ledger } = faregate(config)
export { Gate as default, Ledger, Origin }
