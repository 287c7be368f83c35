import { faregate } from '../../../src/cloudflare.ts'
import { config } from './poisoning-config.ts'

const { Gate, Origin } = faregate(config)
export { Gate as default, Origin }
