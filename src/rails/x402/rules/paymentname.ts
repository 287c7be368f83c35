/** A payment on a chain: what moves the money, whatever wire carries it. */
export interface ChainPayment {
  /** CAIP-2. */
  readonly network: string
  readonly asset: string
  readonly from: string
  readonly nonce: string
}

/**
 * Returns the name of a payment on a chain: one for x402 in both versions and for MPP. Lower-cased for `eip155` only: other
 * chains tell upper from lower case.
 */
export function chainPaymentName({ network, asset, from, nonce }: ChainPayment): string {
  const name = JSON.stringify([network, asset, from, nonce])
  return network.startsWith('eip155:') ? name.toLowerCase() : name
}
