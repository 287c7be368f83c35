import { join } from 'node:path'
import { startBilling } from '../../demo/billing.ts'
import { modelVariables } from '../../demo/models/models.ts'
import { serveModels, type ServedModels } from '../../demo/models/serve.ts'
import { startOrigin } from '../../demo/origin.ts'
import { demoVariable } from '../../demo/state.ts'
import { token } from '../../demo/token.ts'
import { bundleOf, ROOT } from './bundles.ts'
import { freePort } from '../../tools/loopback.ts'
import { startWorkerd } from '../../tools/workerd.ts'

/** The demo's parts in this process, and the gate in workerd: what `npm start` runs. */
export interface Running {
  readonly gate: string
  readonly origin: string
  readonly billing: string
  readonly models: ServedModels
  /** A token as `npm run token` prints it. */
  readonly token: (...options: string[]) => Promise<string>
  /** What the gate has logged so far. */
  readonly log: string[]
  readonly stop: () => Promise<void>
}

// Its keys are no running demo's.
process.env[demoVariable] ??= 'tests'

/** `behind` is an origin in place of the demo's. `more`: further variables of the gate. */
export async function startAll(behind?: string, more: Readonly<Record<string, string>> = {}): Promise<Running> {
  const usageSecret = 'a key for the tests, of thirty-two bytes'
  const clientSecret = 'a-secret-of-the-tests-of-43-letters-or-more'
  const port = await freePort()
  // Each needs the other's URL.
  const site = `http://localhost:${port}`
  const gates = [site, `http://127.0.0.1:${port}`]
  let shop = ''
  const origin = await startOrigin({ site, shop: () => shop })
  const billing = await startBilling({ usageSecret, clientSecret, gates })
  shop = billing.url
  const models = await serveModels()
  const log: string[] = []
  const gate = await startWorkerd({
    module: bundleOf(join(ROOT, 'demo')),
    address: `127.0.0.1:${port}`,
    objects: { LEDGER: 'Ledger' },
    vars: {
      ORIGIN_URL: behind ?? origin.url,
      BILLING_URL: billing.url,
      ACCOUNT_HASH_KEY: 'a key for the tests',
      GATE_SECRET: 'a secret of the gate for the tests',
      USAGE_URL: `${billing.url}/usage`,
      USAGE_SECRET: usageSecret,
      CLIENT_SECRET: clientSecret,
      ...modelVariables(models.url),
      ...more,
    },
    onLine: (line) => log.push(line),
  })
  return {
    gate: gate.url,
    origin: origin.url,
    billing: billing.url,
    models,
    log,
    token: (...options) => token(['--issuer', billing.url, ...options], Math.floor(Date.now() / 1000)),
    stop: async () => {
      await gate.stop()
      await origin.close()
      await billing.close()
      await models.close()
    },
  }
}
