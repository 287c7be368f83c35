import type { Money } from '../core/money.ts'
import type { Reason } from '../core/problem.ts'

/**
 * What one machine payment buys in place of one request: it is settled once, and what follows needs no settlement. The request
 * that brings the payment is the first of its uses.
 */
export interface Pack {
  /** Its price, in the currency of the route. */
  readonly amount: Money
  readonly gives: PackGrant
}

/**
 * Requests, free passage from the first request, or prepaid credit for the account whose token came beside the payment: all of
 * the amount but the price of the request.
 */
export type PackGrant = ReceiptGrant | { readonly kind: 'credit' }

/** What a receipt of the gate gives. */
export type ReceiptGrant =
  | { readonly kind: 'uses'; readonly uses: number }
  | { readonly kind: 'pass'; readonly passSeconds: number }

/** The refusals that only a genuine token gets: somebody is there to whom credit may be given. */
const OF_ACCOUNTS: ReadonlySet<Reason> = new Set<Reason>([
  'credit-insufficient',
  'entitlement-insufficient',
  'usage-limit-reached',
])

/** Returns true if a refusal for this reason offers the pack. */
export function isOfferedFor(reason: Reason, pack: Pack | undefined): boolean {
  return pack?.gives.kind !== 'credit' || OF_ACCOUNTS.has(reason)
}

export function isSamePack(one: Pack, other: Pack): boolean {
  const kindOf = ({ amount, gives }: Pack): string => JSON.stringify([String(amount.units), amount.currency, gives])
  return one === other || kindOf(one) === kindOf(other)
}

/** The pack in JSON, as offers of machine payments name it: `{"uses": 100}`, `{"pass": 3600}`, `{"credit": true}`. */
export type PackView = { readonly uses: number } | { readonly pass: number } | { readonly credit: true }

export function describePack({ gives }: Pack): PackView {
  switch (gives.kind) {
    case 'uses':
      return { uses: gives.uses }
    case 'pass':
      return { pass: gives.passSeconds }
    case 'credit':
      return { credit: true }
  }
}
