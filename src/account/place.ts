import { routeName } from '../access/route.ts'
import { localText } from '../core/localtext.ts'
import type { Zone } from '../zone.ts'

/**
 * Says a route to a reader: by the title of its offer, or of the one thing on sale that it names, else by its path up to the first
 * wildcard. `route`: its name, or the path of what a receipt paid for.
 */
export function placeInWords(
  route: string,
  { routes, offers }: Pick<Zone, 'routes' | 'offers'>,
  language: string,
): string {
  const entry = routes.entries.find((one) => routeName(one.route) === route)
  const offer = entry?.route.terms.kind === 'paid' ? entry.route.terms.offer : undefined
  const [named, ...others] = offer?.names ?? []
  const sold = named === undefined || others.length > 0 ? undefined : offers.get(named)
  return offer?.title ?? (sold && localText(sold.title, language)) ?? route.split('*', 1)[0] ?? route
}
