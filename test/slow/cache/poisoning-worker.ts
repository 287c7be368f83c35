import { faregate } from '../../../src/platform/cloudflare/index.ts'
import { config } from './poisoning-config.ts'

const { Gate, Origin } = faregate(config)
export { Gate as default, Origin }
