import type { JsonMembers } from '../../core/json.ts'
import type { Money } from '../../core/money.ts'
import type { Refusal } from '../../core/problem.ts'
import type { Result } from '../../core/result.ts'
import type { PaymentSettler, SettlerPlatform } from '../rail.ts'
import type { PaymentCredential } from './rules/credential.ts'

/** A method of MPP by which a charge is paid: what its challenges ask for, what its credentials prove, and who settles them. */
export interface ChargeMethod {
  /** The name on the wire: lower-case letters. */
  readonly name: string
  /** Returns what challenges for this amount ask for, one for each way to pay it; none if the method cannot charge it. */
  requestsFor(amount: Money): readonly JsonMembers[]
  /** Reads how a credential pays what was asked. Waits for nothing; proves only what can be told from the credential. */
  read(credential: PaymentCredential, request: JsonMembers): Result<MethodPayment, Refusal>
  createSettler(platform: SettlerPlatform): MethodSettler
}

/** A payment by one method. */
export interface MethodPayment {
  /** Names what moves the money. */
  readonly name: string
  readonly payer: string | undefined
  /** As that of a payment. */
  readonly signature?: string
  /** What its settler needs of the credential, and of what was asked for. */
  readonly payload: JsonMembers
  readonly requirements: JsonMembers
  /** When it can be settled, in seconds since 1970. Default: until its challenge expires. */
  readonly notBefore?: number
  readonly expires?: number
}

/** Settles payments of one method, each as its method has read it. */
export type MethodSettler = Pick<PaymentSettler, 'settle' | 'verify'>
