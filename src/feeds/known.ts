import { LruCache } from '../core/lru.ts'
import type { Refusal } from '../core/problem.ts'
import { ok, type Result } from '../core/result.ts'
import type { IssuedName } from '../standing/issued.ts'
import type { Zone } from '../zone.ts'
import { readFeedToken, secretOf } from './token.ts'

/** A genuine feed token. Its record says whether it still opens something. */
export interface KnownFeed {
  readonly name: IssuedName & { readonly route: string }
  /** The hash by which its record knows the token. */
  readonly secret: string
  readonly toleranceSeconds: number
}

/** Verifies feed tokens. One that was seen before costs no cryptography. */
export type FeedTokens = (token: string, zone: Zone) => Result<KnownFeed, Refusal>

const TOKENS_BYTES = 2 * 1024 * 1024

/** Creates the memory of genuine tokens of one rail. */
export function createFeedTokens(): FeedTokens {
  const memories = new WeakMap<Zone, LruCache<KnownFeed>>()
  return (token, zone) => {
    const memory = memories.get(zone) ?? new LruCache<KnownFeed>(TOKENS_BYTES)
    memories.set(zone, memory)
    const before = memory.get(token)
    if (before !== undefined) return ok(before)
    const read = readFeedToken(token, zone.gateKeys, zone)
    if (!read.ok) return read
    const { issuer, account, id, route } = read.value
    const trusted = zone.issuers.find((one) => one.issuer === issuer)
    const name = { kind: 'feed' as const, id, issuer, account, route }
    const known = { name, secret: secretOf(token), toleranceSeconds: trusted?.clockToleranceSeconds ?? 0 }
    memory.set(token, known)
    return ok(known)
  }
}
