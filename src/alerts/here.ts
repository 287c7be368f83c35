/** What one isolate knows by itself of what a zone depends on: keys, status lists and servers. */
import { judgeFetched, serverStatesOf } from '../health/rules/judge.ts'
import { openedPool } from '../origin/opened.ts'
import type { Condition } from '../tallies/rules/conditions.ts'
import type { KnownFetches } from '../tokens/known.ts'
import type { Zone } from '../zone.ts'

/** Returns what is not as it should be. Names are those of the configuration; of addresses only the hosts. */
export function conditionsHere(zone: Zone, { keys, lists }: KnownFetches, now: number): readonly Condition[] {
  const issuers = new Set([...zone.issuers, ...zone.operators])
  const stale = Array.from(issuers).filter((issuer) => judgeFetched(keys.known(issuer), now).status !== 'pass')
  const hosts = lists.known().flatMap((known) => (judgeFetched(known, now).status === 'pass' ? [] : hostOf(known.uri)))
  return [
    ...Array.from(new Set(stale.map(({ issuer }) => issuer)), (of) => ({ name: 'keys-stale', of }) as const),
    ...Array.from(new Set(hosts), (of) => ({ name: 'status-list-stale', of }) as const),
    ...ejected(zone, now).map((name) => ({ name: 'server-ejected', of: hostOf(name) }) as const),
  ]
}

function ejected(zone: Zone, now: number): readonly string[] {
  const state = openedPool(zone)
  if (zone.pool === undefined || state === undefined) return []
  return serverStatesOf(zone.pool, state, now).flatMap(({ name, state }) =>
    state === 'ejected' || state === 'due' ? name : [],
  )
}

/** Returns the host of a URL, or a name that is none. */
export function hostOf(address: string): string {
  return URL.parse(address)?.host ?? address
}
