import type { Exchange } from '../http/rules/exchange.ts'
import { mayBeOf, takeParameter } from '../http/rules/parameter.ts'
import { match } from '../access/route.ts'
import type { Zone } from '../zone.ts'
import type { Rail } from './rail.ts'

interface ZoneWithRails {
  readonly zone: Zone
  readonly rails: readonly Rail[]
}

/**
 * Removes tokens from the URL of a request, before a refusal's links, a redirect, a log or a cache key can repeat them.
 * Every target that might be read as the parameter's route loses the parameter; the token counts only if that route itself
 * answers a GET or HEAD.
 */
export function withoutUrlTokens<E extends Exchange>(exchange: E, site: ZoneWithRails | undefined): E {
  let stripped = exchange
  if (site === undefined || exchange.target.query === '') return stripped
  for (const rail of site.rails) {
    for (const { parameter, route } of rail.parameters ?? []) {
      const taken = takeParameter(stripped.target.query, parameter)
      if (taken === undefined || !mayBeOf(route, stripped.target)) continue
      const target = { ...stripped.target, query: taken.query }
      const counts = isRead(stripped) && isRouteOf(route, { ...stripped, target }, site.zone)
      const inUrl = { parameter, route, values: taken.values, counts }
      stripped = { ...stripped, target, inUrl: stripped.inUrl?.counts === true ? stripped.inUrl : inUrl }
    }
  }
  return stripped
}

function isRead({ method }: Exchange): boolean {
  return method === 'GET' || method === 'HEAD'
}

function isRouteOf(route: string, { target, method }: Exchange, zone: Zone): boolean {
  const matched = match(zone.routes, target, method)
  return matched.ok && matched.value.path === route
}
