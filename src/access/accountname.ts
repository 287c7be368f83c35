import { canName } from './claims.ts'
import type { Issuer } from './issuer.ts'

/** No token is long enough for a longer name: it has 8 KB, of which base64url takes a quarter. */
const MOST_CHARACTERS = 6144

/**
 * Returns why no account of the zone can have this name, or undefined. Billing then learns that what it said has no effect.
 * The text quotes no name.
 */
export function accountFault(issuers: readonly Issuer[], issuer: string, account: string): string | undefined {
  const named = issuers.filter((entry) => entry.issuer === issuer)
  if (named.length === 0) return 'issuer: expected one that the site trusts.'
  const signers = named.filter(hasAccounts)
  if (signers.length === 0)
    return 'issuer: it signs no entitlements here, so it has no accounts of its own ("types": {"entitlement": false}).'
  if (account === '') return 'account: expected a name that is not empty.'
  if (account.length > MOST_CHARACTERS) return `account: expected at most ${MOST_CHARACTERS} characters.`
  if (!account.isWellFormed()) return 'account: expected well-formed Unicode.'
  if (signers.some(({ claims }) => canName(account, claims))) return undefined
  const templates = new Set(signers.map(({ claims }) => claims.account.template))
  return `account: no token of that issuer can name it: its accounts are named ${[...templates].join(' or ')}.`
}

/** Returns true if a login, or tokens of the issuer, name accounts: those that use something, or those that paid for a receipt. */
export function hasAccounts({ types, allowsAbsentType, hasLogin }: Issuer): boolean {
  return hasLogin === true || (types.entitlement ?? []).length > 0 || allowsAbsentType || types.payment !== undefined
}
