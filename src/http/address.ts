import type { Server } from '../origin/rules/pool.ts'

/** The URL to request from a server. `connectTo`: the host to connect to, if other than the host of the URL. */
export interface Address {
  readonly url: string
  readonly connectTo?: string
}

/**
 * Returns the address of a server for one request.
 *
 * `fetch` writes the host of its URL into `Host`, and takes no other. A server configured for the public host is
 * therefore requested under the public host, and the platform is told to connect to the server. `at`: the public URL of
 * the request. `target`: its path and query. `canConnectElsewhere`: true if the platform honours `connectTo`.
 */
export function addressOf(
  server: Server & { kind: 'url' },
  at: string,
  target: string,
  canConnectElsewhere: boolean,
): Address {
  if (server.as === undefined || (server.as === 'zone where possible' && !canConnectElsewhere)) {
    return { url: `${server.url}${target}` }
  }
  const url = new URL(server.url)
  const { hostname: connectTo } = url
  url.hostname = new URL(at).hostname
  const address = `${url.href.replace(/\/$/, '')}${target}`
  return url.hostname === connectTo ? { url: address } : { url: address, connectTo }
}
