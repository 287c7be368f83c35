import { match } from '../access/route.ts'
import type { Purge } from '../cache/rules/purge.ts'
import type { Exchange } from '../http/rules/exchange.ts'
import { readTarget } from '../http/rules/target.ts'
import type { Clock, Origin, WaitUntil } from '../ports.ts'
import type { Site } from '../site.ts'
import type { FoundPreview, Previews } from './previews.ts'

/** The rest is fetched when it is asked for. */
const MOST_PATHS = 20

/**
 * Fetches what is public of the purged pages anew, behind the response, so that a reader after a publish hook finds it there.
 * Only paths that a purge names exactly can be pages.
 */
export function warmPreviews(
  { pathPrefixes }: Purge,
  { exchange, site }: { readonly exchange: Exchange; readonly site: Site },
  { previews, clock }: { readonly previews: Previews | undefined; readonly clock: Clock },
  { origin, waitUntil }: { readonly origin?: Origin; readonly waitUntil: WaitUntil },
): void {
  if (previews === undefined || origin === undefined) return
  // A purge ends what was asked for in the same millisecond, too.
  const now = clock() + 1
  const find = async (path: string): Promise<FoundPreview | undefined> => {
    const target = readTarget(path, '')
    const route = target.ok ? match(site.zone.routes, target.value, 'GET') : undefined
    if (!target.ok || route?.ok !== true) return undefined
    const asked = { exchange: { ...exchange, target: target.value, now }, zone: site.zone, route: route.value }
    return previews.find(asked, { rails: site.rails, origin, call: { now, waitUntil } })
  }
  for (const path of pathPrefixes.slice(0, MOST_PATHS)) {
    // The same page may be written with a slash at its end.
    const warming = find(path).then((found) => (found?.kind === 'article' ? undefined : find(`${path}/`)))
    waitUntil(warming.catch(() => undefined))
  }
}
