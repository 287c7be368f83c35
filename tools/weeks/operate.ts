import type { BillingIssuer } from '../../src/billing/index.ts'

const HOUR_MS = 3_600_000

/** An account is held, the articles are open to everyone, and a model is closed. */
export async function operate({
  gate,
  issuer,
  clock,
}: {
  readonly gate: string
  readonly issuer: BillingIssuer
  readonly clock: () => number
}): Promise<void> {
  const token = await issuer.signOperator({ scopes: ['hold', 'levers'], lifetimeSeconds: 600, subject: 'ops-7' })
  const until = new Date(clock() + 4 * HOUR_MS).toISOString()
  for (const [path, order] of [
    ['hold', { account: 'reader-31' }],
    ['levers', { open: { route: '/articles/*' }, until }],
    ['levers', { close: { model: 'gpt-6-astra' }, until }],
  ] as const) {
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
    const done = await fetch(`${gate}/__faregate/${path}`, { method: 'POST', headers, body: JSON.stringify(order) })
    if (!done.ok) throw new Error(`an order was answered ${done.status}: ${await done.text()}`)
  }
}
