import type { Fault } from './rules/fault.ts'
import { listAt, textAt, textIn } from './unchecked.ts'

/**
 * Returns the faults of endpoints with a host of their own: pages of a site that is served there would share its origin, and
 * their script could do what an operator can. The options may have another shape than expected: malformed parts are skipped.
 */
export function ownHostFaults(options: unknown, answersAnyHost: boolean): Fault[] {
  return listAt(options, 'endpoints').flatMap((endpoint, index) => {
    const host = textAt(endpoint, 'host')
    if (host === undefined) return []
    const path = `endpoints[${index}].host`
    if (answersAnyHost)
      return [{ path, message: 'expected "hosts" beside it: without them the site answers at any host' }]
    const at = placeOf(host, options)
    return at === undefined ? [] : [{ path, message: `expected a host that serves nothing else, and it is ${at}` }]
  })
}

function placeOf(host: string, options: unknown): string | undefined {
  for (const [index, zone] of listAt(options, 'zones').entries()) {
    const at = listAt(zone, 'hosts').findIndex((given) => textIn(given) === host)
    if (at >= 0) return `zones[${index}].hosts[${at}]`
  }
  return undefined
}
