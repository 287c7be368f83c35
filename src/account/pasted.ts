/**
 * Keeps a pasted API key for a quarter of an hour, so that its holder can look at the account in a browser.
 *
 * A key in a URL would end up in histories and logs. So it is posted by a form of the site, sealed into a cookie, and taken on
 * requests of the site's own pages for the account page alone: it opens no content and changes nothing.
 */
import { isFromHere } from '../access/authority.ts'
import type { Exchange } from '../http/rules/exchange.ts'
import { seal, type SealKind, unseal } from '../secrets/sealed.ts'
import type { Zone } from '../zone.ts'

const PASTED: SealKind = { use: 'account-page', typ: 'pasted+jwt' }
const NAME = '__Host-faregate-pasted'
const PASTED_COOKIE = /(?:^|;)[ \t]*__Host-faregate-pasted=([^;]*)/
const KEPT_SECONDS = 15 * 60
const ATTRIBUTES = 'Path=/; Secure; HttpOnly; SameSite=Lax'
/** The longest key that fits a cookie once it is sealed. */
export const MAX_PASTED_CHARACTERS = 2500

/** Returns the `Set-Cookie` value that keeps a key; undefined in a zone without a gate's secret. */
export async function pastedCookie(key: string, { gateKeys, id }: Zone, now: number): Promise<string | undefined> {
  if (gateKeys === undefined || key.length > MAX_PASTED_CHARACTERS) return undefined
  const sealed = await seal({ key, until: now + KEPT_SECONDS * 1000 }, PASTED, gateKeys, id)
  return `${NAME}=${sealed}; Max-Age=${KEPT_SECONDS}; ${ATTRIBUTES}`
}

/** Removes the cookie. */
export const FORGET_PASTED = `${NAME}=; Max-Age=0; ${ATTRIBUTES}`

/** Returns the request as one that presents the pasted key; undefined if there is none, or if another site has sent it. */
export async function withPasted(exchange: Exchange, { gateKeys, id }: Zone): Promise<Exchange | undefined> {
  const sent = PASTED_COOKIE.exec(exchange.fields.get('cookie') ?? '')?.[1]?.trim()
  if (!sent || gateKeys === undefined || !isFromHere(exchange, 'host-cookie')) return undefined
  const kept = await unseal(sent, PASTED, gateKeys, id)
  return isKept(kept) && kept.until > exchange.now ? presenting(kept.key, exchange) : undefined
}

interface KeptKey {
  readonly key: string
  readonly until: number
}

function isKept(value: unknown): value is KeptKey {
  return (
    typeof value === 'object' &&
    value !== null &&
    'key' in value &&
    typeof value.key === 'string' &&
    'until' in value &&
    typeof value.until === 'number'
  )
}

/** Returns the exchange with a key in place of every other credential. */
export function presenting(key: string, exchange: Exchange): Exchange {
  const get = (name: string): string | null => {
    const lower = name.toLowerCase()
    if (lower === 'authorization') return `Bearer ${key}`
    return SAFE_FIELDS.has(lower) ? exchange.fields.get(name) : null
  }
  return { ...exchange, fields: { get } }
}

/** The fields that say how the request came about. */
const SAFE_FIELDS: ReadonlySet<string> = /* @__PURE__ */ new Set([
  'accept',
  'accept-language',
  'origin',
  'referer',
  'sec-fetch-dest',
  'sec-fetch-mode',
  'sec-fetch-site',
])
