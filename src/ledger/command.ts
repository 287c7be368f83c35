import type { Demand } from '../access/cost.ts'
import { isUpgrade } from '../http/rules/exchange.ts'
import type { ChargeCommand, SignedProof } from './rules/commands.ts'
import type { Proof } from '../access/proof.ts'
import { routeName } from '../access/route.ts'
import type { Passage } from '../ports.ts'
import { tokenName } from './rules/name.ts'

/** It is kept with the charge. Each Range of a longer target is a charge of its own. */
const MAX_CONTINUATION = 1024

/** What a demand asks of the ledger in the name of this request, now: it may have come long ago, a byte at a time. */
export function commandOf(demand: Demand, passage: Passage, now: number): ChargeCommand {
  const { exchange, route, zone, share, proof } = passage
  const { id, method, target, fields } = exchange
  // A receipt may be taken by several sites.
  const continuation = `${zone.name} ${target.path}${share.query}`
  // A socket has no parts, whatever else is asked for with it.
  const isContinued = method === 'GET' && continuation.length <= MAX_CONTINUATION && !isUpgrade(fields)
  const facts = { zone: zone.name, route: routeName(route), method }
  return {
    id,
    settleByMs: now + route.limits.responseMs + route.limits.maxSessionMs,
    ...(demand.rates === undefined ? {} : { rates: demand.rates }),
    ...(proof === undefined ? {} : { proof: signedOf(proof, passage, demand) }),
    ...(isContinued ? { continuation, isPart: fields.get('range') !== null } : {}),
    ...(demand.from === 'account'
      ? {
          counts: demand.counts,
          limits: demand.limits,
          ...(demand.price === undefined ? {} : { price: demand.price }),
          ...(demand.confirmation === undefined ? {} : { confirmation: demand.confirmation }),
          facts: { ...facts, issuer: demand.issuer, account: demand.account },
        }
      : {
          counts: [],
          limits: [],
          receipt: demand.receipt,
          expires: demand.expires,
          facts: { ...facts, issuer: demand.issuer, receipt: demand.jti },
        }),
  }
}

/** What of a proof the ledger may know better than who signed it. */
function signedOf(proof: Proof, { zone, route: { terms } }: Passage, demand: Demand): SignedProof {
  const { kind, issuedAt, jti } = proof
  const named = jti === undefined ? {} : { token: tokenName(zone, jti) }
  if (kind === 'receipt') return { kind, issuedAt, ...named }
  const { standing, entitlements } = proof
  const isBought = demand.from === 'account' && demand.price !== undefined
  const opens = isBought || terms.kind !== 'paid' ? {} : { opens: terms.offer.entitlements }
  return { kind, issuedAt, ...named, standing, entitlements, ...opens }
}
