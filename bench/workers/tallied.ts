import type { EndpointFactory } from '../../src/index.ts'
import { faregate } from '../../src/platform/cloudflare/index.ts'
import { TALLIES } from '../../src/tallies/tallies.ts'
import { siteOptions } from './options.ts'

/** Has everything added up, and shows none of it. */
const sums: EndpointFactory = {
  path: 'sums',
  tallies: TALLIES,
  create: () => ({ methods: [], answer: () => Promise.reject(new Error('no method is allowed')) }),
}

const site = siteOptions({ origin: { servers: [{ binding: 'ORIGIN' }] } })
const { Gate, Origin, Ledger } = faregate((env) => ({
  ...(typeof site === 'function' ? site(env) : site),
  endpoints: [sums],
}))

/** The Worker that is deployed, with ledgers, whose traffic is added up. */
export { Gate as default, Ledger, Origin }
