import type { Proof } from '../../access/proof.ts'

export interface ZoneId {
  readonly id: string
}

/** The holder of a ledger. */
export type Holder =
  | { readonly from: 'account'; readonly issuer: string; readonly account: string }
  | {
      readonly from: 'receipt'
      readonly issuer: string
      readonly jti: string
      /** Present for a pack: the ledger of its payment counts. */
      readonly soldBy?: { readonly payment: string }
    }
  /** The zone itself: its ledger has the sums of erased accounts. */
  | { readonly from: 'zone' }
  /** `payment` names what moves the money, as a JSON array written by its rail; never the bytes of a field. */
  | { readonly from: 'payment'; readonly payment: string }

/** Returns the holder whose ledger counts the uses of a proof. */
export function holderOf(proof: Proof): Holder {
  switch (proof.kind) {
    case 'entitlement':
      return { from: 'account', issuer: proof.issuer, account: proof.account }
    case 'receipt':
      return {
        from: 'receipt',
        issuer: proof.issuer,
        jti: proof.jti,
        ...(proof.isPack && { soldBy: { payment: proof.jti } }),
      }
    case 'payment':
      return { from: 'payment', payment: proof.name }
  }
}

/** Returns the name of a ledger. An account belongs to one site; a receipt and a payment are spent anywhere. */
export function ledgerName(zone: ZoneId, holder: Holder): string {
  switch (holder.from) {
    case 'account':
      return `account ${JSON.stringify([zone.id, holder.issuer, holder.account])}`
    case 'receipt':
      return holder.soldBy === undefined
        ? `receipt ${JSON.stringify([holder.issuer, holder.jti])}`
        : `payment ${holder.soldBy.payment}`
    case 'zone':
      return `zone ${JSON.stringify([zone.id])}`
    case 'payment':
      return `payment ${holder.payment}`
  }
}

/** Returns the name of an account in the list of a zone's keys. */
export function ownerName({ issuer, account }: { readonly issuer: string; readonly account: string }): string {
  return JSON.stringify([issuer, account])
}

/**
 * Returns the name under which a ledger keeps one site's statements about a token. They hold for that site; the ledger of a
 * receipt serves all sites.
 */
export function tokenName({ id }: ZoneId, jti: string): string {
  return JSON.stringify([id, jti])
}
