import { mediaSubtype, TOKEN_TYPES, type TokenKind } from '../access/issuer.ts'
import type { Zone } from '../zone.ts'
import { claimedHeader } from './jws.ts'

/** True for a token whose header says that it is a receipt, well or badly signed. */
export function isReceipt(token: string): boolean {
  const typ = claimedHeader(token)?.['typ']
  return typeof typ === 'string' && mediaSubtype(typ) === TOKEN_TYPES.payment
}

/** True where an issuer of the zone may sign receipts, which is where a rail takes them. */
export function takesReceipts({ issuers }: Zone): boolean {
  return issuers.some(({ types }) => types.payment !== undefined)
}

/** Returns the kind of a token: as it is `remembered`, else as its `typ` says, well or badly signed. */
export function kindOf(token: string, remembered: TokenKind | undefined): TokenKind {
  return remembered ?? (isReceipt(token) ? 'payment' : 'entitlement')
}
