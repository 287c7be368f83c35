import { hmac } from '@noble/hashes/hmac.js'
import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js'
import { LruCache } from '../../core/lru.ts'
import { networkOf } from './rules/network.ts'

/** How many new views a network may open in a time. */
export interface NetworkBound {
  readonly views: number
  readonly seconds: number
}

interface CountedNetwork {
  readonly span: number
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

  /** Returns true if the network of the address may open one more page. An unknown address has no bound. */
  mayOpen(address: string | undefined, now: number): boolean {
    const counted = this.#of(address, now)
    return counted === undefined || counted.count < this.#bound.views
  }

  /** Counts a page that was opened. */
  count(address: string | undefined, now: number): void {
    const counted = this.#of(address, now)
    if (counted !== undefined) counted.count += 1
  }

  #of(address: string | undefined, now: number): CountedNetwork | undefined {
    const network = address === undefined ? undefined : networkOf(address)
    if (network === undefined) return undefined
    const span = Math.floor(now / 1000 / this.#bound.seconds)
    const name = bytesToHex(hmac(sha256, this.#key, utf8ToBytes(`network ${span} ${network}`)).subarray(0, 12))
    const counted = this.#counts.get(name) ?? { span, count: 0 }
    this.#counts.set(name, counted)
    return counted
  }
}
