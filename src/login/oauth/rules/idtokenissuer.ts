import type { ClaimMapping } from '../../../access/claims.ts'
import type { Issuer } from '../../../access/issuer.ts'

/** The claims by which presets tell access tokens from ID tokens. They are of no use where an ID token was asked for. */
const KIND_CLAIMS = new Set(['typ', 'type', 'token_use', 'azp', 'client_id', 'nonce', 'at_hash', 'c_hash'])
const ID_TOKEN_TYPE = 'jwt'

/**
 * Returns the issuer as it signs ID tokens for one client. They are for the client and for nobody else, and an audience or a
 * kind that the issuer's access tokens have says nothing about them. All other conditions on claims hold.
 */
export function idTokenIssuer(issuer: Issuer, clientId: string): Issuer {
  return {
    ...issuer,
    audience: clientId,
    types: { entitlement: [ID_TOKEN_TYPE] },
    allowsAbsentType: true,
    claims: idTokenMapping(issuer.claims),
  }
}

function idTokenMapping(mapping: ClaimMapping): ClaimMapping {
  const isOfAll = ({ path }: ClaimMapping['requires'][number]): boolean => !KIND_CLAIMS.has(path.source)
  return {
    ...mapping,
    audience: undefined,
    requires: mapping.requires.filter(isOfAll),
    refuses: mapping.refuses.filter(isOfAll),
  }
}
