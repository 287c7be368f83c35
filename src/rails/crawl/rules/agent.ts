/**
 * The place where an agent publishes its keys, and which places the gate fetches from.
 *
 * Whoever signs a request names the place, so the place is hostile input: a gate that fetched whatever it is told would fetch from the
 * network that it stands in. A name that resolves to an address of that network cannot be seen here: on Cloudflare the flag
 * `global_fetch_strictly_public` bars it, and by default an operator lists the agents.
 */
import { type Item, parseItem, Token } from 'structured-headers'

/** How keys are found at an agent's URL. */
export type Discovery = 'directory' | 'jwks_uri' | 'cimd'

/** Where an agent publishes its keys. */
export interface AgentPlace {
  readonly discovery: Discovery
  /** The identity: an origin for a directory, else a URL with a path. Two spellings of one are one. */
  readonly identity: string
  /** The URL to fetch. */
  readonly url: string
}

/** Where a directory is, on the origin that names it. */
const DIRECTORY_PATH = '/.well-known/http-message-signatures-directory'
const MAX_CHARACTERS = 512

/** Reads a member of `Signature-Agent`. Undefined if its type is unknown, or if nobody should fetch from its URL. */
export function memberPlace([value, parameters]: Item): AgentPlace | undefined {
  const type = parameters.get('type')
  if (typeof value !== 'string') return undefined
  if (type === undefined) return placeAt(value, 'directory')
  const name = type instanceof Token ? type.toString() : ''
  return name === 'directory' || name === 'jwks_uri' || name === 'cimd' ? placeAt(value, name) : undefined
}

/** Reads the older form of the field: one string, which names the origin of a directory. */
export function legacyAgentPlace(field: string): AgentPlace | undefined {
  try {
    const [value] = parseItem(field)
    return typeof value === 'string' ? placeAt(value, 'directory') : undefined
  } catch {
    return undefined
  }
}

function placeAt(text: string, discovery: Discovery): AgentPlace | undefined {
  const url = publicUrl(text)
  if (url === undefined) return undefined
  if (discovery !== 'directory') return { discovery, identity: url.href, url: url.href }
  if (text !== url.origin && text !== `${url.origin}/`) return undefined
  return { discovery, identity: url.origin, url: `${url.origin}${DIRECTORY_PATH}` }
}

/** Returns the identity of an agent that an operator names; undefined if no agent can have it. */
export function namedIdentity(text: string): string | undefined {
  const url = publicUrl(text)
  if (url === undefined) return undefined
  return url.pathname === '/' ? url.origin : url.href
}

/**
 * Returns a URL to fetch keys from: https on its own port, a name with a dot that is not of a local network, in its one spelling,
 * without user, query or fragment. Undefined for every other.
 */
export function publicUrl(text: string): URL | undefined {
  if (text.length > MAX_CHARACTERS || !/^https:\/\/[a-z0-9]/.test(text)) return undefined
  const url = URL.parse(text)
  if (url === null || (url.href !== text && url.href !== `${text}/`)) return undefined
  if (url.port !== '' || url.username !== '' || url.password !== '' || /[?#]/.test(text)) return undefined
  return isPublicName(url.hostname) ? url : undefined
}

/** Names that are of a machine or a local network wherever they are asked for (RFC 6761, RFC 6762, RFC 8375, and by use). */
const LOCAL = new Set(['local', 'internal', 'localhost', 'localdomain', 'lan', 'home', 'corp', 'intranet', 'private'])
/** Names of special use, which are of no site. */
const SPECIAL = new Set(['arpa', 'onion', 'invalid'])

function isPublicName(host: string): boolean {
  const labels = host.split('.')
  const last = labels.at(-1) ?? ''
  // An address of IPv6 is in brackets; one of IPv4 ends in a number, however it was written: URL parsers make four of it.
  if (labels.length < 2 || !/^(?=.*[a-z])[a-z0-9-]+$/.test(last)) return false
  return !LOCAL.has(last) && !SPECIAL.has(last)
}
