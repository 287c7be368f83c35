import { LruCache } from '../core/lru.ts'
import { refusal, type Refusal } from '../core/problem.ts'
import { networkOf } from '../http/rules/network.ts'
import type { AdmittedRequest } from '../ports.ts'
import type { FailureBound } from '../rails/rail.ts'

const MAX_BYTES = 1024 * 1024

/**
 * Counts the payments of each client that were declined, in this isolate's memory: each of them has cost a call to whoever moves
 * the money, and a ledger of its own. A client whose address is not known has no bound.
 */
export class PaymentFailures {
  readonly #clientAddress: (request: Request) => string | undefined
  readonly #counts = new LruCache<{ count: number }>(MAX_BYTES)

  constructor(clientAddress: (request: Request) => string | undefined) {
    this.#clientAddress = clientAddress
  }

  /** Returns the refusal of a client with too many declined payments; undefined for all others. */
  refusalOf(admitted: AdmittedRequest, { requests, seconds }: FailureBound, now: number): Refusal | undefined {
    const key = this.#keyOf(admitted, seconds, now)
    const count = key === undefined ? 0 : (this.#counts.get(key)?.count ?? 0)
    if (count < requests) return undefined
    const retryAfterSeconds = Math.max(1, seconds - Math.floor((now / 1000) % seconds))
    return refusal('too-many-requests', TOO_MANY_DECLINED, { check: 'charge', retryAfterSeconds })
  }

  note(admitted: AdmittedRequest, { seconds }: FailureBound, now: number): void {
    const key = this.#keyOf(admitted, seconds, now)
    if (key === undefined) return
    const counted = this.#counts.get(key) ?? { count: 0 }
    counted.count += 1
    this.#counts.set(key, counted)
  }

  #keyOf({ zone, request }: AdmittedRequest, seconds: number, now: number): string | undefined {
    const address = this.#clientAddress(request)
    if (address === undefined) return undefined
    const client = address.includes(':') ? networkOf(address) : address
    return `${zone.id} ${Math.floor(now / 1000 / seconds)} ${client}`
  }
}

const TOO_MANY_DECLINED = 'Too many payments from here were declined. Nothing was charged.'
