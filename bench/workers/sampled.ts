import { faregate } from '../../src/platform/cloudflare/index.ts'
import { siteOptions } from './options.ts'

const site = siteOptions({ origin: { servers: [{ binding: 'ORIGIN' }] } })
const { Gate, Origin } = faregate((env) => {
  const options = typeof site === 'function' ? site(env) : site
  return { ...options, log: { ...options.log, sample: { serve: 0.01, refuse: 0.01 } } }
})

/** The Worker that is deployed, with one line of log in a hundred. */
export { Gate as default, Origin }
