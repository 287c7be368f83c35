import { isOfferedFor } from '../../access/pack.ts'
import { instantText } from '../../http/date.ts'
import type { Exchange, Field } from '../../http/rules/exchange.ts'
import { isExposed } from '../../tokens/bearer.ts'
import type { Challenge, Contribution } from '../rail.ts'
import type { Ask, AsksOf } from './asks.ts'
import { nonceOf, requestHash, signingKey, writeOpaque } from './binding.ts'
import { acceptedBy } from './rules/accepted.ts'
import { challengeOf, OWN_FIELD, prepareChallenge, type PreparedChallenge } from './rules/challenge.ts'
import { mppProblemType } from './rules/problemtype.ts'

/** As many challenges as there is room for beside those of other rails. */
export const MAX_CHALLENGES = 4
const NOTHING: Contribution = { fields: [], isStatic: true }

/**
 * Asks for what the client can pay with, each in a field line of its own. Each challenge is one request's own, and has a
 * name that only this gate can make.
 */
export function challengeFor(
  { zone, refusal, offer, exchange }: Challenge,
  asksOf: AsksOf,
  expiresSeconds: number,
): Contribution {
  const asks = offer === undefined ? [] : asksOf(offer)
  const key = signingKey(zone)
  if (asks.length === 0 || key === undefined) return NOTHING
  if (isExposed(exchange)) return { fields: [] }
  const payable = acceptedBy(
    exchange.fields.get('accept-payment'),
    asks.filter(({ pack }) => isOfferedFor(refusal.reason, pack)),
  )
  const hash = requestHash(exchange)
  const expires = instantText(Math.floor(exchange.now / 1000) + expiresSeconds)
  const header = hasToken(exchange) ? { header: OWN_FIELD } : {}
  const fields = payable.slice(0, MAX_CHALLENGES).map((ask): Field => {
    const opaque = writeOpaque(nonceOf(exchange), hash, ask.pack)
    return ['WWW-Authenticate', challengeOf(prepared(ask, zone.name, key), { expires, opaque, ...header })]
  })
  // Why a payment was declined is one payment's own.
  const hasStaticMembers = refusal.reason !== 'payment-declined'
  return { fields, members: { mpp: { type: mppProblemType(refusal) } }, hasStaticMembers }
}

const known = new WeakMap<Ask, PreparedChallenge>()

/** An ask is of one offer, and so of one zone and its key. */
function prepared(ask: Ask, realm: string, key: Uint8Array): PreparedChallenge {
  const { method, intent, encoded: request, description } = ask
  const found =
    known.get(ask) ?? prepareChallenge({ realm, method, intent, request, ...(description && { description }) }, key)
  known.set(ask, found)
  return found
}

/**
 * Returns true if `Authorization` is taken by a token, so that the payment needs a field of its own. Else no field is named:
 * older clients would not read it, and send to `Authorization` anyway.
 */
function hasToken({ fields }: Exchange): boolean {
  return /^bearer(?:\s|$)/i.test(fields.get('authorization') ?? '')
}
