import { drivenBy } from '../../../tools/workerclock.ts'
import config from '../../../demo/stripe/faregate.config.ts'
import { faregate } from '../../../src/platform/cloudflare/index.ts'

const { Gate, Origin, Ledger } = faregate(config)
export { Ledger, Origin }
export default drivenBy(Gate)
