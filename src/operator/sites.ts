import type { Captured } from '../http/capture.ts'
import type { Services } from '../services.ts'
import type { Site } from '../site.ts'

/** Returns all sites, each once, in the order of the configuration. */
export function allSites(sites: Services['sites']): readonly Site[] {
  return [...new Set(sites.values())]
}

/** Creates the search for the site that a dashboard on a host of its own is asked about: the first, if the query names none. */
export function createSiteFinder(
  sites: Services['sites'],
  host: string,
): (exchange: Pick<Captured, 'host' | 'target'>) => Site | undefined {
  const all = allSites(sites)
  const byName = new Map(all.map((site) => [site.zone.name, site]))
  return ({ host: asked, target }) => {
    if (asked !== host) return undefined
    const name = new URLSearchParams(target.query).get('zone')
    return name === null ? all[0] : byName.get(name)
  }
}
