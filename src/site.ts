import type { CredentialReading } from './rails/carried.ts'
import type { Login } from './rails/login.ts'
import type { Exemption } from './exemptions/exemption.ts'
import type { Rail } from './rails/rail.ts'
import type { RefusalFormat } from './refusals/format.ts'
import type { EventReceiver } from './standing/eventreceiver.ts'
import type { Zone } from './zone.ts'

/** A zone with its plug-ins. */
export interface Site {
  readonly zone: Zone
  /** The ways to pay or to prove payment. */
  readonly rails: readonly Rail[]
  /** How the credentials of a request are read, for all rails. */
  readonly reading: CredentialReading
  /** The formats of refusals, besides problem documents. */
  readonly refusals: readonly RefusalFormat[]
  /** The ways to sign in and to buy; absent if there are none. */
  readonly logins?: readonly Login[]
  /** What opens pages that nobody paid for, in the order asked; absent if nothing does. */
  readonly exemptions?: readonly Exemption[]
  /** Receivers of billing events in formats of their own. */
  readonly events: readonly EventReceiver[]
}

/** Maps each host to its site. A zone that answers any host is returned for every host. */
export function sitesOf(all: readonly Site[]): ReadonlyMap<string, Site> {
  const entries = all.flatMap((site) => site.zone.hosts.map((host) => [host, site] as const))
  const everywhere = all.find(({ zone }) => zone.answersAnyHost)
  return everywhere === undefined ? new Map(entries) : new SiteOfAnyHost(entries, everywhere)
}

class SiteOfAnyHost extends Map<string, Site> {
  readonly #site: Site

  constructor(entries: readonly (readonly [string, Site])[], site: Site) {
    super(entries)
    this.#site = site
  }

  override get(): Site {
    return this.#site
  }

  override has(): boolean {
    return true
  }
}
