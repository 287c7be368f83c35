import { faregate } from 'faregate/cloudflare'
import config from './faregate.config.ts'

const { Gate, Origin, Ledger } = faregate(config)
export { Gate as default, Ledger, Origin }
