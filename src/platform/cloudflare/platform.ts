import { createStore } from '../../cache/cacheapi.ts'
import { plainAddress } from '../../http/rules/clientaddress.ts'
import { web } from '../web/index.ts'
import type { Platform } from '../../ports.ts'
import { dial } from './dial.ts'
import { fetchUncached } from './fetch.ts'
import { objectsOf } from './ledgers.ts'
import { ratesOf } from './rates.ts'

/**
 * Cloudflare Workers, with what is bound to one: the Durable Object class of `ledger` as `LEDGER`, and rate limits. For the
 * paywall of an app: `app.use(paywall(config, cloudflare))`.
 */
export function cloudflare(bindings: Readonly<Record<string, unknown>>): Platform {
  return {
    ...web(bindings),
    ...objectsOf(bindings),
    fetch: fetchUncached,
    rates: ratesOf(bindings),
    copies: (maxBytes) => createStore(maxBytes, typeof caches === 'undefined' ? undefined : caches),
    dial,
    // Cloudflare writes it over whatever a client sends.
    clientAddress: ({ headers }) => plainAddress(headers.get('cf-connecting-ip')),
  }
}
