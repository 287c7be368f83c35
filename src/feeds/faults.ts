import { isPathPattern, placeholderIn } from '../http/rules/pattern.ts'

interface FeedFault {
  readonly path: string
  readonly message: string
}

const PARAMETER = /^[\w!$'*+.^`|~-]+$/

/** Returns the faults of a rail for feeds, with their paths. The options may be any value. */
export function feedFaults(options: unknown): readonly FeedFault[] {
  const given: Readonly<Record<string, unknown>> = typeof options === 'object' && options !== null ? { ...options } : {}
  const { routes, parameter = 'token', ...others } = given
  const isName = typeof parameter === 'string' && PARAMETER.test(parameter)
  return [
    ...Object.keys(others).map((path) => ({ path, message: 'is not an option of feeds' })),
    ...(isName ? [] : [{ path: 'parameter', message: 'expected the name of a parameter, such as "token"' }]),
    ...routeFaults(routes),
  ]
}

function routeFaults(routes: unknown): readonly FeedFault[] {
  if (!Array.isArray(routes) || routes.length === 0)
    return [{ path: 'routes', message: 'expected a list of the paths of routes, such as ["/feeds/*"]' }]
  return routes.flatMap((route: unknown, at) => {
    const path = `routes[${at}]`
    if (typeof route !== 'string' || !isPathPattern(route) || placeholderIn(route) !== undefined)
      return [{ path, message: 'expected the path of a route' }]
    return routes.indexOf(route) < at ? [{ path, message: 'the same as an earlier one' }] : []
  })
}
