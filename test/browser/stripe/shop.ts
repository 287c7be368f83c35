import { join } from 'node:path'
import { startOrigin } from '../../../demo/origin.ts'
import { addDemoPrices } from '../../../demo/stripe/prices.ts'
import { freePort } from '../../../tools/loopback.ts'
import { startWorkerd } from '../../../tools/workerd.ts'
import { DOUBLE_KEY, type StripeDouble } from '../../stripe/double/index.ts'
import { startStripeDouble } from '../../stripe/double/server.ts'
import { bundleOf, ROOT } from '../../slow/bundles.ts'

/** The demo's shop with Stripe alone, and one clock for the gate and for what stands for Stripe. */
export interface StripeShop {
  readonly gate: string
  readonly stripe: string
  readonly double: StripeDouble
  readonly log: readonly string[]
  /** Moves the clock, lets happen what time alone does at Stripe, and delivers its webhooks. */
  readonly tick: (seconds: number) => Promise<void>
  readonly stop: () => Promise<void>
}

export async function startStripeShop(): Promise<StripeShop> {
  const port = await freePort()
  const gateUrl = `http://localhost:${port}`
  const time = { aheadSeconds: 0 }
  const secret = 'whsec_of_the_tests_000000000001'
  const origin = await startOrigin({})
  const server = await startStripeDouble({
    clock: () => Date.now() + time.aheadSeconds * 1000,
    webhooks: [{ url: `${gateUrl}/__faregate/events/stripe`, secret }],
  })
  addDemoPrices(server.double)
  const log: string[] = []
  const gate = await startWorkerd({
    module: bundleOf(join(ROOT, 'test/browser/stripe'), 'shopworker.ts'),
    address: `127.0.0.1:${port}`,
    objects: { LEDGER: 'Ledger' },
    vars: {
      ORIGIN_URL: origin.url,
      STRIPE_URL: server.url,
      STRIPE_KEY: DOUBLE_KEY,
      STRIPE_WEBHOOK: secret,
      ACCOUNT_HASH_KEY: 'a key for the tests',
      GATE_SECRET: 'a secret of the gate for the tests',
    },
    onLine: (line) => log.push(line),
  })
  return {
    gate: gateUrl,
    stripe: server.url,
    double: server.double,
    log,
    async tick(seconds) {
      time.aheadSeconds += seconds
      await fetch(`${gate.url}/?clock-ahead=${time.aheadSeconds}`)
      await server.double.deliver()
    },
    async stop() {
      await gate.stop()
      await origin.close()
      await server.close()
    },
  }
}
