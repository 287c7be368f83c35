import { after } from '../core/eventually.ts'
import { type Exchange, isSafe, isUpgrade } from '../core/exchange.ts'
import { refusal, type Refusal } from '../core/problem.ts'
import type { Presented } from '../core/proof.ts'
import { err, ok, type Result } from '../core/result.ts'
import type { Zone } from '../core/zone.ts'
import { bearerChallenge, bearerToken, EXPOSED, isExposed, stripBearer } from '../tokens/bearer.ts'
import { readCompact } from '../tokens/jws.ts'
import { isReceipt, takesReceipts } from '../tokens/kind.ts'
import type { Challenge, Looked, Rail } from './rail.ts'

/** The cookie that carries a token for browsers. `HttpOnly; Secure; SameSite=Lax; Path=/`. */
export const COOKIE = '__Host-faregate'
/** Browsers keep 4,096 bytes of name, value and attributes. */
export const MAX_COOKIE_BYTES = 3800

/**
 * As browsers write it (RFC 6265 §4.2.1) and no other way: only then does the prefix `__Host-` keep other hosts from
 * setting it. A comma or another space before the name may be part of a cookie that a sibling host has planted.
 */
const OUR_COOKIE = /(?:^|;)[ \t]*__Host-faregate=([^;]*)/g

/**
 * Entitlement tokens as bearer tokens (RFC 6750): in `Authorization`, which wins, or in the cookie `__Host-faregate`.
 */
export function bearer(): Rail {
  return {
    name: 'bearer',
    kinds: ['entitlement'],
    present(exchange, zone, { verify }, call) {
      const found = findToken(exchange, zone)
      if (found === undefined) return undefined
      const { token, mayCharge } = found
      if (!token.ok) return { entitlement: token, mayCharge }
      return after(verify(token.value, zone, call), (entitlement): Presented => ({ entitlement, mayCharge }))
    },
    challenge,
    look,
    strip,
  }
}

interface Found {
  readonly token: Result<string, Refusal>
  readonly field: 'Authorization' | 'Cookie'
  readonly mayCharge: boolean
}

function findToken(exchange: Exchange, zone: Zone): Found | undefined {
  const inAuthorization = fromAuthorization(exchange, zone)
  const token = inAuthorization ?? fromCookie(exchange)
  if (token === undefined) return undefined
  const field = inAuthorization === undefined ? 'Cookie' : 'Authorization'
  const mayCharge = field === 'Authorization' || isFromHere(exchange)
  return { token: isExposed(exchange) ? err(EXPOSED) : token, field, mayCharge }
}

/** A receipt is left to the rail that takes receipts, where the zone has that. */
function fromAuthorization(exchange: Exchange, zone: Zone): Result<string, Refusal> | undefined {
  const token = bearerToken(exchange)
  return token?.ok && takesReceipts(zone) && isReceipt(token.value) ? undefined : token
}

function fromCookie(exchange: Exchange): Result<string, Refusal> | undefined {
  const field = exchange.fields.get('cookie')
  if (field === null || !field.includes(COOKIE)) return undefined
  const values = Array.from(field.matchAll(OUR_COOKIE), (match) => (match[1] ?? '').replace(/[ \t]+$/, ''))
  const [value] = values
  if (value === undefined) return undefined
  if (values.length > 1 || value.includes(','))
    return err(
      refusal('credential-ambiguous', `The request has more than one "${COOKIE}" cookie.`, { check: 'spelling' }),
    )
  if (value === '') return undefined
  if (value.length > MAX_COOKIE_BYTES)
    return err(
      refusal('credential-malformed', `The cookie is longer than ${MAX_COOKIE_BYTES} bytes.`, { check: 'spelling' }),
    )
  if (!mayAuthorise(exchange)) {
    return err(
      refusal(
        'payment-required',
        'The cookie was sent from another site, where it authorises neither this method nor an upgrade.',
        { check: 'presented' },
      ),
    )
  }
  return ok(value)
}

/** A cookie travels without its owner's will: it opens a page, but anything more must come from our own pages. */
function mayAuthorise(exchange: Exchange): boolean {
  return (isSafe(exchange.method) && !isUpgrade(exchange.fields)) || isFromHere(exchange)
}

function isFromHere({ fields, origin }: Exchange): boolean {
  const site = fields.get('sec-fetch-site')
  return site === null ? fields.get('origin') === origin : site === 'same-origin' || site === 'none'
}

function look(exchange: Exchange, zone: Zone): Looked | undefined {
  const found = findToken(exchange, zone)
  const jws = found?.token.ok ? readCompact(found.token.value) : undefined
  if (found === undefined || !jws?.ok) return undefined
  return { kind: 'entitlement', field: found.field, header: jws.value.header, claims: jws.value.payload }
}

const SCOPE = /^[!#-[\]-~]+$/
const MAX_SCOPE_BYTES = 512

function challenge({ zone, refusal, offer }: Challenge): [string, string][] {
  if (refusal.reason === 'security-hold') return []
  const scope = (offer?.entitlements ?? []).filter((name) => SCOPE.test(name)).join(' ')
  const shown = scope.length > MAX_SCOPE_BYTES ? '' : scope
  return [['WWW-Authenticate', bearerChallenge(zone.name, shown, refusal)]]
}

/** Removes our cookie, and `Authorization` where it is ours: another issuer's token is the origin's business. */
function strip(fields: Headers, zone: Zone): void {
  const cookie = fields.get('cookie')
  if (cookie !== null) {
    const rest = cookie.split(';').filter((pair) => !pair.toLowerCase().includes(COOKIE.toLowerCase()))
    if (rest.length === 0) fields.delete('cookie')
    else fields.set('cookie', rest.join(';').trim())
  }
  stripBearer(fields, zone)
}
