import type { Lever } from '../access/lever.ts'
import { canOpen, opensWithZone } from '../access/leverterms.ts'
import { type Route, routeName } from '../access/route.ts'
import type { Zone } from '../zone.ts'

/** A part of a zone that a lever may be about, by its name. */
export type LeverPart = Pick<Lever, 'of' | 'name'>

/** Returns the routes of a zone, with that of unmatched targets. */
export function allRoutesOf({ routes }: Zone): readonly Route[] {
  return [...routes.entries.map(({ route }) => route), routes.unmatched]
}

/** Returns the models and providers that the routes of a zone call. */
export function calledOf(zone: Zone): Readonly<Record<'model' | 'provider', ReadonlySet<string>>> {
  const meters = allRoutesOf(zone).flatMap(({ meter }) => meter?.calls ?? [])
  return {
    model: new Set(meters.flatMap(({ models }) => models)),
    provider: new Set(meters.flatMap(({ providers }) => providers)),
  }
}

/** Returns the parts of a zone that can be opened, and those that can be closed, in the order of the configuration. */
export function leverParts(zone: Zone): Readonly<Record<Lever['kind'], readonly LeverPart[]>> {
  const routes = allRoutesOf(zone)
  const { model, provider } = calledOf(zone)
  const named = (of: LeverPart['of'], names: Iterable<string>): readonly LeverPart[] =>
    Array.from(new Set(names), (name) => ({ of, name }))
  const open = routes.filter(canOpen).map(routeName)
  const close = routes.filter(({ terms }) => terms.kind !== 'closed').map(routeName)
  return {
    open: [...named('zone', routes.some(opensWithZone) ? [zone.name] : []), ...named('route', open)],
    close: [...named('route', close), ...named('model', model), ...named('provider', provider)],
  }
}
