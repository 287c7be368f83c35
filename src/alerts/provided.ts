import { routeName } from '../access/route.ts'
import type { Zone } from '../zone.ts'

/** Returns whether a route is answered by somebody else's servers: its meter reads each request before it is sent there. */
export function isProvidedIn({ routes: { entries, unmatched } }: Zone): (route: string) => boolean {
  const all = [...entries.map(({ route }) => route), unmatched]
  const provided = new Set(all.filter(({ meter }) => meter?.content !== undefined).map(routeName))
  return (route) => provided.has(route)
}
