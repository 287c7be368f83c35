import { type Exchange, isUpgrade } from '../http/rules/exchange.ts'
import { mayBeOf, takeParameter, type UrlParameter, withoutMatches } from '../http/rules/parameter.ts'
import { match } from '../access/route.ts'
import type { Zone } from '../zone.ts'
import type { Rail } from './rail.ts'

interface ZoneWithRails {
  readonly zone: Zone
  readonly rails: readonly Pick<Rail, 'parameters' | 'shape'>[]
}

/**
 * Removes tokens from the URL of a request, before a refusal's links, a redirect, a log or a cache key can repeat them.
 * Every target that might be read as the parameter's route loses the parameter; the token counts only if that route itself
 * answers a GET or HEAD. A credential that has a shape of its own is removed from every target, wherever it stands.
 */
export function withoutUrlTokens<E extends Exchange>(exchange: E, site: ZoneWithRails | undefined): E {
  let stripped = exchange
  if (site === undefined) return stripped
  for (const { parameters, shape } of site.rails) {
    if (parameters !== undefined) stripped = withoutParameters(stripped, parameters, site.zone)
    if (shape !== undefined) stripped = withoutShape(stripped, shape)
  }
  return stripped
}

function withoutParameters<E extends Exchange>(exchange: E, parameters: readonly UrlParameter[], zone: Zone): E {
  let stripped = exchange
  if (exchange.target.query === '') return stripped
  for (const { parameter, route } of parameters) {
    const taken = takeParameter(stripped.target.query, parameter)
    if (taken === undefined || !mayBeOf(route, stripped.target)) continue
    const target = { ...stripped.target, query: taken.query }
    const counts = isRead(stripped) && isRouteOf(route, { ...stripped, target }, zone)
    const inUrl = { parameter, route, values: taken.values, counts }
    stripped = { ...stripped, target, inUrl: stripped.inUrl?.counts === true ? stripped.inUrl : inUrl }
  }
  return stripped
}

const COUNTS_FOR_NOTHING = { parameter: '', route: '', values: [], counts: false }

function withoutShape<E extends Exchange>(exchange: E, shape: RegExp): E {
  const target = withoutMatches(exchange.target, shape)
  return target === exchange.target ? exchange : { ...exchange, target, inUrl: exchange.inUrl ?? COUNTS_FOR_NOTHING }
}

/** A WebSocket is opened by GET, and then says whatever it likes. */
function isRead({ method, fields }: Exchange): boolean {
  return (method === 'GET' || method === 'HEAD') && !isUpgrade(fields)
}

function isRouteOf(route: string, { target, method }: Exchange, zone: Zone): boolean {
  const matched = match(zone.routes, target, method)
  return matched.ok && matched.value.path === route
}
