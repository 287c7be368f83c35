import type { Json } from '../core/json.ts'
import type { Money } from '../core/money.ts'
import type { Lifetime } from './lifetime.ts'
import type { Pack } from './pack.ts'

/**
 * A payment that a client has made or signed, and that its rail has yet to settle: a receipt of one use whose proof is
 * evidence from outside. It counts once, in whatever field or wire format it comes, because it is named by what moves the
 * money.
 */
export interface Payment extends Lifetime {
  readonly kind: 'payment'
  /** The rail that presented the payment and settles it. */
  readonly rail: string
  /** Names the movement of money: for x402 its network, asset, payer and nonce. Never the bytes of a field. */
  readonly name: string
  readonly amount: Money
  readonly payer: string | undefined
  /**
   * What its payer has signed it with, in its one spelling. A chain shows the name of each payment to everyone, so the name
   * alone proves nothing. Absent if nobody but the payer can know the name.
   */
  readonly signature?: string
  /** What it buys in place of one request; absent if it pays for one. */
  readonly pack?: Pack
  /** The payload to settle, and the server's requirements to settle it by: stored with the claim. */
  readonly payload: Json
  readonly requirements: Json
  readonly jti?: undefined
  readonly status?: undefined
  /** A keyed hash of the payer for the log; undefined without a key. */
  readonly accountHash: string | undefined
}
