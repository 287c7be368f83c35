/**
 * Pays one page by five published clients, on a chain of its own: `npm run pay`. Prints what each has paid, and ends with 1 if
 * anything was not paid exactly once. Everything runs on this machine, and nothing of it is money.
 */
import { formatDecimal } from '../../src/core/money.ts'
import { bundle } from '../../tools/bundle.ts'
import { type Client, CLIENTS } from '../../tools/payments/clients/clients.ts'
import { startChain } from '../../tools/payments/stack/chain.ts'
import { startFacilitator } from '../../tools/payments/stack/reference.ts'
import { serve } from '../../tools/payments/stack/serve.ts'
import { startStripe } from '../../tools/payments/stack/stripe.ts'
import { startWorkerd } from '../../tools/workerd.ts'

const PRICE_UNITS = 750_000n
const PAYERS: readonly (readonly [name: string, client: Client])[] = [
  ['@x402/fetch (x402 v2)', CLIENTS.x402Fetch],
  ['@x402/axios (x402 v2)', CLIENTS.x402Axios],
  ['x402-fetch  (x402 v1)', CLIENTS.x402FetchV1],
  ['mppx        (MPP, wallet)', CLIENTS.mppxEvm],
  ['mppx        (MPP, card)', CLIENTS.mppxStripe],
]

const chain = await startChain()
const [facilitator, stripe] = await Promise.all([startFacilitator(chain), startStripe()])
let runs = 0
const origin = await serve(async (request, response) => {
  runs += 1
  response.writeHead(200, { 'content-type': 'text/plain', 'cache-control': 'no-store' }).end(`report ${request.url}`)
})
const module = await bundle({ entry: 'demo/pay/worker.ts', outdir: '.faregate/pay' })
const gate = await startWorkerd({
  module,
  objects: { LEDGER: 'Ledger' },
  dropsOutput: true,
  vars: {
    ORIGIN_URL: origin.url,
    FACILITATOR_URL: facilitator.url,
    STRIPE_URL: stripe.url,
    STRIPE_KEY: 'sk_test_0123456789abcdef',
    TOKEN_SECRET: 'a secret of nobody, of thirty-two bytes',
    GATE_SECRET: 'another secret of nobody, of 32 bytes',
  },
})

let failed = 0
try {
  const refused = await fetch(`${gate.url}/reports/unpaid`)
  console.log(`nobody: ${refused.status}, and the origin was asked ${runs} times`)
  if (refused.status !== 402 || runs !== 0) failed += 1
  for (const [at, [name, client]] of PAYERS.entries()) failed += await pay(name, client, `/reports/${at + 1}`)
  console.log(
    `${PAYERS.length} clients paid from one URL each, ${failed === 0 ? 'each exactly once' : `${failed} FAILED`}`,
  )
} finally {
  await Promise.all([gate.stop(), origin.stop(), stripe.stop(), facilitator.stop()])
  await chain.stop()
}
process.exitCode = failed === 0 ? 0 : 1

/** Has one client buy one page. Returns 1 if the page did not come, or not for its price. */
async function pay(name: string, client: Client, path: string): Promise<number> {
  const [before, cards, asked] = [await chain.received(), stripe.intents.length, runs]
  const response = await client(`${gate.url}${path}`)
  const body = (await response.text()).slice(0, 40)
  const units = (await chain.received()) - before
  const charged = stripe.intents.length - cards
  const moved =
    units > 0n ? `${formatDecimal(units, 6)} USDC on the chain` : `${charged} payment intent at Stripe's double`
  console.log(`${name}: ${response.status} "${body}", ${moved}`)
  const isOnce = units === PRICE_UNITS ? charged === 0 : units === 0n && charged === 1
  return response.status === 200 && isOnce && runs === asked + 1 ? 0 : 1
}
