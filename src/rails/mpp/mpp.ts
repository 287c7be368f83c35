import { pluginOptions } from '../../config/rules/pluginoptions.ts'
import type { Fault } from '../../config/rules/fault.ts'
import { formatAmount } from '../../core/money.ts'
import { isPaidBy } from '../../access/offer.ts'
import { describePack } from '../../access/pack.ts'
import { routeName } from '../../access/route.ts'
import { hasPayment } from '../../http/rules/authorization.ts'
import type { Zone } from '../../zone.ts'
import type { Rail } from '../rail.ts'
import { type X402Options, x402Schema } from '../x402/rules/options.ts'
import { x402RailIn } from '../x402/rail.ts'
import { type AsksOf, createAsks } from './asks.ts'
import { challengeFor, MAX_CHALLENGES } from './challenge.ts'
import { evmMethod } from './evm.ts'
import type { ChargeMethod } from './method.ts'
import { peekPayment, presentPayment } from './present.ts'
import { OWN_FIELD } from './rules/challenge.ts'
import { textMember } from './rules/decode.ts'
import { DEFAULT_EXPIRES_SECONDS, mppSchema } from './rules/options.ts'
import { createMppSettler } from './settler.ts'
import { type StripeChargeOptions, stripeMethod } from './stripe.ts'

/** How payments by the HTTP scheme `Payment` are taken: by `evm`, `stripe`, or both. */
export interface MppOptions {
  /** The time for which a challenge can be paid: 30 to 3600 seconds. Default 300. */
  expiresSeconds?: number
  /**
   * Takes tokens on chains, by authorizations of EIP-3009 that a facilitator of x402 settles: `true` for the facilitator and the
   * tokens of `x402()` in the same zone, or others.
   */
  evm?: true | X402Options
  /** Takes cards and the like, by shared payment tokens of Stripe's. */
  stripe?: StripeChargeOptions
}

/**
 * Takes machine payments by the HTTP scheme `Payment` (MPP): clients such as `mppx` pay for one request at a time. A route's
 * price is charged once the origin has answered well, and before the first byte leaves: see docs/mpp.md. Needs `secrets.gate`
 * and ledgers.
 *
 * @example
 * ```ts zone
 * rails: [
 *   bearer(),
 *   mpp({ stripe: { secretKey: 'STRIPE_KEY', networkId: 'profile_1', paymentMethodTypes: ['card', 'link'] } }),
 * ],
 * routes: [{ path: '/reports/*', price: { amount: '0.75', currency: 'USD' } }],
 * ```
 */
export function mpp(options: MppOptions): Rail {
  const { evm } = options
  const known = evm === true ? undefined : evm
  const rail = railOf(options, methodsOf(options, known))
  return evm === true
    ? { ...rail, beside: (rails) => railOf(options, methodsOf(options, x402RailIn(rails)?.chain)) }
    : rail
}

function railOf(options: MppOptions, methods: readonly ChargeMethod[]): Rail {
  const { faults } = pluginOptions((bindings) => mppSchema(bindings, x402Schema(bindings)), options)
  const parts = { methods, asksOf: createAsks(methods) }
  const { expiresSeconds = DEFAULT_EXPIRES_SECONDS } = options
  return {
    name: 'mpp',
    role: 'payment',
    kinds: [],
    needsGateKey: true,
    present(carried) {
      const proof = presentPayment(carried, parts)
      return proof && { role: 'payment', rail: 'mpp', proof }
    },
    challenge: (challenge) => challengeFor(challenge, parts.asksOf, expiresSeconds),
    peek: peekPayment,
    strip,
    prices: (offer) =>
      (isPaidBy(offer, 'mpp') ? parts.asksOf(offer) : []).map(({ method, request, pack }) => {
        const price = { amount: textMember(request, 'amount'), currency: textMember(request, 'currency') }
        return { method, ...price, ...(pack && { pack: describePack(pack) }) }
      }),
    settler: { create: (platform) => createMppSettler(methods, platform) },
    credentialFields: [OWN_FIELD.toLowerCase()],
    exposes: ['Payment-Receipt'],
    faults,
    zoneFaults: (zone, rails) => [
      ...missing(options, methods),
      ...zoneFaultsOf(zone, rails, parts.asksOf),
      ...tooManyFaults(zone, parts.asksOf),
    ],
  }
}

/** Options of another shape have no methods: they are faults. */
function methodsOf({ stripe }: MppOptions, chain: X402Options | undefined): readonly ChargeMethod[] {
  return [...(chain === undefined ? [] : [evmMethod(chain)]), ...(stripe === undefined ? [] : [stripeMethod(stripe)])]
}

function missing({ evm }: MppOptions, methods: readonly ChargeMethod[]): readonly Fault[] {
  const isMissing = evm === true && !methods.some(({ name }) => name === 'evm')
  return isMissing ? [{ path: 'rails', message: 'expected x402() beside mpp({ evm: true })' }] : []
}

function strip(fields: Headers): void {
  fields.delete(OWN_FIELD)
  if (hasPayment(fields.get('authorization'))) fields.delete('authorization')
}

/** Returns the prices that the rail cannot charge, where payments are taken by no other rail. */
function zoneFaultsOf(zone: Zone, rails: readonly Rail[], asksOf: AsksOf): readonly Fault[] {
  if (rails.some(({ name, role }) => name !== 'mpp' && role === 'payment')) return []
  const routes = [...zone.routes.entries.map(({ route }) => route), zone.routes.unmatched]
  return routes.flatMap(({ path, terms }) => {
    if (terms.kind !== 'paid' || !terms.offer.onSale || !isPaidBy(terms.offer, 'mpp')) return []
    const { price } = terms.offer
    if (price === undefined || asksOf(terms.offer).length > 0) return []
    const message = `${formatAmount(price)} ${price.currency} for "${path}" is an amount that no method of mpp() charges`
    return [{ path: 'routes', message }]
  })
}

/** Returns the routes whose 402 would need more challenges than it has room for: a client might find none that it can pay. */
function tooManyFaults({ routes }: Zone, asksOf: AsksOf): readonly Fault[] {
  const all = [...routes.entries.map(({ route }) => route), routes.unmatched]
  return all.flatMap((route) => {
    const { terms } = route
    if (terms.kind !== 'paid' || !isPaidBy(terms.offer, 'mpp')) return []
    const { length } = asksOf(terms.offer)
    if (length <= MAX_CHALLENGES) return []
    const message = `${routeName(route)}: mpp() asks in ${length} ways, and ${MAX_CHALLENGES} is the most: name fewer tokens, methods or packs`
    return [{ path: 'routes', message }]
  })
}
