import type { Entitlement } from '../access/entitlement.ts'
import { remediesFor } from '../core/remedy.ts'
import type { RequestRef } from '../refusals/describe.ts'
import type { Site } from '../site.ts'

/** Where an account goes on from its page. */
export interface AccountLinks {
  readonly self: string
  /** All charges, as CSV. */
  readonly csv?: string
  readonly feeds?: string
  /** Where a subscription is managed, and cancelled. */
  readonly portal?: string
  readonly support?: string
  readonly signOut?: string
}

export const ACCOUNT_PATH = '/__faregate/account'

/** Returns the links of an account. `isSignedIn`: it is shown because of the browser's cookie. */
export function linksOf(
  entitlement: Entitlement | undefined,
  { zone, rails, logins = [] }: Site,
  ref: RequestRef,
  isSignedIn: boolean,
): AccountLinks {
  const remedies = remediesFor('payment-declined', zone.remedies, ref)
  const hrefOf = (rel: string): string | undefined => remedies.find((one) => one.rel === rel)?.href
  const isOfLogin = logins.some((login) => login.portal !== undefined && login.issuer === entitlement?.issuer)
  const [portal, support] = [
    isOfLogin ? `/__faregate/portal?to=${encodeURIComponent(ACCOUNT_PATH)}` : hrefOf('portal'),
    hrefOf('support'),
  ]
  return {
    self: ACCOUNT_PATH,
    ...(entitlement !== undefined && { csv: `${ACCOUNT_PATH}?format=csv` }),
    ...(isSignedIn && rails.some(({ name }) => name === 'feeds') && { feeds: '/__faregate/feeds' }),
    ...(portal !== undefined && { portal }),
    ...(support !== undefined && { support }),
    ...(isSignedIn && logins.length > 0 && { signOut: '/__faregate/sign-out' }),
  }
}
