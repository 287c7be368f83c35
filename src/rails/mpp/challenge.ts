import type { Reason, Refusal } from '../../core/problem.ts'
import { instantText } from '../../http/date.ts'
import type { Exchange } from '../../http/rules/exchange.ts'
import { isExposed } from '../../tokens/bearer.ts'
import type { Challenge, Contribution, Members } from '../rail.ts'
import type { Ask, AsksOf } from './asks.ts'
import { newNonce, requestHash, signingKey, writeOpaque } from './binding.ts'
import { acceptedBy } from './rules/accepted.ts'
import { challengeId, OWN_FIELD, type UnnamedChallenge, writeChallenge } from './rules/challenge.ts'
import { findPaymentCredential } from './rules/credential.ts'
import { problemType } from './rules/problemtype.ts'

/** As many challenges as there is room for beside those of other rails. */
const MAX_CHALLENGES = 4
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
    asks.filter((ask) => isOffered(ask, refusal)),
  )
  const nonce = newNonce()
  const hash = requestHash(exchange)
  const expires = instantText(Math.floor(exchange.now / 1000) + expiresSeconds)
  const header = hasToken(exchange) ? { header: OWN_FIELD } : {}
  const fields = payable.slice(0, MAX_CHALLENGES).map((ask) => {
    const { method, intent, encoded: request, description, pack } = ask
    const opaque = writeOpaque(nonce, hash, pack)
    const unnamed: UnnamedChallenge = { realm: zone.name, method, intent, request, expires, opaque, ...header }
    const challenge = { ...unnamed, id: challengeId(unnamed, key), ...(description && { description }) }
    return ['WWW-Authenticate', writeChallenge(challenge)] as const
  })
  return { fields, members: membersOf(refusal, exchange) }
}

/** Refusals that only a genuine token gets: somebody is there to whom credit may be given. */
const OF_ACCOUNTS: ReadonlySet<Reason> = new Set<Reason>([
  'credit-insufficient',
  'entitlement-insufficient',
  'usage-limit-reached',
])

function isOffered({ pack }: Ask, { reason }: Refusal): boolean {
  return pack?.gives.kind !== 'credit' || OF_ACCOUNTS.has(reason)
}

/**
 * Returns true if `Authorization` is taken by a token, so that the payment needs a field of its own. Else no field is named:
 * older clients would not read it, and send to `Authorization` anyway.
 */
function hasToken({ fields }: Exchange): boolean {
  return /^bearer(?:\s|$)/i.test(fields.get('authorization') ?? '')
}

/** Says, in the scheme's own words, what was wrong with a payment. */
function membersOf(why: Refusal, { fields }: Exchange): Members {
  const found = findPaymentCredential(fields)
  const challengeId = found?.credential.ok === true ? { challengeId: found.credential.value.challenge.id } : {}
  return { mpp: { type: problemType(why, found !== undefined), ...challengeId } }
}
