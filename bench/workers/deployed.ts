import { faregate } from '../../src/platform/cloudflare/index.ts'
import { siteOptions } from './options.ts'

const { Gate, Origin } = faregate(siteOptions({ origin: { servers: [{ binding: 'ORIGIN' }] } }))

/** The Worker that is deployed: Gate, Origin behind it, and the site's server (`bare.ts`) behind a service binding. */
export { Gate as default, Origin }
