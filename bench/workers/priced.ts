import { bearer } from '../../src/index.ts'
import { faregate } from '../../src/platform/cloudflare/index.ts'
import { soldOptions } from './soldoptions.ts'

const { Gate, Origin, Ledger } = faregate(soldOptions(() => [bearer()]))

/** The same site, whose pages no program can buy: their price is paid from credit. */
export { Gate as default, Ledger, Origin }
