import { createStore } from '../../cache/cacheapi.ts'
import { plainAddress } from '../../http/rules/clientaddress.ts'
import { web } from '../web/index.ts'
import type { Platform } from '../../ports.ts'
import { dial } from './dial.ts'
import { fetchUncached } from './fetch.ts'
import { objectsOf } from './ledgers.ts'
import { ratesOf } from './rates.ts'

/**
 * Returns the platform of a Cloudflare Worker with its bindings: the Durable Object class of `ledger` as `LEDGER`, and rate
 * limits. Pass it to the paywall of an app.
 *
 * @example
 * ```ts
 * import { Hono } from 'hono'
 * import { cloudflare } from 'faregate/cloudflare'
 * import { paywall, type PaywallEnv } from 'faregate/hono'
 * import config from './faregate.config.ts'
 *
 * const app = new Hono<PaywallEnv>()
 * app.use(paywall(config, cloudflare))
 * export default app
 * ```
 */
export function cloudflare(bindings: Readonly<Record<string, unknown>>): Platform {
  return {
    ...web(bindings),
    ...objectsOf(bindings),
    fetch: fetchUncached,
    rates: ratesOf(bindings),
    copies: (maxBytes) => createStore(maxBytes, typeof caches === 'undefined' ? undefined : caches),
    dial,
    newPageParser: typeof HTMLRewriter === 'undefined' ? undefined : () => new HTMLRewriter(),
    countryOf: ({ cf }) => (typeof cf?.['country'] === 'string' ? cf['country'] : undefined),
    asnOf: ({ cf }) => (typeof cf?.['asn'] === 'number' ? cf['asn'] : undefined),
    clientAddress: (request) => (isFromCloudflare(request) ? plainAddress(request.headers.get(CLIENT)) : undefined),
  }
}

/** Cloudflare overwrites this field if a client sends it. */
const CLIENT = 'cf-connecting-ip'

/** Returns false in a workerd of one's own, which passes on what a client sends: it writes the other end of the socket into `cf`. */
function isFromCloudflare({ cf }: Request): boolean {
  return cf !== undefined && !('clientIp' in cf)
}
