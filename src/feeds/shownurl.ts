/**
 * Carries the URL of a feed that was just made to the page that shows it.
 *
 * The answer to a form is a redirect, so that a reload makes no second feed. The URL is no part of that: it travels in a sealed
 * cookie that the page removes, and that no other account can open.
 */
import { isFromHere } from '../access/authority.ts'
import type { Exchange } from '../http/rules/exchange.ts'
import { seal, type SealKind, unseal } from '../secrets/sealed.ts'
import type { FeedAccount } from './owned.ts'

const SHOWN: SealKind = { use: 'account-page', typ: 'shown+jwt' }
const NAME = '__Host-faregate-feed'
const SHOWN_COOKIE = /(?:^|;)[ \t]*__Host-faregate-feed=([^;]*)/
const KEPT_SECONDS = 300
const ATTRIBUTES = 'Path=/; Secure; HttpOnly; SameSite=Lax'

/** Removes the cookie. */
export const SHOWN_REMOVAL = `${NAME}=; Max-Age=0; ${ATTRIBUTES}`

/** A longer cookie is dropped by browsers. */
const MAX_SEALED = 3800

/** Returns the `Set-Cookie` value that has a URL shown once; undefined if the URL is too long, or the zone has no gate's secret. */
export async function shownCookie(
  url: string,
  { issuer, account, zone }: FeedAccount,
  now: number,
): Promise<string | undefined> {
  if (zone.gateKeys === undefined) return undefined
  const until = now + KEPT_SECONDS * 1000
  const sealed = await seal({ url, issuer, account, until }, SHOWN, zone.gateKeys, zone.id)
  return sealed.length > MAX_SEALED ? undefined : `${NAME}=${sealed}; Max-Age=${KEPT_SECONDS}; ${ATTRIBUTES}`
}

/** Returns the URL that this account's page shows; undefined if there is none. */
export async function urlToShow(
  exchange: Exchange,
  { issuer, account, zone }: FeedAccount,
): Promise<string | undefined> {
  const sent = SHOWN_COOKIE.exec(exchange.fields.get('cookie') ?? '')?.[1]?.trim()
  if (!sent || zone.gateKeys === undefined || !isFromHere(exchange, 'host-cookie')) return undefined
  const kept = await unseal(sent, SHOWN, zone.gateKeys, zone.id)
  if (typeof kept !== 'object' || kept === null || !('url' in kept && 'until' in kept)) return undefined
  const isOwn = 'issuer' in kept && kept.issuer === issuer && 'account' in kept && kept.account === account
  const isGood = isOwn && typeof kept.until === 'number' && kept.until > exchange.now
  return isGood && typeof kept.url === 'string' ? kept.url : undefined
}
