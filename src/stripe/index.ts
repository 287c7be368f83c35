/** What of Stripe a configuration may name: `faregate/stripe`. */
export { stripeMeter, type StripeMeterOptions } from './meter.ts'
export { stripe, type StripeOptions } from './webhook.ts'
