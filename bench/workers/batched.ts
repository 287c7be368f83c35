import { faregate } from '../../src/platform/cloudflare/index.ts'
import { siteOptions } from './options.ts'

const site = siteOptions({ origin: { servers: [{ binding: 'ORIGIN' }] } })
const { Gate, Origin } = faregate((env) => {
  const options = typeof site === 'function' ? site(env) : site
  return { ...options, log: { ...options.log, batch: { lines: 100 } } }
})

/** The Worker that is deployed, with its lines of log written a hundred at a time. */
export { Gate as default, Origin }
