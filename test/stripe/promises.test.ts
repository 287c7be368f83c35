import { expect, it } from 'vitest'
import { brokenPromises } from '../../cli/check/sold.ts'
import { session } from '../../src/login/session/rail.ts'
import { stripe } from '../../src/stripe/webhook.ts'
import { compiled, ZONE } from '../support/compiled.ts'

const SECRETS = { GATE: 'g'.repeat(32), STRIPE: `whsec_${'s'.repeat(32)}`, STRIPE_KEY: `sk_test_${'k'.repeat(32)}` }

it.each([
  ['premium', []],
  ['basic', ['zone a: pages say that "monthly" gives premium, and who sells it gives basic']],
])(
  'A zone that promises premium is warned only if what is sold gives something else: Stripe’s offer grants %s',
  (grants, warnings) => {
    const sell = { monthly: { price: 'price_1', grants } }
    const offers = { monthly: { title: 'Monthly', price: { amount: '5', currency: 'EUR' }, grants: ['premium'] } }
    const zone = {
      ...ZONE,
      rails: [session()],
      offers,
      events: [stripe({ secret: 'STRIPE', key: 'STRIPE_KEY', sell })],
    }
    const made = compiled({ secrets: { gate: 'GATE' }, zones: [zone] }, SECRETS)
    expect(brokenPromises(made)).toEqual(warnings)
  },
)
