import { readBounded } from '../../http/download.ts'
import type { Platform } from '../../ports.ts'
import { type AgentPlace, publicUrl } from './rules/agent.ts'
import { type AgentKeys, agentKeysIn, freshMs, keysOfMetadata } from './rules/keys.ts'

/** The time limit of all fetches for one place. */
export const FETCH_MS = 2000
const MAX_BYTES = 64 * 1024

/** Keys as they were fetched, and how long they are fresh. */
export interface FetchedKeys {
  readonly keys: AgentKeys
  readonly freshMs: number
}

/** Fetches the keys of a place. Throws, with a message fit for the log, on anything but a `200` with keys. */
export async function fetchKeys(place: AgentPlace, fetch: Platform['fetch']): Promise<FetchedKeys> {
  const signal = AbortSignal.timeout(FETCH_MS)
  const first = await fetchJson(place.url, fetch, signal)
  if (place.discovery !== 'cimd') return { keys: keysOrThrow(agentKeysIn(first.json)), freshMs: first.freshMs }
  const stated = keysOfMetadata(first.json)
  if (stated === undefined) throw new Error('no keys')
  if ('keys' in stated) return { keys: stated.keys, freshMs: first.freshMs }
  const url = publicUrl(stated.url)
  if (url === undefined) throw new Error('its keys are at a place that is not fetched from')
  const second = await fetchJson(url.href, fetch, signal)
  return { keys: keysOrThrow(agentKeysIn(second.json)), freshMs: Math.min(first.freshMs, second.freshMs) }
}

function keysOrThrow(keys: AgentKeys | undefined): AgentKeys {
  if (keys === undefined) throw new Error('not a JWK Set, or one with too many keys')
  return keys
}

const ACCEPT = 'application/http-message-signatures-directory+json, application/jwk-set+json, application/json'

async function fetchJson(
  url: string,
  fetch: Platform['fetch'],
  signal: AbortSignal,
): Promise<{ readonly json: unknown; readonly freshMs: number }> {
  const response = await fetch(url, { redirect: 'manual', cache: 'no-store', signal, headers: { accept: ACCEPT } })
  if (response.status !== 200) {
    await response.body?.cancel()
    throw new Error(`status ${response.status}`)
  }
  const text = await readBounded(response, MAX_BYTES)
  return { json: jsonIn(text), freshMs: freshMs(response.headers.get('cache-control')) }
}

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new Error('not JSON')
  }
}
