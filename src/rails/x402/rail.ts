import type { Offer } from '../../access/offer.ts'
import { describePack } from '../../access/pack.ts'
import type { Result } from '../../core/result.ts'
import { err } from '../../core/result.ts'
import type { Refusal } from '../../core/problem.ts'
import { bindingsOf } from '../../config/rules/bindings.ts'
import { pluginOptions } from '../../config/rules/pluginoptions.ts'
import { EXPOSED, isExposed } from '../../tokens/bearer.ts'
import type { Zone } from '../../zone.ts'
import type { Carried, Challenge, Contribution, Rail, Unverified } from '../rail.ts'
import { type X402Options, x402Schema, tokensIn } from './rules/options.ts'
import { longestPaymentRequired, v1Members, writePaymentRequired } from './rules/challenge.ts'
import { judgePayments, type X402Payment } from './rules/matching.ts'
import { compileX402Offer, X402, type X402Offer, type X402Token } from './rules/requirements.ts'
import { SETTLEMENT_FIELDS } from './rules/settlementfield.ts'
import { peekX402, readPayments, V1_FIELD, V2_FIELD } from './rules/wire.ts'
import { type CompiledField, x402ZoneFaults } from './rules/zonefaults.ts'
import { createChainSettler } from './settler.ts'

/** The rail, with the options by which another rail may have its payments settled. */
export interface X402Rail extends Rail {
  readonly chain: X402Options
}

/** Returns the rail of x402 among the rails of a zone. */
export function x402RailIn(rails: readonly Rail[]): X402Rail | undefined {
  return rails.find((rail): rail is X402Rail => rail.name === X402 && 'chain' in rail)
}

/**
 * Takes payments by x402, in both of its versions at once: see docs/x402.md. Needs ledgers, and a route with a price.
 *
 * @example
 * ```ts zone
 * rails: [
 *   bearer(),
 *   x402({
 *     facilitator: { url: 'https://x402.org/facilitator' },
 *     accepts: [
 *       {
 *         network: 'eip155:84532',
 *         asset: '0x036CbD53842c5426634e7929541eC2318f3dCF7e',
 *         name: 'USDC',
 *         version: '2',
 *         decimals: 6,
 *         currency: 'USD',
 *         payTo: '0x70997970C51812dc3A010C7d01b50e0d17dc79C8',
 *       },
 *     ],
 *   }),
 * ],
 * routes: [{ path: '/reports/*', price: { amount: '0.75', currency: 'USD' } }],
 * ```
 */
export function x402(options: X402Options): X402Rail {
  const { faults, read } = pluginOptions(x402Schema, options)
  const offers = offersIn(options.accepts)
  return {
    name: X402,
    role: 'payment',
    kinds: [],
    chain: options,
    present(carried) {
      const proof = presentedIn(carried, offers)
      return proof && { role: 'payment', rail: X402, proof }
    },
    challenge: (asked) => challenge(asked, offers),
    peek,
    strip(fields) {
      fields.delete(V2_FIELD)
      fields.delete(V1_FIELD)
    },
    prices: (offer) =>
      (offers(offer)?.entries ?? []).map(({ requirements: accepts, pack }) => {
        const { amount, asset } = accepts
        return { method: X402, amount, currency: asset, accepts, ...(pack && { pack: describePack(pack) }) }
      }),
    settler: { create: (platform) => createChainSettler(read(bindingsOf(platform.bindings)), platform) },
    credentialFields: [V2_FIELD.toLowerCase(), V1_FIELD.toLowerCase()],
    exposes: ['PAYMENT-REQUIRED', ...Object.values(SETTLEMENT_FIELDS)],
    faults,
    zoneFaults(zone) {
      const tokens = tokensIn(options)
      return tokens === undefined ? [] : x402ZoneFaults(zone.routes, tokens, compiledFor(zone, offers))
    },
  }
}

function compiledFor(zone: Zone, offers: OffersByX402) {
  return (asked: Offer): CompiledField => {
    const offer = offers(asked)
    return { offer, longestField: offer === undefined ? 0 : longestPaymentRequired(offer, addressOf(zone)) }
  }
}

/** Returns an offer as x402 states it, or undefined if it is not sold by x402. */
type OffersByX402 = (offer: Offer | undefined) => X402Offer | undefined

/** Compiles each offer once: an offer belongs to one zone. */
function offersIn(tokens: readonly X402Token[]): OffersByX402 {
  const compiled = new WeakMap<Offer, X402Offer | false>()
  return (offer) => {
    if (offer === undefined) return undefined
    const known = compiled.get(offer) ?? compileX402Offer(offer, tokens) ?? false
    compiled.set(offer, known)
    return known === false ? undefined : known
  }
}

function addressOf({ hosts: [host = 'localhost'] }: Zone): string {
  return `https://${host}`
}

function presentedIn({ exchange, offer }: Carried, offers: OffersByX402): Result<X402Payment, Refusal> | undefined {
  const sent = readPayments(exchange.fields)
  if (sent === undefined) return undefined
  if (isExposed(exchange)) return err(EXPOSED)
  return sent.ok ? judgePayments(sent.value, offers(offer), exchange.now) : sent
}

/** The page's address alone differs from request to request: in the body a slot stands for it. */
function challenge({ offer, refusal, exchange }: Challenge, offers: OffersByX402): Contribution {
  const known = offers(offer)
  if (known === undefined) return { fields: [], isStatic: true }
  return {
    fields: [['PAYMENT-REQUIRED', writePaymentRequired(known, refusal, exchange)]],
    members: v1Members(known, refusal),
    hasStaticMembers: true,
  }
}

function peek({ exchange }: Pick<Carried, 'exchange'>): Unverified | undefined {
  for (const field of [V2_FIELD, V1_FIELD]) {
    const value = exchange.fields.get(field)
    const found = value === null ? undefined : peekX402(value)
    if (found === undefined) continue
    const { version, authorization } = found
    return { kind: 'payment', field, header: { x402Version: version }, claims: { ...authorization } }
  }
  return undefined
}
