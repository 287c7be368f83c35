import type { Proof } from '../access/proof.ts'
import { LruCache } from '../core/lru.ts'

/** An account, or one token or receipt, by its own names. */
export interface NamedSubject {
  readonly issuer: string
  /** Exactly one of the two. */
  readonly account?: string
  readonly jti?: string
}

/** Of subjects that are remembered, in an isolate: some ten thousand, of the last seconds of a busy one. */
const MAX_BYTES = 2 * 1024 * 1024

/**
 * Who is behind a hash, as this isolate has just seen them: findings come in hashes, and whoever acts on one needs the name. It
 * is never posted or logged. What is forgotten is remembered with the next request of the same suspect.
 */
export class Subjects {
  readonly #known = new LruCache<NamedSubject>(MAX_BYTES, ({ issuer, account, jti }) => {
    return 2 * (issuer.length + (account ?? jti ?? '').length)
  })

  /** Remembers what a genuine credential names. `token`: its hash. */
  remember(zone: string, proof: Proof, token: string | undefined): void {
    if (proof.kind === 'payment') return
    const { issuer, jti, accountHash } = proof
    if (proof.kind === 'entitlement' && accountHash !== undefined)
      this.#keep(`${zone} account ${accountHash}`, { issuer, account: proof.account })
    if (token !== undefined && jti !== undefined) this.#keep(`${zone} token ${token}`, { issuer, jti })
  }

  #keep(name: string, subject: NamedSubject): void {
    if (this.#known.get(name) === undefined) this.#known.set(name, subject)
  }

  find(zone: string, suspect: string, key: string): NamedSubject | undefined {
    return this.#known.get(`${zone} ${suspect} ${key}`)
  }
}
