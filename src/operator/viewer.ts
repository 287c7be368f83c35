/**
 * Who looks at the dashboard: an operator, by a token that was posted once.
 *
 * The token itself is not kept. A sealed cookie says until when its holder may look, for an hour at most and never beyond the
 * token; it opens this page alone, and presses no button.
 */
import { isFromHere } from '../access/authority.ts'
import type { Exchange } from '../http/rules/exchange.ts'
import { seal, type SealKind, unseal } from '../secrets/sealed.ts'
import type { Operator } from '../tokens/operator.ts'
import type { Zone } from '../zone.ts'

const VIEWER: SealKind = { use: 'dashboard', typ: 'operator-view+jwt' }
const NAME = '__Host-faregate-operator'
const COOKIE = /(?:^|;)[ \t]*__Host-faregate-operator=([^;]*)/
const KEPT_SECONDS = 3600
const ATTRIBUTES = 'Path=/; Secure; HttpOnly; SameSite=Strict'

/** The scope of a token that may look. */
export const VIEW = 'view'

/** Returns the `Set-Cookie` value for an operator whose token was verified; undefined in a zone without a gate's secret. */
export async function viewerCookie(
  { expires }: Pick<Operator, 'expires'>,
  { gateKeys, id }: Zone,
  now: number,
): Promise<string | undefined> {
  if (gateKeys === undefined) return undefined
  const until = Math.min(now + KEPT_SECONDS * 1000, expires * 1000)
  const sealed = await seal({ until }, VIEWER, gateKeys, id)
  return `${NAME}=${sealed}; Max-Age=${Math.max(0, Math.floor((until - now) / 1000))}; ${ATTRIBUTES}`
}

/** Returns true if the request has the cookie of an operator, and no other site has sent it. */
export async function isViewer(exchange: Exchange, { gateKeys, id }: Zone): Promise<boolean> {
  const sent = COOKIE.exec(exchange.fields.get('cookie') ?? '')?.[1]?.trim()
  if (!sent || gateKeys === undefined || !isFromHere(exchange, 'host-cookie')) return false
  const kept = await unseal(sent, VIEWER, gateKeys, id)
  return typeof kept === 'object' && kept !== null && 'until' in kept && Number(kept.until) > exchange.now
}
