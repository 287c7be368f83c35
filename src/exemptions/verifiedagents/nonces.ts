import { LruCache } from '../../core/lru.ts'
import type { Exchange } from '../../http/rules/exchange.ts'
import type { SentSignature } from '../../rails/crawl/rules/signatures.ts'

/** Room for some thousand signatures: more than a crawler makes in the five minutes that one is good for. */
const MEMORY_BYTES = 4 * 1024 * 1024

/**
 * The nonces of signatures that opened a page, with that page, in one isolate.
 *
 * A signature need not cover what it asks for, so whoever saw one could read other pages by it. One with a nonce says that it is of
 * one request: it opens the first page that it came for, and a client may try that again. What is forgotten, or was seen by another
 * isolate, is bounded by the age of the signature alone.
 */
export class Nonces {
  readonly #pages = new LruCache<string>(MEMORY_BYTES, (page) => page.length * 2)

  /** Returns true if a verified signature may open the page of a request. */
  opens(
    agent: string,
    { keyid, nonce }: Pick<SentSignature, 'keyid' | 'nonce'>,
    { origin, target }: Pick<Exchange, 'origin' | 'target'>,
  ): boolean {
    if (nonce === undefined) return true
    const name = JSON.stringify([agent, keyid, nonce])
    const page = `${origin}${target.path}${target.query}`
    const known = this.#pages.get(name)
    if (known === undefined) this.#pages.set(name, page)
    return known === undefined || known === page
  }
}
