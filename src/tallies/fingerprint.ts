import { base64url } from 'jose'
import type { Site } from '../site.ts'

const BYTES = 9
/** Of terms that have no text, as those of a plug-in that refers to itself. No change of them shows. */
const UNNAMED = 'unnamed'

/**
 * Returns a name for the terms of a configuration, which changes with them: the routes of all zones, with what opens them and
 * what it costs. Not of secrets.
 */
export async function fingerprintOf(sites: ReadonlyMap<string, Site>): Promise<string> {
  const zones = Array.from(new Set(sites.values()), ({ zone: { id, hosts, routes, offers } }) => ({
    id,
    hosts,
    offers,
    routes: [...routes.entries.map(({ route }) => route), routes.unmatched],
  }))
  const text = textOf(zones)
  if (text === undefined) return UNNAMED
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text))
  return base64url.encode(new Uint8Array(digest).subarray(0, BYTES))
}

function textOf(zones: unknown): string | undefined {
  try {
    return JSON.stringify(zones, plain)
  } catch {
    return undefined
  }
}

/** What JSON leaves out, but for functions and keys. */
function plain(_name: string, value: unknown): unknown {
  if (typeof value === 'bigint') return String(value)
  if (value instanceof Map) return Array.from(value as Map<unknown, unknown>)
  if (value instanceof Set) return Array.from(value as Set<unknown>)
  if (value instanceof RegExp) return value.source
  return value instanceof CryptoKey ? undefined : value
}
