import { mediaSubtype, TOKEN_TYPES, type TokenKind } from '../access/issuer.ts'
import type { Zone } from '../zone.ts'
import { claimedHeader } from './jws.ts'

/** Returns true for a token whose header claims a receipt. Nothing is verified. */
export function isReceipt(token: string): boolean {
  const typ = claimedHeader(token)?.['typ']
  return typeof typ === 'string' && mediaSubtype(typ) === TOKEN_TYPES.payment
}

/** Returns true if an issuer of the zone may sign receipts: only then does a rail take them. */
export function takesReceipts({ issuers }: Zone): boolean {
  return issuers.some(({ types }) => types.payment !== undefined)
}

/** Returns the kind of a token: as `remembered`, else as its `typ` claims, unverified. */
export function kindOf(token: string, remembered: TokenKind | undefined): TokenKind {
  return remembered ?? (isReceipt(token) ? 'payment' : 'entitlement')
}
