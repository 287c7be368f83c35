import type { Money } from '../core/money.ts'

/**
 * What one machine payment buys in place of one request: it is settled once, and what follows needs no settlement. The request
 * that brings the payment is the first of its uses.
 */
export interface Pack {
  /** Its price, in the currency of the route. */
  readonly amount: Money
  readonly gives: PackGrant
}

/** Requests, free passage from the first request, or prepaid credit for the account whose token came beside the payment. */
export type PackGrant =
  | { readonly kind: 'uses'; readonly uses: number }
  | { readonly kind: 'pass'; readonly passSeconds: number }
  | { readonly kind: 'credit' }

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
