import type { IssuerOptions } from '../../../src/config/options.ts'

export const NOW = 1_800_000_000
const TIMES = { iat: NOW - 30, exp: NOW + 600 }
export const ACCOUNT = '7335d417-61da-459d-899c-0a01c76a2f94'
export const TENANT = '3f2a77de-7e10-44d1-8fc6-9cf2ba1f2d5c'

type Members = Readonly<Record<string, unknown>>

/** A provider, and a token of the shape that its documentation gives. */
export interface Provider {
  /** Where the provider shows such a token. */
  readonly source: string
  readonly issuers: (keys: Record<string, unknown>[]) => IssuerOptions[]
  readonly algorithm: 'RS256' | 'ES256'
  readonly header: Members
  readonly claims: Members
  readonly account: string
  readonly plan?: string
  /** What makes it another's token, or one that was not issued to be presented: by the claim that says so. */
  readonly others: Readonly<Record<string, Members>>
}

export function claimsOf({ claims }: Provider): Record<string, unknown> {
  return { ...TIMES, ...claims }
}
