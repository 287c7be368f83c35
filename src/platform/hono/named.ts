import { withTimeout } from '../../http/timeout.ts'
import { PASSTHROUGH } from '../../http/passthrough.ts'
import { received } from '../../http/received.ts'
import { err, ok } from '../../core/result.ts'
import type { MeterPlatform } from '../../meters/plugin.ts'
import type { AdmittedRequest, Origin } from '../../ports.ts'

/** Returns true if a request names a server that a meter of the zone has brought. */
export function isNamed({ server, zone }: AdmittedRequest): boolean {
  if (server === undefined || zone.pool === undefined) return false
  return zone.pool.members.some(({ name, isNamedOnly }) => name === server && isNamedOnly === true)
}

/**
 * Asks the server that a request names, in place of the app. Redirects are returned, not followed. Errors: `origin-unreachable`,
 * `origin-timeout`.
 */
export async function askNamed(
  { server, path, route }: AdmittedRequest,
  outgoing: () => Request,
  { fetch, clock }: Pick<MeterPlatform, 'fetch' | 'clock'>,
): Promise<Awaited<ReturnType<Origin>>> {
  const asked = outgoing()
  const { pathname, search } = new URL(asked.url)
  const abort = new AbortController()
  const init = { method: asked.method, headers: asked.headers, redirect: 'manual', signal: abort.signal } as const
  try {
    // What was read to bound the request is in memory: sent as it is, it has its length.
    const body = asked.body === null ? {} : { body: await asked.arrayBuffer() }
    const url = `${server?.replace(/\/$/, '')}${path ?? `${pathname}${search}`}`
    const answered = await withTimeout(fetch(url, { ...init, ...body, ...PASSTHROUGH }), route.limits.responseMs)
    if (answered === undefined) abort.abort()
    return answered === undefined
      ? err('origin-timeout')
      : ok({ response: received(changeable(answered), clock(), true) })
  } catch {
    return err('origin-unreachable')
  }
}

function changeable(response: Response): Response {
  return new Response(response.body, { ...headOf(response), encodeBody: 'manual' })
}

function headOf({ status, statusText, headers }: Response): ResponseInit {
  return { status, statusText, headers }
}
