import { LruCache } from '../../core/lru.ts'
import { withTimeout } from '../../http/timeout.ts'
import { logWarning } from '../../log.ts'
import type { CopyStore } from '../../ports.ts'
import type { FetchedKeys } from './fetchkeys.ts'
import type { AgentPlace } from './rules/agent.ts'
import { agentKeysIn } from './rules/keys.ts'

/** Fetched keys. `asOf`: the start of the fetch. */
export interface KeysCopy extends FetchedKeys {
  readonly asOf: number
}

/** Keeps fetched keys: in this isolate, and in the store of the platform if it has one. */
export interface KeptKeys {
  get(place: AgentPlace): KeysCopy | undefined
  put(place: AgentPlace, copy: KeysCopy): void
  /** Keeps the keys in the store as well. A store that fails keeps nothing. */
  share(place: AgentPlace): Promise<void>
  /** Reads the keys that another isolate has fetched, unless this one has keys. */
  restore(place: AgentPlace): Promise<void>
}

/** The room that one key takes, generously. */
const KEY_BYTES = 2048
/** A store that does not answer soon counts as an empty one. */
const STORE_MS = 500

/** Names a place: one URL may publish keys in several ways. */
export function placeName({ url, discovery }: AgentPlace): string {
  return `agent ${discovery} ${url}`
}

/** Keeps keys of at most `maxBytes` in this isolate. */
export function createKeptKeys(maxBytes: number, store: CopyStore | undefined): KeptKeys {
  const known = new LruCache<KeysCopy>(maxBytes, ({ keys }) => keys.size * KEY_BYTES)
  const get = (place: AgentPlace): KeysCopy | undefined => known.get(placeName(place))
  const put = (place: AgentPlace, copy: KeysCopy): void => known.set(placeName(place), copy)
  return {
    get,
    put,
    async share(place) {
      const copy = get(place)
      if (copy === undefined) return
      const { keys, asOf, freshMs } = copy
      const published = [...keys.values()].map(({ jwk, notBefore: nbf, expires: exp }) => ({ ...jwk, nbf, exp }))
      try {
        await store?.putFacts(placeName(place), { keys: published, asOf, freshMs })
      } catch {
        logWarning({ agentKeys: new URL(place.url).host, error: 'not kept' })
      }
    },
    async restore(place) {
      try {
        const found = store && (await withTimeout(Promise.resolve(store.getFacts(placeName(place))), STORE_MS))
        const copy = copyIn(found)
        if (copy !== undefined && get(place) === undefined) put(place, copy)
      } catch {
        // as an empty store
      }
    },
  }
}

function copyIn(kept: unknown): KeysCopy | undefined {
  if (typeof kept !== 'object' || kept === null || !('asOf' in kept) || !('freshMs' in kept)) return undefined
  const { asOf, freshMs: ms } = kept
  const keys = agentKeysIn(kept)
  return typeof asOf === 'number' && typeof ms === 'number' && keys !== undefined
    ? { keys, asOf, freshMs: ms }
    : undefined
}
