import config from '../faregate.config.ts'
import { faregate } from './cloudflare.ts'

const { Gate, Origin } = faregate(config)
export { Gate as default, Origin }
