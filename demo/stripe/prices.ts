import type { StripeDouble } from '../../test/stripe/double/index.ts'

/** What is for sale at what stands for Stripe. */
export function addDemoPrices(double: StripeDouble): void {
  const usd = { currency: 'usd' }
  double.addPrice({ id: 'price_monthly', amount: 500, ...usd, every: 'month', name: 'Premium subscription' })
  double.addPrice({ id: 'price_reports', amount: 25, ...usd, name: 'Reports for an hour' })
  double.addPrice({ id: 'price_credit', amount: 500, ...usd, name: 'Prepaid credit' })
}
