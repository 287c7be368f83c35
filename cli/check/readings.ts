/** What an operator should know of routes whose path some server could read as that of another route. */
import { match, type Route, type RouteTable } from '../../src/access/route.ts'
import { readTarget } from '../../src/http/rules/target.ts'

/** One line for each route without `*` that a reading decides on, or would decide on if the route were not there. */
export function readingNotes(table: RouteTable): string[] {
  return table.byPath.flatMap(({ route }) => noteOf(table, route))
}

function noteOf(table: RouteTable, route: Route): string[] {
  const target = route.path.includes('*') ? undefined : readTarget(route.path, '')
  if (target?.ok !== true || route.terms.kind === 'closed') return []
  const { path, terms } = route
  const found = match(table, target.value, route.methods?.[0] ?? 'GET')
  const others = target.value.interpretations.filter((reading) => reading.path !== target.value.path)
  const other = others.map((reading) => rivalOf(table, route, reading.path)).find((rival) => rival !== undefined)
  if (!found.ok) return [`${path}: no request is let through, for it can be read as ${other ?? 'another path'}`]
  if (found.value.path !== path)
    return [`${path}: ${found.value.terms.kind}, not ${terms.kind}, for it can be read as ${other ?? found.value.path}`]
  if (other === undefined) return []
  return [`${path}: ${terms.kind}, as it says; an origin that ignores what a name ends in serves ${other} there`]
}

/** The reading with the route it falls on, where that is not free and is another. */
function rivalOf(table: RouteTable, route: Route, path: string): string | undefined {
  const target = readTarget(path, '')
  const found = target.ok ? match(table, target.value, route.methods?.[0] ?? 'GET') : undefined
  if (found?.ok !== true || found.value.path === route.path || found.value.terms.kind === 'free') return undefined
  return `${path} (${found.value.path})`
}
