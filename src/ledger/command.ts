import { type Cost, type PaymentCost, requestPrice } from '../access/cost.ts'
import { isSafe, isUpgrade } from '../http/rules/exchange.ts'
import type { ChargeCommand, SignedProof } from './rules/commands.ts'
import type { TokenProof } from '../access/proof.ts'
import { routeName } from '../access/route.ts'
import type { AdmittedRequest } from '../ports.ts'
import type { Facts } from './rules/record.ts'
import { ledgerName, tokenName } from './rules/name.ts'
import type { StoredPayment } from './rules/payment.ts'
import { isSpokenFor } from '../standing/rules/speaker.ts'

/** The time after which no receipt of a pack is good, whatever it gives. */
const LONGEST_PACK_MS = 31 * 86_400_000

/** The continuation is stored with the charge. On a longer target each Range is a charge of its own. */
const MAX_CONTINUATION = 1024

/** Makes the ledger's command for a cost. `now` is the present, for the request may have arrived long ago, byte by byte. */
export function commandOf(cost: Cost, admitted: AdmittedRequest, now: number): ChargeCommand {
  const { exchange, route, zone, partition, proof } = admitted
  const { id, method, target, fields } = exchange
  // Several sites may accept one receipt.
  const continuation = `${zone.id} ${route.gatesBefore ?? ''}${target.path}${partition.query}`
  // A socket has no parts, and a meter counts every request by itself.
  const isMetered = admitted.bound !== undefined && cost.from === 'account'
  const isContinued = method === 'GET' && !isMetered && continuation.length <= MAX_CONTINUATION && !isUpgrade(fields)
  return {
    id,
    settleByMs: now + route.limits.responseMs + route.limits.maxSessionMs,
    ...(cost.rates === undefined ? {} : { rates: cost.rates }),
    ...(proof === undefined || proof.kind === 'payment' ? {} : { proof: signedOf(proof, admitted) }),
    ...(isContinued ? { continuation, isPart: fields.get('range') !== null } : {}),
    ...termsOf(cost, admitted, now + route.limits.responseMs, now),
  }
}

type Terms = Pick<
  ChargeCommand,
  | 'counts'
  | 'limits'
  | 'price'
  | 'mayOwe'
  | 'confirmation'
  | 'receipt'
  | 'soldFor'
  | 'packEndsMs'
  | 'payment'
  | 'claimByMs'
  | 'askedOnce'
  | 'expires'
  | 'facts'
>

function termsOf(cost: Cost, admitted: AdmittedRequest, claimByMs: number, now: number): Terms {
  const { zone, route, exchange } = admitted
  const facts: Facts = { zone: zone.name, route: routeName(route), method: exchange.method }
  switch (cost.from) {
    case 'account':
      return {
        counts: cost.counts,
        limits: cost.limits,
        ...(cost.price === undefined ? {} : { price: cost.price }),
        ...(cost.confirmation === undefined ? {} : { confirmation: cost.confirmation }),
        ...(cost.paysLater === true && { mayOwe: true }),
        facts: {
          ...facts,
          issuer: cost.issuer,
          account: cost.account,
          ...meterFacts(admitted),
          ...keyFacts(admitted),
        },
      }
    case 'receipt': {
      const { receipt, expires, issuer, jti, confirmation, soldBy } = cost
      return {
        counts: [],
        limits: [],
        ...(confirmation === undefined ? {} : { confirmation }),
        receipt,
        ...(soldBy && { soldFor: soldBy.amount }),
        expires,
        facts: { ...facts, issuer, receipt: jti },
      }
    }
    case 'payment': {
      const { expires, payment: name, paid } = cost
      const { rail, pack } = paid
      const settlesFirst = route.terms.kind === 'paid' && route.terms.offer.settlesFirst === true
      const askedOnce = settlesFirst ? 'after-settlement' : 'before-settlement'
      return {
        counts: [],
        limits: [],
        price: paid.amount,
        payment: storedOf(cost, admitted),
        claimByMs,
        expires,
        ...(!isSafe(exchange.method) && { askedOnce }),
        ...(pack && pack.gives.kind !== 'credit' && { packEndsMs: now + LONGEST_PACK_MS }),
        facts: { ...facts, rail, payment: name },
      }
    }
  }
}

/** Returns what is kept with the claim. Of credit it says whom it fills: a later request cannot change that. */
function storedOf({ paid, fills }: PaymentCost, { zone }: AdmittedRequest): StoredPayment {
  const { name: id, rail, payload, requirements } = paid
  const stored = { zone: zone.id, rail, payload, requirements }
  if (fills === undefined) return stored
  const { amount, ...holder } = fills
  const ledger = ledgerName(zone, { from: 'account', ...holder })
  const { currency } = amount
  return { ...stored, credit: { id, ledger, place: zone.places.own, units: String(amount.units), currency } }
}

/** Names the meter of a bounded request, and what it asks for, such as a model. */
function meterFacts({ bound, route: { meter } }: AdmittedRequest): Facts {
  if (bound === undefined || meter === undefined) return {}
  const { of: model } = bound.amount.breakdown ?? {}
  return { meter: meter.name, ...(model !== undefined && { model }) }
}

/** Names the API key that a charge is made with, and the tag that its request gave. */
function keyFacts({ proof }: AdmittedRequest): Facts {
  if (proof?.kind !== 'entitlement' || proof.key === undefined) return {}
  const { jti = '', key } = proof
  return { key: jti, ...(key.tag !== undefined && { tag: key.tag }) }
}

/** Returns the facts of a proof that the ledger may know better than the signer. */
function signedOf(proof: TokenProof, { zone, route: { terms } }: AdmittedRequest): SignedProof {
  const { kind, issuedAt, jti } = proof
  const named = jti === undefined ? {} : { token: tokenName(zone, jti) }
  if (kind === 'receipt') return { kind, issuedAt, ...named }
  const { standing, entitlements, key, signedInAt } = proof
  // A meter's price opens nothing.
  const isOpened = terms.kind === 'paid' && requestPrice(proof, terms) === undefined
  const opens = isOpened ? { opens: terms.offer.entitlements } : {}
  const spokenFor = isSpokenFor(proof.issuer, zone.standing) ? { isSpokenFor: true as const } : {}
  // The ledger knows all statements itself.
  const made = key && { key: { createdAt: key.createdAt } }
  const session = signedInAt === undefined ? {} : { signedInAt }
  return { kind, issuedAt, ...named, standing, entitlements, ...made, ...session, ...opens, ...spokenFor }
}
