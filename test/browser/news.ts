import { join } from 'node:path'
import { startBilling } from '../../demo/billing.ts'
import { startOrigin } from '../../demo/origin.ts'
import { demoVariable } from '../../demo/state.ts'
import { freePort } from '../../tools/loopback.ts'
import { startWorkerd } from '../../tools/workerd.ts'
import { bundleOf, ROOT } from '../slow/bundles.ts'

process.env[demoVariable] ??= 'tests'

/** A newspaper of two hosts, with billing on another site, and one clock for both. */
export interface News {
  readonly www: string
  readonly shop: string
  readonly billing: string
  /** What the gate has logged. */
  readonly log: readonly string[]
  /** Moves the clock of the gate and of billing. */
  readonly tick: (seconds: number) => Promise<void>
  readonly stop: () => Promise<void>
}

export async function startNews(lifetimeSeconds = 60): Promise<News> {
  const clientSecret = 'a-secret-of-the-tests-of-43-letters-or-more'
  const port = await freePort()
  const [www, shop] = ['www', 'shop'].map((name) => `http://${name}.news.localhost:${port}`) as [string, string]
  const time = { aheadSeconds: 0 }
  const clock = (): number => Date.now() + time.aheadSeconds * 1000
  const origin = await startOrigin({ site: www })
  const billing = await startBilling({ clientSecret, gates: [www, shop], lifetimeSeconds, clock })
  const log: string[] = []
  const gate = await startWorkerd({
    module: bundleOf(join(ROOT, 'test/browser'), 'newsworker.ts'),
    address: `127.0.0.1:${port}`,
    objects: { LEDGER: 'Ledger' },
    vars: {
      ORIGIN_URL: origin.url,
      BILLING_URL: billing.url,
      ACCOUNT_HASH_KEY: 'a key for the tests',
      GATE_SECRET: 'a secret of the gate for the tests',
      CLIENT_SECRET: clientSecret,
    },
    onLine: (line) => log.push(line),
  })
  return {
    www,
    shop,
    billing: billing.url,
    log,
    async tick(seconds) {
      time.aheadSeconds += seconds
      await fetch(`${gate.url}/?clock-ahead=${time.aheadSeconds}`)
    },
    async stop() {
      await gate.stop()
      await origin.close()
      await billing.close()
    },
  }
}
