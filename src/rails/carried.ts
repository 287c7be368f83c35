import type { TokenKind } from '../access/issuer.ts'
import { readBearer } from '../http/rules/authorization.ts'
import type { Exchange } from '../http/rules/exchange.ts'
import { kindOf, takesReceipts } from '../tokens/kind.ts'
import type { Zone } from '../zone.ts'
import type { BearerCredential } from './rail.ts'

/**
 * Reads the bearer token in `Authorization`, once for all rails of a zone. `rememberedKind` returns the kind of a token that
 * was verified before; such a token is not decoded again.
 */
export function bearerOf(
  { fields }: Exchange,
  zone: Zone,
  rememberedKind?: (token: string, zone: Zone) => TokenKind | undefined,
): BearerCredential | undefined {
  const token = readBearer(fields.get('authorization'))
  if (token === undefined) return undefined
  if (!token.ok || !takesReceipts(zone)) return { token, kind: 'entitlement' }
  return { token, kind: kindOf(token.value, rememberedKind?.(token.value, zone)) }
}
