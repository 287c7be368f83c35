import { randomUUID, sign } from 'node:crypto'
import type { SigningKey } from './keys.ts'

/** The audience of the demo's zone in demo/faregate.config.ts. */
export const zoneAudience = 'https://www.example.com'

export type Grant = {
  readonly issuer: string
  readonly audience?: string
  readonly account: string
  readonly entitlements: readonly string[]
  readonly plan?: string | undefined
  readonly issuedAt: number
  readonly expires: number
}

export type Json = Readonly<Record<string, unknown>>

/** The claims of an entitlement token. Times are in seconds since 1970. */
export function entitlementClaims(grant: Grant): Json {
  return {
    iss: grant.issuer,
    aud: grant.audience ?? zoneAudience,
    sub: grant.account,
    iat: grant.issuedAt,
    exp: grant.expires,
    jti: randomUUID(),
    entitlements: grant.entitlements,
    ...(grant.plan === undefined ? {} : { plan: grant.plan }),
  }
}

export type Operation = {
  readonly issuer: string
  readonly audience?: string
  readonly subject?: string | undefined
  /** What the operator may do, with a space between each two. */
  readonly scope: string
  readonly issuedAt: number
  readonly expires: number
}

/** The claims of an operator token. */
export function operatorClaims({ issuer, audience, subject, scope, issuedAt, expires }: Operation): Json {
  return {
    iss: issuer,
    aud: audience ?? zoneAudience,
    ...(subject === undefined ? {} : { sub: subject }),
    iat: issuedAt,
    exp: expires,
    jti: randomUUID(),
    scope,
  }
}

/**
 * A compact JWS (RFC 7515 §3.1), always signed with ES256, of an entitlement unless `header` says otherwise: its members replace ours, and null removes one. It
 * is put together here because a signing library rightly refuses to write a header that lies, and trying such tokens
 * at the gate is half the use of this demo.
 */
export function signToken(key: SigningKey, claims: Json, header: Json = {}): string {
  const protectedHeader = withoutNulls({ alg: 'ES256', typ: 'entitlement+jwt', kid: key.kid, ...header })
  const signed = `${base64url(protectedHeader)}.${base64url(claims)}`
  const signature = sign('sha256', Buffer.from(signed), { key: key.privateKey, dsaEncoding: 'ieee-p1363' })
  return `${signed}.${signature.toString('base64url')}`
}

export function withoutNulls(members: Json): Json {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== null))
}

function base64url(members: Json): string {
  return Buffer.from(JSON.stringify(members)).toString('base64url')
}
