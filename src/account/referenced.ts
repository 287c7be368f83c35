/**
 * Says what happened to a reference: of a charge, or of a page that did not open.
 *
 * An account learns of its own alone. What belongs to another account is answered as what never was.
 */
import type { Entitlement } from '../access/entitlement.ts'
import { routeName } from '../access/route.ts'
import { REASONS } from '../core/problem.ts'
import type { FindCharge, OwnChargeView } from '../endpoints/charges.ts'
import { type InstantView, momentOf } from '../ledger/ledgerview.ts'
import type { OpenReference } from '../refusals/describe.ts'
import type { HashAccount } from '../tokens/verify.ts'
import type { Zone } from '../zone.ts'

/** What is known of a reference. `too-soon`: older charges are looked for every few seconds. */
export type ReferenceAnswer =
  | { readonly kind: 'charge'; readonly charge: OwnChargeView }
  | {
      readonly kind: 'refusal'
      readonly time: InstantView
      readonly route: string | null
      readonly reason: string | null
      readonly title: string | null
    }
  | { readonly kind: 'unknown' | 'unavailable' | 'too-soon' }

/** What finds references. */
export interface ReferenceServices {
  readonly findCharge: FindCharge
  readonly openReference: OpenReference | undefined
  readonly hashAccount: HashAccount | undefined
}

const MAX_CHARACTERS = 400
/** How the reference of a request is written on a page. */
const URN = /^urn:uuid:/i

/** Looks a reference of this account up. */
export async function lookUpReference(
  text: string,
  { issuer, account }: Entitlement,
  zone: Zone,
  { findCharge, openReference, hashAccount }: ReferenceServices,
): Promise<ReferenceAnswer> {
  const reference = text.trim().replace(URN, '')
  if (reference.length > MAX_CHARACTERS) return { kind: 'unknown' }
  const opened = openReference?.(reference, zone)
  if (opened !== undefined) {
    const own = await hashAccount?.(zone.id, issuer, account)
    if (own === undefined || own !== opened.account) return { kind: 'unknown' }
    const { at, route, reason } = opened
    return {
      kind: 'refusal',
      time: momentOf(at),
      route: route === undefined ? null : routeName(route),
      reason: reason ?? null,
      title: reason === undefined ? null : REASONS[reason].title,
    }
  }
  const found = await findCharge(reference, { from: 'account', issuer, account }, zone)
  if (found.ok) return { kind: 'charge', charge: found.value }
  return { kind: STATUSES[found.error.status] ?? 'unknown' }
}

const STATUSES: Readonly<Record<number, 'unavailable' | 'too-soon'>> = { 429: 'too-soon', 503: 'unavailable' }
