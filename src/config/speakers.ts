import type { Fault } from './rules/fault.ts'
import { listAt, memberAt, textAt, textIn } from './unchecked.ts'

/**
 * Returns the faults of `speaksFor`: who speaks for an account must be one, and another than who signs its tokens. The
 * options may have another shape than expected: malformed parts are skipped.
 */
export function speakerFaults(options: unknown): Fault[] {
  return listAt(options, 'zones').flatMap((zone, index) => {
    const issuers = listAt(zone, 'issuers')
    // The accounts that a rail recognises have an issuer that says nothing by itself.
    const silent = listAt(zone, 'rails').map((rail) => textAt(rail, 'bringsIssuer'))
    const speakers = new Map<string, string | undefined>()
    return issuers.flatMap((issuer, at) =>
      listAt(issuer, 'speaksFor').flatMap((given, place) => {
        const other = textIn(given)
        const message = other === undefined ? undefined : faultOf(issuer, other, { issuers, silent, speakers })
        return message === undefined ? [] : [{ path: `zones[${index}].issuers[${at}].speaksFor[${place}]`, message }]
      }),
    )
  })
}

interface KnownIssuers {
  readonly issuers: readonly unknown[]
  readonly silent: readonly (string | undefined)[]
  /** Who speaks for whom, as far as was read. */
  readonly speakers: Map<string, string | undefined>
}

function faultOf(issuer: unknown, other: string, { issuers, silent, speakers }: KnownIssuers): string | undefined {
  const name = textAt(issuer, 'issuer')
  if (isMapped(issuer)) return 'expected no "speaksFor" beside mapped "types": such an issuer signs no events'
  if (other === name) return 'expected another issuer: each speaks for its own accounts'
  const named = issuers.filter((each) => textAt(each, 'issuer') === other)
  if (named.length === 0 && !silent.includes(other)) return 'expected one of the issuers of the zone'
  if (!named.every(isMapped))
    return 'expected an issuer whose "types" are mapped: any other signs events, and speaks for its accounts itself'
  if (speakers.has(other) && speakers.get(other) !== name) return 'expected an issuer for which no other one speaks'
  speakers.set(other, name)
  return undefined
}

/** Returns true for an issuer whose tokens have a `typ` other than Faregate's own, or none. */
function isMapped(issuer: unknown): boolean {
  const types = memberAt(issuer, 'types')
  const entitlement = memberAt(types, 'entitlement')
  return (entitlement !== undefined && entitlement !== false) || memberAt(types, 'absent') === true
}
