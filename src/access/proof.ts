import type { Authority } from './authority.ts'
import type { Confirmation } from './confirmation.ts'
import type { Entitlement } from './entitlement.ts'
import type { Payment } from './payment.ts'
import { type Check, refusal, type Refusal } from '../core/problem.ts'
import type { Receipt } from './receipt.ts'
import type { Field } from '../http/rules/exchange.ts'
import { after, type Eventually } from '../core/eventually.ts'
import { err, ok, type Result } from '../core/result.ts'

/** A verified credential: an account's entitlements, a receipt, or a payment to be settled. */
export type Proof = Entitlement | Receipt | Payment

/** A proof that an issuer has signed. Later statements about it are possible. */
export type TokenProof = Entitlement | Receipt

/** The finding of one rail in a request: a proof, or the refusal of one. */
export type Presentation = EntitlementPresentation | PaymentPresentation

export interface EntitlementPresentation {
  readonly role: 'entitlement'
  readonly rail: string
  readonly proof: Result<Entitlement, Refusal>
  /** The bound of a credential that a browser or proxy added; undefined if its owner sent it on purpose. */
  readonly authority?: Authority
  /** True if the credential pays no price, confirmed or not: whoever sees it could spend its owner's money. */
  readonly paysNoPrice?: true
  /** The prices that the owner has confirmed for this page. */
  readonly confirmed?: readonly Confirmation[]
  /** Response fields that go with the answer, whatever that is. */
  readonly fields?: readonly Field[]
  /** Response fields that go with a served answer that was charged. */
  readonly chargedFields?: readonly Field[]
}

export interface PaymentPresentation {
  readonly role: 'payment'
  readonly rail: string
  readonly proof: Result<Receipt | Payment, Refusal>
  /** The bound of a receipt that a browser added; undefined if its holder sent it on purpose. */
  readonly authority?: Authority
  /** The uses of the receipt that its holder has confirmed for this page. */
  readonly confirmed?: readonly Confirmation[]
  /** As for an entitlement. */
  readonly fields?: readonly Field[]
}

/**
 * Every finding in a request, in the order of the zone's rails. The first entitlement counts; of payments, the one that
 * `paymentIn` returns.
 */
export type Presented = readonly Presentation[]

/** Returns the response fields of all findings; undefined if there are none. */
export function fieldsIn(presented: Presented | undefined): readonly Field[] | undefined {
  let found: readonly Field[] | undefined
  if (presented !== undefined)
    for (const { fields } of presented)
      if (fields !== undefined) found = found === undefined ? fields : [...found, ...fields]
  return found
}

/** Returns the entitlement that counts. */
export function entitlementIn(presented: Presented | undefined): EntitlementPresentation | undefined {
  if (presented !== undefined) for (const one of presented) if (one.role === 'entitlement') return one
  return undefined
}

/** Returns the response fields for a served answer that was charged to `payer`: those of its own presentation. */
export function chargedFieldsIn(presented: Presented | undefined, payer: Proof | undefined): readonly Field[] {
  const counting = entitlementIn(presented)
  return counting?.proof.ok === true && counting.proof.value === payer ? (counting.chargedFields ?? []) : []
}

/**
 * Returns the receipt or payment that counts: one sent on purpose before one that a browser added, a genuine one before one
 * that is not, and a receipt before a payment, which would move money. Two different payments are ambiguous.
 */
export function paymentIn(presented: Presented | undefined): PaymentPresentation | undefined {
  let added: PaymentPresentation | undefined
  let sent: PaymentPresentation | undefined
  if (presented !== undefined)
    for (const one of presented) {
      if (one.role !== 'payment') continue
      if (one.authority !== undefined) added ??= one
      else sent = sent === undefined ? one : countingOf(sent, one)
    }
  return sent ?? added
}

const TWO_PAYMENTS = /* @__PURE__ */ refusal(
  'credential-ambiguous',
  'The request has two different payments. Nothing was charged.',
  { check: 'spelling' },
)

function countingOf(first: PaymentPresentation, other: PaymentPresentation): PaymentPresentation {
  if (!first.proof.ok || !other.proof.ok) return first.proof.ok || !other.proof.ok ? first : other
  const [one, two] = [first.proof.value, other.proof.value]
  if (one.kind === 'receipt') return first
  if (two.kind === 'receipt') return other
  return one.name === two.name ? first : { ...first, proof: err(TWO_PAYMENTS) }
}

/** Returns the receipt that counts; undefined if a payment counts instead. */
export function receiptIn(presented: Presented | undefined): Result<Receipt, Refusal> | undefined {
  const proof = paymentIn(presented)?.proof
  if (proof?.ok !== true) return proof
  return proof.value.kind === 'receipt' ? ok(proof.value) : undefined
}

/** What a request presented, for the log. */
export interface CredentialFacts {
  readonly rail: string
  /** True if a credential was genuine, whatever becomes of the request. */
  readonly isVerified: boolean
  /** The credential that counts, if it is good. Never written as it is. */
  readonly proof?: Proof
  /** True if there was no other. */
  readonly isAlone?: boolean
}

/** Returns what was presented; `proof`: the one that the decision rests on. */
export function credentialFactsOf(
  presented: Presented | undefined,
  proof: Proof | undefined,
): CredentialFacts | undefined {
  const first = presented?.[0]
  if (presented === undefined || first === undefined) return undefined
  const counting = presented.find((one) => one.proof.ok && one.proof.value === proof) ?? first
  const facts = { rail: counting.rail, isVerified: presented.some(isVerified), isAlone: presented.length === 1 }
  return counting.proof.ok ? { ...facts, proof: counting.proof.value } : facts
}

const AFTER_VERIFICATION: ReadonlySet<Check | undefined> = new Set<Check>([
  'time',
  'standing',
  'cover',
  'charge',
  'reserved',
])

function isVerified({ proof }: Presentation): boolean {
  return proof.ok || AFTER_VERIFICATION.has(proof.error.check)
}

/** Replaces each token in `presented` by the result of `change`, one after the other. */
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

/** Returns the account, or undefined for a receipt or payment: those are bearer instruments. */
export function readerOf(proof: Proof | undefined): Entitlement | undefined {
  return proof?.kind === 'entitlement' ? proof : undefined
}

/** Wraps a refusal that comes after verification, keeping the account's hash for the log. */
export function refusedTo({ accountHash }: Proof, why: Refusal): Result<never, Refusal> {
  return err(accountHash === undefined ? why : { ...why, account: accountHash })
}
