import { after } from '../core/eventually.ts'
import type { Stored } from './rules/stored.ts'
import { unreadableOf } from './rules/unreadable.ts'
import type { CopyStore, StoredCopy } from '../ports.ts'
import { createMemoryStore } from './memorystore.ts'

const CACHE_NAME = 'faregate'
/** A host that no client can ask for: copies are reached through the gate alone. */
const KEY_ORIGIN = 'https://faregate.invalid/'
/** Keeps the Cache API from expiring copies: the gate judges freshness. */
const KEEP = 'public, max-age=31536000'
const STORED_FIELD = 'faregate-stored'

function urlOf(kind: 'copy' | 'facts', key: string): string {
  return `${KEY_ORIGIN}${kind}/${encodeURIComponent(key)}`
}

/** Writes a value as JSON in ASCII, for a header field. */
function ascii(value: unknown): string {
  return JSON.stringify(value).replace(
    /[^\x20-\x7e]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}

/** Keeps copies in a named cache of the Cache API, under URLs that no request has. */
function createCacheApiStore(open: () => Promise<Cache>): CopyStore {
  const put = async (
    url: string,
    body: Uint8Array | string,
    fields: Record<string, string>,
    unreadable?: Headers,
  ): Promise<void> => {
    const headers = new Headers(unreadable)
    for (const [name, value] of Object.entries({ 'cache-control': KEEP, ...fields })) headers.set(name, value)
    const cache = await open()
    await cache.put(url, new Response(body, { headers }))
  }
  return {
    async get(key): Promise<StoredCopy | undefined> {
      const found = await (await open()).match(urlOf('copy', key))
      const stored = found?.headers.get(STORED_FIELD)
      if (found === undefined || stored === null || stored === undefined) return undefined
      const bytes = Number(found.headers.get('content-length') ?? 0)
      const described = JSON.parse(stored) as Stored
      const unreadable = unreadableOf(described, found.headers)
      return { stored: described, content: found.body ?? new Uint8Array(), bytes, unreadable }
    },
    put(key, { stored, content, unreadable }) {
      const fields = {
        'content-type': 'application/octet-stream',
        'content-length': String(content.length),
        [STORED_FIELD]: ascii(stored),
      }
      return put(urlOf('copy', key), content, fields, unreadable)
    },
    async getFacts(key) {
      const found = await (await open()).match(urlOf('facts', key))
      return found?.json()
    },
    putFacts: (key, facts) => put(urlOf('facts', key), ascii(facts), { 'content-type': 'application/json' }),
    async delete(key) {
      const cache = await open()
      await cache.delete(urlOf('copy', key))
      await cache.delete(urlOf('facts', key))
    },
  }
}

/**
 * Creates the store of the embedded cache: the Cache API if the runtime has one, else at most `maxBytes` in this isolate's
 * memory. A runtime may name the Cache API and have none behind the name, so the first call probes.
 */
export function createStore(maxBytes: number, caches: CacheStorage | undefined): CopyStore {
  if (caches === undefined) return createMemoryStore(maxBytes)
  const memory = createMemoryStore(maxBytes)
  const api = createCacheApiStore(() => caches.open(CACHE_NAME))
  let chosen: CopyStore | undefined
  const store = (): CopyStore | Promise<CopyStore> => chosen ?? probe()
  const probe = async (): Promise<CopyStore> => {
    try {
      await (await caches.open(CACHE_NAME)).match(urlOf('facts', 'probe'))
      chosen = api
    } catch {
      chosen ??= memory
    }
    return chosen
  }
  return {
    get: (key) => after(store(), (kept) => kept.get(key)),
    put: (key, copy) => after(store(), (kept) => kept.put(key, copy)),
    getFacts: (key) => after(store(), (kept) => kept.getFacts(key)),
    putFacts: (key, facts) => after(store(), (kept) => kept.putFacts(key, facts)),
    delete: (key) => after(store(), (kept) => kept.delete(key)),
  }
}
