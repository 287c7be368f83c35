import type { Issuer, TokenKind } from '../access/issuer.ts'
import type { Route } from '../access/route.ts'
import { describeMoney } from '../core/money.ts'
import type { IssuedKind, SentKind } from '../rails/rail.ts'
import type { Zone } from '../zone.ts'

/** What would open a route. */
export type WouldPass = 'anyone' | 'no one' | readonly Readonly<Record<string, unknown>>[]

/** Returns the `typ` values by which an issuer marks tokens of a kind. */
export function typesOf(issuer: Issuer, kind: SentKind): readonly string[] | undefined {
  const types = isIssued(kind) ? undefined : issuer.types[kind]
  return kind === 'entitlement' && issuer.allowsAbsentType ? [...(types ?? []), 'none'] : types
}

function isIssued(kind: SentKind): kind is IssuedKind {
  return kind === 'key' || kind === 'feed' || kind === 'session'
}

/** Returns what would open the route, for an integrator: tokens, receipts, and tokens of accounts with enough credit. */
export function wouldPass(zone: Zone, route: Route): WouldPass {
  if (route.terms.kind !== 'paid') return route.terms.kind === 'free' ? 'anyone' : 'no one'
  const { entitlements, price, onSale } = route.terms.offer
  const signers = zone.issuers.filter(
    ({ types, allowsAbsentType }) => types.entitlement !== undefined || allowsAbsentType,
  )
  const byEntitlement =
    entitlements.length === 0
      ? []
      : signers.map((issuer) => ({
          ...tokenOf(issuer, 'entitlement'),
          [issuer.claims.entitlements.map(({ source }) => source).join(' or ')]: { anyOf: entitlements },
        }))
  const byCredit =
    price === undefined || !onSale
      ? []
      : signers.map((issuer) => ({ ...tokenOf(issuer, 'entitlement'), credit: describeMoney(price) }))
  const payees = price === undefined ? [] : zone.issuers.filter(({ types }) => types.payment !== undefined)
  const byReceipt = payees.map((issuer) => ({
    ...tokenOf(issuer, 'payment'),
    ...(price === undefined ? {} : describeMoney(price)),
    resource: route.path,
  }))
  return [...byEntitlement, ...byReceipt, ...byCredit]
}

function tokenOf(issuer: Issuer, kind: TokenKind): Record<string, unknown> {
  return { typ: typesOf(issuer, kind), alg: issuer.algorithms, iss: issuer.issuer, aud: issuer.audience }
}
