import type { Issuer, TokenKind } from '../access/issuer.ts'
import type { Refusal } from '../core/problem.ts'
import type { Result } from '../core/result.ts'
import type { JsonObject } from './jws.ts'

/** How tokens of one kind are read once their signature is good, and how much of them is remembered for each zone. */
export interface TokenReader<C> {
  readonly kind: TokenKind
  /** Reads the claims; times are read, and judged at each use. Error: `credential-invalid`. */
  readonly read: (payload: JsonObject, issuer: Issuer) => Result<C, Refusal>
  /** Whose it is, for the log. */
  readonly accountOf: (claims: C) => string | undefined
  readonly bytes: { readonly genuine: number; readonly forged: number }
}
