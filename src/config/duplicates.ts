import { compilePattern, isPathPattern } from '../http/rules/pattern.ts'
import { compileParameter } from '../http/rules/query.ts'
import { queryKey } from '../access/route.ts'
import type { Fault } from './rules/fault.ts'
import { memberAt, listAt, textAt, textIn } from './unchecked.ts'

/**
 * Returns the faults that concern two places at once. The options may have another shape than expected: malformed parts are
 * skipped, and both kinds of faults are reported together.
 */
export function duplicateFaults(options: unknown): Fault[] {
  const zones = listAt(options, 'zones')
  return [
    ...repeats(zones.map((zone, index) => [textAt(zone, 'name'), `zones[${index}].name`] as const)),
    ...idFaults(zones),
    ...repeats(
      zones.flatMap((zone, index) =>
        listAt(zone, 'hosts').map((host, at) => [textIn(host), `zones[${index}].hosts[${at}]`] as const),
      ),
    ),
    ...repeats(endpointKeys(options, zones)),
    ...repeats(listAt(options, 'usage').map((sink, at) => [sinkKey(sink), `usage[${at}]`] as const)),
    ...zones.flatMap((zone, index) => [
      ...repeats(signerKeys(zone, 'issuers', index)),
      ...repeats(signerKeys(zone, 'operators', index)),
      ...repeats(
        listAt(zone, 'rails').map((rail, at) => [textAt(rail, 'name'), `zones[${index}].rails[${at}]`] as const),
      ),
      ...repeats(
        listAt(zone, 'events').map((source, at) => [textAt(source, 'path'), `zones[${index}].events[${at}]`] as const),
      ),
      ...repeats(loginKeys(zone, index)),
      ...repeats(serverKeys(zone, index)),
      ...repeats(routeKeys(zone, index)),
      ...listAt(zone, 'rails').flatMap((rail, at) => railFaults(rail, zone, `zones[${index}].rails[${at}]`)),
    ]),
  ]
}

/** An id is the zone's name if it has none: one zone must not be taken for another that had its name before. */
function idFaults(zones: readonly unknown[]): Fault[] {
  const given = zones.map((zone, index) => [textAt(zone, 'id'), `zones[${index}]`] as const)
  const keyed = zones.map((zone, index) => {
    const id = given[index]?.[0]
    return [id ?? textAt(zone, 'name'), `zones[${index}].${id === undefined ? 'name' : 'id'}`] as const
  })
  // Two equal names are one fault, which is reported already.
  return repeats(keyed).filter(({ path, message }) => path.endsWith('.id') || message.endsWith('.id'))
}

type KeyedPath = readonly [key: string | undefined, path: string]

function repeats(keyed: readonly KeyedPath[]): Fault[] {
  const first = new Map<string, string>()
  const faults: Fault[] = []
  for (const [key, path] of keyed) {
    if (key === undefined) continue
    const earlier = first.get(key)
    if (earlier === undefined) first.set(key, path)
    else faults.push({ path, message: `the same as ${earlier}` })
  }
  return faults
}

/**
 * Two endpoints must not share a path, whether they are listed or belong to an event source. Zones share the endpoint of a
 * source.
 */
function endpointKeys(options: unknown, zones: readonly unknown[]): KeyedPath[] {
  const sources = zones.flatMap((zone, index) =>
    listAt(zone, 'events').map(
      (source, at) => [textAt(memberAt(source, 'endpoint'), 'path'), `zones[${index}].events[${at}]`] as const,
    ),
  )
  const listed = listAt(options, 'endpoints').map(
    (endpoint, at) => [textAt(endpoint, 'path'), `endpoints[${at}]`] as const,
  )
  return [...new Map(sources), ...listed]
}

/** Two logins of one name would share the path of their returns. */
function loginKeys(zone: unknown, index: number): KeyedPath[] {
  const listed = listAt(zone, 'logins').map(
    (login, at) => [textAt(login, 'name'), `zones[${index}].logins[${at}]`] as const,
  )
  const ofSources = listAt(zone, 'events').map(
    (source, at) => [textAt(memberAt(source, 'login'), 'name'), `zones[${index}].events[${at}]`] as const,
  )
  return [...listed, ...ofSources]
}

/** Two equal sinks would receive every record twice. */
function sinkKey(sink: unknown): string | undefined {
  const [name, to] = [textAt(sink, 'name'), textAt(sink, 'to')]
  return name === undefined || to === undefined ? undefined : `${name} ${to}`
}

/** Two entries of one issuer and audience would make the order decide which entry verifies a token. */
function signerKeys(zone: unknown, kind: 'issuers' | 'operators', index: number): KeyedPath[] {
  const audience = textAt(zone, 'audience')
  return listAt(zone, kind).map((issuer, at) => {
    const name = textAt(issuer, 'issuer')
    return [
      name === undefined ? undefined : JSON.stringify([name, textAt(issuer, 'audience') ?? audience]),
      `zones[${index}].${kind}[${at}].issuer`,
    ]
  })
}

/** Returns the faults of a rail whose parameters are of no route. */
function railFaults(rail: unknown, zone: unknown, place: string): Fault[] {
  const paths = listAt(zone, 'routes').map((route) => textAt(route, 'path'))
  const strays = listAt(rail, 'parameters').filter((parameter) => !paths.includes(textAt(parameter, 'route')))
  return strays.map((parameter) => ({
    path: `${place}.routes`,
    message: `"${textAt(parameter, 'route') ?? ''}" is not the path of one of the routes`,
  }))
}

/** Two equal servers would be retried on a server that just failed; weights give a server a greater share. */
function serverKeys(zone: unknown, index: number): KeyedPath[] {
  return listAt(memberAt(zone, 'origin'), 'servers').map((server, at) => {
    const [url, binding] = [textAt(server, 'url'), textAt(server, 'binding')]
    const place = `zones[${index}].origin.servers[${at}]`
    if (url === undefined) return [binding, `${place}.binding`]
    return [URL.parse(url)?.href.replace(/\/$/, '') ?? url, `${place}.url`]
  })
}

/** Returns keys by method and path, without what matching ignores: case, escapes, a slash at the end. */
function routeKeys(zone: unknown, index: number): KeyedPath[] {
  return listAt(zone, 'routes').flatMap((route, at) => {
    const path = textAt(route, 'path')
    if (path === undefined) return []
    const methods = listAt(route, 'methods').map(textIn)
    const key = `${isPathPattern(path) ? compilePattern(path).key : path} ${queryOf(route)}`
    return (methods.length === 0 ? ['*'] : methods).map(
      (method): KeyedPath => [`${method} ${key}`, `zones[${index}].routes[${at}].path`],
    )
  })
}

/** Returns the required query in a canonical spelling. */
function queryOf(route: unknown): string {
  const query = memberAt(route, 'query')
  if (typeof query !== 'object' || query === null) return ''
  const named = Object.entries(query).filter(([, value]) => value === true || typeof value === 'string')
  return queryKey(named.map(([name, value]) => compileParameter({ name, value: value === true ? undefined : value })))
}
