import type { Json } from '../core/json.ts'
import type { Money } from '../core/money.ts'
import type { Lifetime } from './lifetime.ts'

/**
 * A payment that a client has made or signed, which its rail has still to settle: a receipt of one use whose proof is
 * evidence from outside. It counts once, whatever field or wire it comes in, because it is named by what moves the money.
 */
export interface Payment extends Lifetime {
  readonly kind: 'payment'
  /** The rail that presented it, which settles it. */
  readonly rail: string
  /** Names the movement of money: for x402 its network, asset, payer and nonce. Never the bytes of a field. */
  readonly name: string
  readonly amount: Money
  readonly payer: string | undefined
  /** What the rail settles, and by which requirements of the server's: kept with the claim. */
  readonly payload: Json
  readonly requirements: Json
  readonly jti?: undefined
  readonly status?: undefined
  /** The payer as it appears in the log: a keyed hash, or nothing without a key. */
  readonly accountHash: string | undefined
}
