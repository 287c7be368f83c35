import { faregate } from '../../src/platform/cloudflare/index.ts'
import { siteOptions } from './options.ts'

const { Gate, Origin, Ledger } = faregate(siteOptions({ origin: { servers: [{ binding: 'ORIGIN' }] } }))

/** The Worker that is deployed, with the objects that count what is used. */
export { Gate as default, Ledger, Origin }
