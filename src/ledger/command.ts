import { type Cost, requestPrice } from '../access/cost.ts'
import { isUpgrade } from '../http/rules/exchange.ts'
import type { ChargeCommand, SignedProof } from './rules/commands.ts'
import type { TokenProof } from '../access/proof.ts'
import { routeName } from '../access/route.ts'
import type { AdmittedRequest } from '../ports.ts'
import type { Facts } from './rules/record.ts'
import { tokenName } from './rules/name.ts'

/** It is kept with the charge. Each Range of a longer target is a charge of its own. */
const MAX_CONTINUATION = 1024

/** What a demand asks of the ledger in the name of this request, now: it may have come long ago, a byte at a time. */
export function commandOf(cost: Cost, admitted: AdmittedRequest, now: number): ChargeCommand {
  const { exchange, route, zone, partition, proof } = admitted
  const { id, method, target, fields } = exchange
  // A receipt may be taken by several sites.
  const continuation = `${zone.name} ${target.path}${partition.query}`
  // A socket has no parts, whatever else is asked for with it; and what a meter counts is counted of each request.
  const isMetered = admitted.bound !== undefined && cost.from === 'account'
  const isContinued = method === 'GET' && !isMetered && continuation.length <= MAX_CONTINUATION && !isUpgrade(fields)
  return {
    id,
    settleByMs: now + route.limits.responseMs + route.limits.maxSessionMs,
    ...(cost.rates === undefined ? {} : { rates: cost.rates }),
    ...(proof === undefined || proof.kind === 'payment' ? {} : { proof: signedOf(proof, admitted) }),
    ...(isContinued ? { continuation, isPart: fields.get('range') !== null } : {}),
    ...termsOf(cost, { zone: zone.name, route: routeName(route), method }, now + route.limits.responseMs),
  }
}

type Terms = Pick<
  ChargeCommand,
  'counts' | 'limits' | 'price' | 'confirmation' | 'receipt' | 'payment' | 'claimByMs' | 'expires' | 'facts'
>

function termsOf(cost: Cost, facts: Facts, claimByMs: number): Terms {
  switch (cost.from) {
    case 'account':
      return {
        counts: cost.counts,
        limits: cost.limits,
        ...(cost.price === undefined ? {} : { price: cost.price }),
        ...(cost.confirmation === undefined ? {} : { confirmation: cost.confirmation }),
        facts: { ...facts, issuer: cost.issuer, account: cost.account },
      }
    case 'receipt': {
      const { receipt, expires, issuer, jti } = cost
      return { counts: [], limits: [], receipt, expires, facts: { ...facts, issuer, receipt: jti } }
    }
    case 'payment': {
      const { expires, payment: name, paid } = cost
      const { rail, payload, requirements } = paid
      const payment = { zone: String(facts['zone']), rail, payload, requirements }
      return {
        counts: [],
        limits: [],
        price: paid.amount,
        payment,
        claimByMs,
        expires,
        facts: { ...facts, rail, payment: name },
      }
    }
  }
}

/** What of a proof the ledger may know better than who signed it. */
function signedOf(proof: TokenProof, { zone, route: { terms } }: AdmittedRequest): SignedProof {
  const { kind, issuedAt, jti } = proof
  const named = jti === undefined ? {} : { token: tokenName(zone, jti) }
  if (kind === 'receipt') return { kind, issuedAt, ...named }
  const { standing, entitlements } = proof
  // What a meter takes from credit opens nothing.
  const isOpened = terms.kind === 'paid' && requestPrice(proof, terms) === undefined
  const opens = isOpened ? { opens: terms.offer.entitlements } : {}
  return { kind, issuedAt, ...named, standing, entitlements, ...opens }
}
