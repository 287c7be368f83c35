/** The README of a project that sells with Stripe alone. */
import { KEY_FILES } from './llm.ts'
import type { InitPlan } from './plan.ts'
import { operating, STRIPE_SECRETS } from './projectfiles.ts'

/** The events that the gate reads. */
export const STRIPE_EVENTS = [
  'checkout.session.completed',
  'checkout.session.async_payment_succeeded',
  'checkout.session.async_payment_failed',
  'payment_intent.payment_failed',
  'customer.deleted',
  'customer.subscription.created',
  'customer.subscription.updated',
  'customer.subscription.deleted',
  'customer.subscription.paused',
  'customer.subscription.resumed',
  'invoice.paid',
  'invoice.payment_failed',
  'charge.refunded',
  'refund.created',
  'refund.updated',
  'refund.failed',
  'charge.dispute.created',
  'charge.dispute.updated',
  'charge.dispute.closed',
] as const

/** Returns the text. */
export function stripeReadme({ name, hosts, paths }: InitPlan): string {
  const [host] = hosts
  const sample = (paths[0] ?? '/').replaceAll('*', '1')
  return `# ${name}

Faregate before ${host}, which sells with a Stripe account and nothing else: the gate makes the checkout, asks Stripe what was
paid, and keeps the reader signed in.

1. At Stripe, make a product with a recurring price, and write the id of the price (\`price_…\`) into \`faregate.config.ts\`.
2. Make a restricted key that may write Checkout Sessions, Customer portal, Refunds and Subscriptions, and read Charges, Customers, Disputes, Invoices, PaymentIntents, Prices and Products.
3. Add an event destination (webhook) for \`https://${host}/__faregate/events/stripe\` with these events:
${STRIPE_EVENTS.map((type) => `   - \`${type}\``).join('\n')}
4. Add both secrets to \`.dev.vars\`, which has those of the gate already:

\`\`\`sh
echo '${STRIPE_SECRETS.key}=rk_test_…' >> .dev.vars
echo '${STRIPE_SECRETS.webhook}=whsec_…' >> .dev.vars
npm install
npx faregate check
npx faregate start
\`\`\`

Then open http://localhost:8787${sample}: it is refused, and sells. Stripe reaches this machine by \`stripe listen --forward-to
localhost:8787/__faregate/events/stripe\`, which prints a signing secret of its own.
${operating(KEY_FILES.secret)}
\`${KEY_FILES.secret}\` signs your orders, such as the refund of a payment: it belongs in the store for secrets of whoever sells, and never in the repository.

Deployed: \`npx wrangler secret bulk .dev.vars\`, then \`npx wrangler deploy\`.
`
}
