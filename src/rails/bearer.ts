import { type Exchange, isSafe, isUpgrade } from '../core/exchange.ts'
import { refusal, type Refusal } from '../core/problem.ts'
import { err, ok, type Result } from '../core/result.ts'
import type { Zone } from '../core/zone.ts'
import { bearerChallenge, bearerToken, EXPOSED, isExposed } from '../tokens/bearer.ts'
import { claimedIssuer, readCompact } from '../tokens/jws.ts'
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
    present(exchange, zone, verify, call) {
      const found = findToken(exchange)
      if (found === undefined) return undefined
      if (!found.ok) return found
      return verify(found.value, zone, call)
    },
    challenge,
    look,
    strip,
  }
}

function findToken(exchange: Exchange): Result<string, Refusal> | undefined {
  const token = bearerToken(exchange) ?? fromCookie(exchange)
  return token !== undefined && isExposed(exchange) ? err(EXPOSED) : token
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
  const { fields } = exchange
  if (isSafe(exchange.method) && !isUpgrade(fields)) return true
  const site = fields.get('sec-fetch-site')
  return site === null ? fields.get('origin') === exchange.origin : site === 'same-origin' || site === 'none'
}

function look(exchange: Exchange): Looked | undefined {
  const found = findToken(exchange)
  const jws = found?.ok ? readCompact(found.value) : undefined
  if (!jws?.ok) return undefined
  const field = bearerToken(exchange) === undefined ? 'Cookie' : 'Authorization'
  return { field, header: jws.value.header, claims: jws.value.payload }
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
  const authorization = fields.get('authorization')
  if (authorization !== null && isOurs(authorization, zone)) fields.delete('authorization')
}

/** Looks leniently: a token that we would refuse for its spelling may still be one that we would take in another. */
function isOurs(authorization: string, zone: Zone): boolean {
  const issuers = zone.issuers.map((issuer) => issuer.issuer)
  return authorization.split(/[\s,:=]+/).some((token) => {
    const claimed = claimedIssuer(token)
    return claimed !== undefined && issuers.includes(claimed)
  })
}
