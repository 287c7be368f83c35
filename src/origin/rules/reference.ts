import type { Pool } from './pool.ts'

/**
 * Finds the addresses of servers in response fields, however spelt, and turns them into addresses of the gate. An origin
 * that names its own address would otherwise lead clients around the gate.
 */

/** The addresses of a pool, prepared for comparison. */
export interface Addresses {
  readonly servers: readonly Address[]
  /** The zone's own hosts, which lead to the gate: lower case, without port. */
  readonly hosts: readonly string[]
}

interface Address {
  /** As a URL parser writes it, without a trailing dot. */
  readonly hostname: string
  readonly port: string
  /** The path of the server's URL, without a slash at its end. */
  readonly base: string
}

/** Returns the addresses of a pool. A server asked by the public address of the zone has none of its own. */
export function addressesOf({ members }: Pool, hosts: readonly string[]): Addresses {
  const servers: Address[] = []
  for (const { server } of members) {
    const url = server.kind === 'url' ? URL.parse(server.url) : null
    if (url === null) continue
    const hostname = hostnameOf(url)
    if (url.port === '' && hosts.includes(hostname)) continue
    const found = { port: portOf(url), base: url.pathname.replace(/\/$/, '') }
    servers.push({ hostname, ...found })
    // Asked by the zone's host at a port of its own, the server names itself so.
    if (server.kind === 'url' && server.as !== undefined && url.port !== '') {
      servers.push(...hosts.map((host) => ({ hostname: host, ...found })))
    }
  }
  return { servers, hosts }
}

const DEFAULT_PORTS: Record<string, string> = { 'http:': '80', 'https:': '443', 'ws:': '80', 'wss:': '443' }

function portOf({ port, protocol }: URL): string {
  return port === '' ? (DEFAULT_PORTS[protocol] ?? '') : port
}

function hostnameOf({ hostname }: URL): string {
  return hostname.replace(/\.$/, '')
}

/**
 * Returns the server that a URL leads to. Servers know their name better than their port: the default port of the scheme
 * counts as the server's, unless the name is the zone's.
 */
function serverAt(url: URL, { servers, hosts }: Addresses): Address | undefined {
  if (!(url.protocol in DEFAULT_PORTS)) return undefined
  const hostname = hostnameOf(url)
  const port = portOf(url)
  return servers.find(
    (server) =>
      server.hostname === hostname && (server.port === port || (url.port === '' && !hosts.includes(hostname))),
  )
}

/**
 * Returns a reference as the client may see it: one to a server becomes a path at the gate. `at`: the requested URL.
 * Returns undefined if the reference may stay as it is, and an empty string if it names a server but cannot be read.
 */
export function referenceAtGate(reference: string, at: string, addresses: Addresses): string | undefined {
  const url = URL.parse(reference, at)
  if (url === null) return mentions(reference, addresses) ? '' : undefined
  const server = serverAt(url, addresses)
  if (server !== undefined) return pathAtGate(url, server.base)
  if (!/^[/\\](?![/\\])/.test(reference.trimStart())) return undefined
  const base = addresses.servers.find(({ base }) => base !== '' && isBelow(url.pathname, base))?.base
  return base === undefined ? undefined : pathAtGate(url, base)
}

/** Returns the path of a URL at the gate. A path that begins with two slashes would be read as a host (RFC 3986 §4.2). */
function pathAtGate({ pathname, search, hash }: URL, base: string): string {
  const path = base !== '' && isBelow(pathname, base) ? pathname.slice(base.length) || '/' : pathname
  return `${path.startsWith('//') ? '/.' : ''}${path}${search}${hash}`
}

function isBelow(path: string, base: string): boolean {
  return path.startsWith(base) && (path.length === base.length || path[base.length] === '/')
}

/** Returns true if a text may hold the address of a server. */
export function mentions(text: string, { servers }: Addresses): boolean {
  const lower = text.toLowerCase()
  return servers.some(({ hostname }) => lower.includes(hostname.replace(/^\[|\]$/g, '')))
}

/** An authority, either after the slashes of a URL or alone: a name with dots, or an IPv6 address. */
const ADDRESS =
  /(?:(?<![a-z0-9+.-])(?:https?|wss?):|(?<![a-z0-9+.:/-]))\/\/[^\s"'<>,;()\\/?#]+|(?<![\w.@%/:-])(?:\[[0-9a-f:.]+\]|[a-z0-9-]+(?:\.[a-z0-9-]+)+)(?::\d{1,5})?(?![\w.-])/gi

/** Replaces every address of a server in a text by that of the gate. `at`: the public URL of the gate. */
export function textAtGate(text: string, at: string, addresses: Addresses): string {
  const gate = new URL(at)
  let shown = ''
  let from = 0
  for (const { 0: found, index } of text.matchAll(ADDRESS)) {
    if (index < from) continue
    const isUrl = found.includes('//')
    const url = URL.parse(isUrl ? found : `//${found}`, at)
    const server = url === null ? undefined : serverAt(url, addresses)
    if (url === null || server === undefined) continue
    const end = index + found.length
    shown += `${text.slice(from, index)}${isUrl ? publicOf(found, gate) : gate.host}`
    from = end + (isUrl && server.base !== '' && isBelowAt(text, end, server.base) ? server.base.length : 0)
  }
  return from === 0 ? text : shown + text.slice(from)
}

function publicOf(found: string, { protocol, host }: URL): string {
  if (found.startsWith('//')) return `//${host}`
  const isSocket = /^ws/i.test(found)
  return `${isSocket ? protocol.replace('http', 'ws') : protocol}//${host}`
}

function isBelowAt(text: string, index: number, base: string): boolean {
  return (
    text.startsWith(base, index) &&
    /^(?:[/?#\s"'<>,;()]|$)/.test(text.slice(index + base.length, index + base.length + 1))
  )
}

const DOMAIN = /;[ \t]*domain[ \t]*=[ \t]*\.?([^;]*)/i

/** Removes the `Domain` of a cookie if it is a server's: no client of the gate would accept such a cookie. */
export function cookieAtGate(cookie: string, at: string, { servers }: Addresses): string {
  const domain = DOMAIN.exec(cookie)?.[1]?.trim().toLowerCase()
  if (domain === undefined || domain === '' || isWithin(new URL(at).hostname, domain)) return cookie
  return servers.some(({ hostname }) => isWithin(hostname, domain)) ? cookie.replace(DOMAIN, '') : cookie
}

/** Returns true if a host domain-matches (RFC 6265 §5.1.3). */
function isWithin(hostname: string, domain: string): boolean {
  return hostname === domain || hostname.endsWith(`.${domain}`)
}
