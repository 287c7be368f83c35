interface ZoneName {
  readonly name: string
}

/** Whose ledger it is. */
export type Holder =
  | { readonly from: 'account'; readonly issuer: string; readonly account: string }
  | { readonly from: 'receipt'; readonly issuer: string; readonly jti: string }

/** The name of a ledger. An account is one site's; a receipt is spent wherever it is presented. */
export function ledgerName(zone: ZoneName, cost: Holder): string {
  return cost.from === 'account'
    ? `account ${JSON.stringify([zone.name, cost.issuer, cost.account])}`
    : `receipt ${JSON.stringify([cost.issuer, cost.jti])}`
}

/** Under which a ledger keeps what one site says of a token: what it says holds there, and a receipt's ledger is every site's. */
export function tokenName({ name }: ZoneName, jti: string): string {
  return JSON.stringify([name, jti])
}
