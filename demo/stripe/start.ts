/** `npm run shop`: the gate with an account at Stripe and no other backend. What stands for Stripe runs on this machine. */
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { DOUBLE_KEY } from '../../test/stripe/double/index.ts'
import { startStripeDouble } from '../../test/stripe/double/server.ts'
import { bundle } from '../../tools/bundle.ts'
import { startWorkerd } from '../../tools/workerd.ts'
import { startOrigin } from '../origin.ts'
import { type Close, freePort, runUntilSignal, type Started, usable } from '../process.ts'
import { addDemoPrices } from './prices.ts'
import { accountHashKey, defaultPorts, demoVariable, gateSecret, stateFolder } from '../state.ts'

const usage = `Runs the gate with a shop at Stripe: a double of it, on this machine, which takes no money.

Usage: npm run shop -- [options]

  --port <n>    the gate (default: ${defaultPorts.gate}, or a free port where that is taken)
  --help        this text
`

const WEBHOOK_SECRET = 'whsec_of_the_demo_0000000000001'
/** A webhook comes by itself, a moment after what it tells of. */
const DELIVER_EVERY_MS = 500

async function start(port: number | undefined, closes: Close[]): Promise<Started> {
  const wanted = { number: port ?? defaultPorts.gate, isGiven: port !== undefined }
  const gatePort = (await usable(wanted)) || (await freePort())
  process.env[demoVariable] = String(gatePort)
  const gateUrl = `http://localhost:${gatePort}`
  const origin = await startOrigin({ site: gateUrl })
  closes.push(origin.close)
  const webhooks = [{ url: `${gateUrl}/__faregate/events/stripe`, secret: WEBHOOK_SECRET }]
  const server = await startStripeDouble({ webhooks, deliverEveryMs: DELIVER_EVERY_MS })
  closes.push(() => server.close())
  const { double, url: stripe } = server
  addDemoPrices(double)
  const module = await bundle({ entry: 'demo/stripe/worker.ts', outdir: join(await stateFolder(), 'build-stripe') })
  const gate = await startWorkerd({
    module,
    address: `127.0.0.1:${gatePort}`,
    objects: { LEDGER: 'Ledger' },
    vars: {
      ORIGIN_URL: origin.url,
      STRIPE_URL: stripe,
      STRIPE_KEY: DOUBLE_KEY,
      STRIPE_WEBHOOK: WEBHOOK_SECRET,
      ACCOUNT_HASH_KEY: await accountHashKey(),
      GATE_SECRET: await gateSecret(),
    },
    onLine: (line, stream) => (stream === 'stdout' ? console.log(line) : console.error(line)),
  })
  closes.push(gate.stop)
  return { exited: gate.exited, introduction: introduction(gateUrl, stripe) }
}

function introduction(gate: string, stripe: string): string {
  return `Faregate runs at ${gate}, and sells through what stands for Stripe at ${stripe}; no money moves

In a browser:
  ${gate}/articles/1    buy the subscription, pay on "Stripe's" page, and come back to the article
  ${gate}/reports/1     buy reports for an hour, or credit
  ${gate}/__faregate/portal    cancel on "Stripe's" page
  ${gate}/__faregate/sign-out  sign out
Ctrl-C ends it. The gate's log:
`
}

const { values } = parseArgs({ options: { port: { type: 'string' }, help: { type: 'boolean', default: false } } })
if (values.help) console.log(usage.trimEnd())
else
  process.exitCode = await runUntilSignal((closes) =>
    start(values.port === undefined ? undefined : Number(values.port), closes),
  )
