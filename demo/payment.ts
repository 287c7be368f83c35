import { randomUUID } from 'node:crypto'
import { type Json, zoneAudience } from './entitlement.ts'

export type Purchase = {
  readonly issuer: string
  readonly audience?: string
  readonly payer?: string | undefined
  readonly amount: string
  readonly currency: string
  readonly resource: string
  readonly methods?: readonly string[] | undefined
  readonly grant: { readonly uses?: number } | { readonly pass: number }
  readonly issuedAt: number
  readonly expires: number
}

/** The claims of a payment token: the receipt for what was paid. Times are in seconds since 1970. */
export function paymentClaims(purchase: Purchase): Json {
  const { issuer, audience, payer, amount, currency, resource, methods, grant, issuedAt, expires } = purchase
  return {
    iss: issuer,
    aud: audience ?? zoneAudience,
    ...(payer === undefined ? {} : { sub: payer }),
    iat: issuedAt,
    exp: expires,
    jti: randomUUID(),
    amount,
    currency,
    resource,
    ...(methods === undefined ? {} : { methods }),
    ...grant,
  }
}

const LIMIT = /^([^=]+)=(\d+)\/(P1D|P1M|\d+)(?::(fixed|sliding))?$/

/** A member of the claim `limits`, from `requests=100/3600` or `reports=5/P1M:sliding`; undefined when it is neither. */
export function limitClaim(text: string): Json | undefined {
  const [, name, quota, window, kind] = LIMIT.exec(text) ?? []
  if (name === undefined || window === undefined) return undefined
  const length = window.startsWith('P') ? window : Number(window)
  return { name, quota: Number(quota), window: length, ...(kind === undefined ? {} : { kind }) }
}
