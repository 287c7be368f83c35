import type { Server } from '../origin/rules/pool.ts'

/** Under what URL a server is asked, and where to connect for that, where it is not to the host of the URL. */
export interface Address {
  readonly url: string
  readonly connectTo?: string
}

/**
 * `fetch` writes the host of its URL into `Host`, and takes no other. So a server that wants to be asked by the public host
 * is asked under that, and the platform is told to connect to the server. `at`: the public URL that was asked for;
 * `target`: its path and query; `canConnectElsewhere`: the platform does as it is told.
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
