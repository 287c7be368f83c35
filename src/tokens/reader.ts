import type { Issuer, TokenKind } from '../access/issuer.ts'
import type { Refusal } from '../core/problem.ts'
import type { Result } from '../core/result.ts'
import type { JsonObject } from './jws.ts'

/** Reads the claims of one kind of token. */
export interface TokenReader<C> {
  readonly kind: TokenKind
  /** Reads claims whose signature is good. Times are read here and judged at each use. Error: `credential-invalid`. */
  readonly read: (payload: JsonObject, issuer: Issuer) => Result<C, Refusal>
  /** Returns the account, for the log. */
  readonly accountOf: (claims: C) => string | undefined
  /** Returns what the claims take in memory beside their text, about, in bytes. */
  readonly bytesOf: (claims: C) => number
}
