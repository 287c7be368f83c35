import type { Authority } from './authority.ts'
import type { Confirmation } from './confirmation.ts'
import type { Entitlement } from './entitlement.ts'
import type { Payment } from './payment.ts'
import type { Refusal } from '../core/problem.ts'
import type { Receipt } from './receipt.ts'
import { after, type Eventually } from '../core/eventually.ts'
import { err, ok, type Result } from '../core/result.ts'

/** A verified credential: what an account may do, what was paid, or what is about to be. */
export type Proof = Entitlement | Receipt | Payment

/** A proof that an issuer has signed: something may have been said of it since. */
export type TokenProof = Entitlement | Receipt

/** What one rail found in a request: a proof, or why it is none. */
export type Presentation = EntitlementPresentation | PaymentPresentation

export interface EntitlementPresentation {
  readonly role: 'entitlement'
  readonly rail: string
  readonly proof: Result<Entitlement, Refusal>
  /** Set for what a browser or proxy has added by itself: how far it goes. Absent for what its owner sent on purpose. */
  readonly authority?: Authority
  /** What its owner has confirmed to pay for this page. */
  readonly confirmed?: readonly Confirmation[]
}

export interface PaymentPresentation {
  readonly role: 'payment'
  readonly rail: string
  readonly proof: Result<Receipt | Payment, Refusal>
}

/** What a request presented, in the order of the zone's rails. The first of each role counts. */
export type Presented = readonly Presentation[]

/** Returns the entitlement that counts. */
export function entitlementIn(presented: Presented | undefined): EntitlementPresentation | undefined {
  if (presented !== undefined) for (const one of presented) if (one.role === 'entitlement') return one
  return undefined
}

/** Returns the receipt or payment that counts. */
export function paymentIn(presented: Presented | undefined): PaymentPresentation | undefined {
  if (presented !== undefined) for (const one of presented) if (one.role === 'payment') return one
  return undefined
}

/** Returns the receipt that counts, unless it is a payment that is still to be settled. */
export function receiptIn(presented: Presented | undefined): Result<Receipt, Refusal> | undefined {
  const proof = paymentIn(presented)?.proof
  if (proof?.ok !== true) return proof
  return proof.value.kind === 'receipt' ? ok(proof.value) : undefined
}

/** Replaces each token among what was presented by what `change` makes of it, one after the other. */
export function mapTokens(presented: Presented, change: ChangeToken): Eventually<Presented> {
  const from = (index: number, changed: Presented): Eventually<Presented> => {
    const one = presented[index]
    return one === undefined ? changed : after(mapOne(one, change), (next) => from(index + 1, [...changed, next]))
  }
  return from(0, [])
}

export type ChangeToken = <P extends TokenProof>(proof: Result<P, Refusal>) => Eventually<Result<P, Refusal>>

function mapOne(one: Presentation, change: ChangeToken): Eventually<Presentation> {
  if (one.role === 'entitlement') return after(change(one.proof), (proof) => ({ ...one, proof }))
  if (!one.proof.ok || one.proof.value.kind === 'payment') return one
  return after(change(ok(one.proof.value)), (proof) => ({ ...one, proof }))
}

/** Returns the account that asks, or undefined for what was paid: receipts and payments are bearer instruments. */
export function readerOf(proof: Proof | undefined): Entitlement | undefined {
  return proof?.kind === 'entitlement' ? proof : undefined
}

/** Wraps a refusal that comes after verification, keeping the account's hash for the log. */
export function refusedTo({ accountHash }: Proof, why: Refusal): Result<never, Refusal> {
  return err(accountHash === undefined ? why : { ...why, account: accountHash })
}
