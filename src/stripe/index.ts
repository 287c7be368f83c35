/** The plug-ins for Stripe: `faregate/stripe`. */
export { stripeMeter, type StripeMeterOptions } from './meter.ts'
export type { StripeCheckoutOptions, StripeEmailOptions, StripeOptions } from './options.ts'
export type { SellOptions, SoldReceiptOptions } from './selloptions.ts'
export { stripe } from './webhook.ts'
