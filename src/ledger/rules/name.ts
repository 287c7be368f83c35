import type { Proof } from '../../access/proof.ts'

interface ZoneName {
  readonly name: string
}

/** Whose ledger it is. */
export type Holder =
  | { readonly from: 'account'; readonly issuer: string; readonly account: string }
  | { readonly from: 'receipt'; readonly issuer: string; readonly jti: string }
  /** `payment`: the name of what moves the money, a JSON array as its rail writes it; never the bytes of a field. */
  | { readonly from: 'payment'; readonly payment: string }

/** Returns whose ledger counts what a proof opens. */
export function holderOf(proof: Proof): Holder {
  switch (proof.kind) {
    case 'entitlement':
      return { from: 'account', issuer: proof.issuer, account: proof.account }
    case 'receipt':
      return { from: 'receipt', issuer: proof.issuer, jti: proof.jti }
    case 'payment':
      return { from: 'payment', payment: proof.name }
  }
}

/** The name of a ledger. An account is one site's; a receipt and a payment are spent wherever they are presented. */
export function ledgerName(zone: ZoneName, holder: Holder): string {
  switch (holder.from) {
    case 'account':
      return `account ${JSON.stringify([zone.name, holder.issuer, holder.account])}`
    case 'receipt':
      return `receipt ${JSON.stringify([holder.issuer, holder.jti])}`
    case 'payment':
      return `payment ${holder.payment}`
  }
}

/** Under which a ledger keeps what one site says of a token: what it says holds there, and a receipt's ledger is every site's. */
export function tokenName({ name }: ZoneName, jti: string): string {
  return JSON.stringify([name, jti])
}
