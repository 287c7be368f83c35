import { pluginOptions } from '../../config/rules/pluginoptions.ts'
import type { Fault } from '../../config/rules/fault.ts'
import { formatAmount } from '../../core/money.ts'
import { isPaidBy } from '../../access/offer.ts'
import { hasPayment } from '../../http/rules/authorization.ts'
import type { Zone } from '../../zone.ts'
import type { Rail } from '../rail.ts'
import { type AsksOf, createAsks } from './asks.ts'
import { challengeFor } from './challenge.ts'
import type { ChargeMethod } from './method.ts'
import { peekPayment, presentPayment } from './present.ts'
import { OWN_FIELD } from './rules/challenge.ts'
import { DEFAULT_EXPIRES_SECONDS, mppSchema } from './rules/options.ts'
import { createMppSettler } from './settler.ts'
import { type StripeChargeOptions, stripeMethod } from './stripe.ts'

/** How payments by the HTTP scheme `Payment` are taken. */
export interface MppOptions {
  /** The time for which a challenge can be paid: 30 to 3600 seconds. Default 300. */
  expiresSeconds?: number
  /** Takes cards and the like, by shared payment tokens of Stripe's. */
  stripe: StripeChargeOptions
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
  const methods = methodsOf(options)
  const { faults } = pluginOptions(mppSchema, options)
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
    settler: { create: (platform) => createMppSettler(methods, platform) },
    credentialFields: [OWN_FIELD.toLowerCase()],
    exposes: ['Payment-Receipt'],
    faults,
    zoneFaults: (zone, rails) => zoneFaultsOf(zone, rails, parts.asksOf),
  }
}

/** Options of another shape have no methods: they are faults. */
function methodsOf({ stripe }: Partial<MppOptions>): readonly ChargeMethod[] {
  return stripe === undefined ? [] : [stripeMethod(stripe)]
}

function strip(fields: Headers): void {
  fields.delete(OWN_FIELD)
  if (hasPayment(fields.get('authorization'))) fields.delete('authorization')
}

/**
 * Returns what shows in a zone: a name that would be read as two, and prices that the rail cannot charge where payments are
 * taken by no other rail.
 */
function zoneFaultsOf(zone: Zone, rails: readonly Rail[], asksOf: AsksOf): readonly Fault[] {
  const name = zone.name.includes('|')
    ? [{ path: 'name', message: 'expected no "|": it separates the parts of a challenge of mpp()' }]
    : []
  if (rails.some((rail) => rail.name !== 'mpp' && rail.role === 'payment')) return name
  const routes = [...zone.routes.entries.map(({ route }) => route), zone.routes.unmatched]
  const prices = routes.flatMap(({ path, terms }) => {
    if (terms.kind !== 'paid' || !terms.offer.onSale || !isPaidBy(terms.offer, 'mpp')) return []
    const { price } = terms.offer
    if (price === undefined || asksOf(terms.offer).length > 0) return []
    const message = `${formatAmount(price)} ${price.currency} for "${path}" is an amount that no method of mpp() charges`
    return [{ path: 'routes', message }]
  })
  return [...name, ...prices]
}
