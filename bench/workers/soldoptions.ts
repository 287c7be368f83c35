import type { Config, ZoneOptions } from '../../src/index.ts'
import { siteOptions } from './options.ts'

/** The site with pages that are sold one by one, for 75 cents each. */
export function soldOptions(railsFor: (env: Readonly<Record<string, unknown>>) => ZoneOptions['rails']): Config {
  return (env) => {
    const site = siteOptions({ origin: { servers: [{ binding: 'ORIGIN' }] }, rails: railsFor(env) })
    const given = typeof site === 'function' ? site(env) : site
    const price = { amount: '0.75', currency: 'USD' }
    const sold = { path: '/sold/*', price, offer: { title: 'A page' } }
    const zones = 'zones' in given ? given.zones.map((zone) => ({ ...zone, routes: [...zone.routes, sold] })) : []
    return { ...given, secrets: { gate: 'ACCOUNT_HASH_KEY' }, zones }
  }
}
