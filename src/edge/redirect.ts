import type { Pool } from '../core/pool.ts'

/** A redirect to a server of the pool leads to the same page at the gate: clients are not shown the way around it. */
export function atTheGate(response: Response, { members }: Pool): Response {
  const location = response.headers.get('location')
  if (location === null) return response
  for (const { server } of members) {
    const target = server.kind === 'url' ? targetBelow(server.url, location) : undefined
    if (target === undefined) continue
    const redirect = new Response(response.body, response)
    redirect.headers.set('location', target)
    return redirect
  }
  return response
}

function targetBelow(serverUrl: string, location: string): string | undefined {
  if (!location.startsWith(serverUrl)) return undefined
  const target = location.slice(serverUrl.length)
  if (target !== '' && !/^[/?#]/.test(target)) return undefined
  return target.startsWith('/') ? target : `/${target}`
}
