/** The plug-ins for Stripe: `faregate/stripe`. */
export { stripeMeter, type StripeMeterOptions } from './meter.ts'
export { stripe, type StripeOptions } from './webhook.ts'
