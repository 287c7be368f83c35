import { hmac } from '@noble/hashes/hmac.js'
import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js'
import { LruCache } from '../../core/lru.ts'
import { networkOf } from '../../http/rules/network.ts'

/** How many new views a network may open in a time. */
export interface NetworkBound {
  readonly views: number
  readonly seconds: number
}

interface CountedNetwork {
  count: number
}

const MAX_BYTES = 16 * 1024 * 1024

/**
 * Counts the new views of each network in this isolate's memory, under a name that is salted anew in each span of time. Nothing of
 * it is stored, and each isolate counts by itself.
 */
export class Networks {
  readonly #bound: NetworkBound
  readonly #key: Uint8Array
  readonly #counts = new LruCache<CountedNetwork>(MAX_BYTES)

  constructor(bound: NetworkBound, key: Uint8Array) {
    this.#bound = bound
    this.#key = key
  }

  /**
   * Counts one more page for the network of the address, before it is fetched: many requests at once are bounded, too. Returns
   * what gives it back; undefined if the network has opened all that it may. An unknown address has no bound.
   */
  reserve(address: string | undefined, now: number): (() => void) | undefined {
    const counted = this.#of(address, now)
    if (counted === undefined) return () => undefined
    if (counted.count >= this.#bound.views) return undefined
    counted.count += 1
    return () => void (counted.count -= 1)
  }

  #of(address: string | undefined, now: number): CountedNetwork | undefined {
    const network = address === undefined ? undefined : networkOf(address)
    if (network === undefined) return undefined
    const span = Math.floor(now / 1000 / this.#bound.seconds)
    const name = bytesToHex(hmac(sha256, this.#key, utf8ToBytes(`network ${span} ${network}`)).subarray(0, 12))
    const counted = this.#counts.get(name) ?? { count: 0 }
    this.#counts.set(name, counted)
    return counted
  }
}
