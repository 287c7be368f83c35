import type { ReceiptGrant } from '../../../access/pack.ts'

/** The days for which the uses of a pack are good. */
const USES_MS = 30 * 86_400_000

/** Returns the issuer of a pack's receipts. Each generation of the gate's secret has its own. */
export function packIssuer(generation: number): string {
  return `urn:faregate:packs:${generation}`
}

/** Returns the end of a pack that is sold now, in milliseconds since 1970. A pass begins with the request that pays. */
export function packEndMs(gives: ReceiptGrant, now: number): number {
  return now + (gives.kind === 'pass' ? gives.passSeconds * 1000 : USES_MS)
}

/** Returns the uses that are left once the request that pays is answered. */
export function usesAfterFirst({ uses }: { readonly uses: number }): number {
  return uses - 1
}
