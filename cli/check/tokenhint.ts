import type { Refusal } from '../../src/core/problem.ts'
import type { Zone } from '../../src/zone.ts'

type Claims = Readonly<Record<string, unknown>>

const OPAQUE =
  'It is no JWT. Providers issue such a token if the client asks for none in particular: ask for one for your API (its audience or resource).'
const ID_TOKEN = 'It looks like an ID token, which tells a client who signed in. Send the access token.'

/** Returns what is probably wrong with a token that was refused so, beyond what the refusal says; undefined if unclear. */
export function hintFor({ check }: Refusal, claims: Claims | undefined, zone: Zone): string | undefined {
  if (claims === undefined) return OPAQUE
  if (check === 'issuer') return issuerHint(claims['iss'], zone)
  const isIdToken = ['nonce', 'at_hash', 'c_hash'].some((name) => name in claims) || claims['token_use'] === 'id'
  if (isIdToken || claims['typ'] === 'ID') return ID_TOKEN
  return check === 'audience' ? audienceHint(claims, zone) : undefined
}

function issuerHint(iss: unknown, { issuers }: Zone): string | undefined {
  if (typeof iss !== 'string') return 'It has no "iss": it is no token of an identity provider, or one for another use.'
  const near = issuers.find(({ issuer }) => plain(issuer) === plain(iss))
  return (
    near &&
    `It differs from ${near.issuer} in its spelling alone: "iss" is compared exactly, with its slash at the end.`
  )
}

function plain(url: string): string {
  return url
    .toLowerCase()
    .replace(/^https?:\/\//, '')
    .replace(/\/+$/, '')
}

function audienceHint({ aud, iss }: Claims, { issuers }: Zone): string | undefined {
  const wanted = issuers.filter(({ issuer }) => issuer === iss)
  const standIns = wanted.flatMap(({ claims: { audience } }) => audience?.claim ?? [])
  if (aud === undefined && standIns.length === 0)
    return 'It has no "aud". If another claim says whom it is for, map it: claims: { audience: { claim: … } }.'
  return undefined
}
