import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { bundle } from '../tools/bundle.ts'
import { startWorkerd, type Workerd } from '../tools/workerd.ts'
import { setTimeout as sleep } from 'node:timers/promises'
import { startBilling } from './billing.ts'
import { event } from './event.ts'
import type { Listening } from './listen.ts'
import { modelVariables } from './models/models.ts'
import { serveModels } from './models/serve.ts'
import { startOrigin } from './origin.ts'
import { type Close, freePort, messageOf, orInUse, type Port, runUntilSignal, usable, UsageError } from './process.ts'
import {
  accountHashKey,
  alertsSecret,
  announce,
  clientSecret,
  defaultPorts,
  demoVariable,
  gateSecret,
  metricsSecret,
  stateFolder,
  usageSecret,
} from './state.ts'

const usage = `Runs the gate with a demo origin and a demo billing backend, all on this machine.

Usage: npm start -- [options]

  --port <n>           the gate (default: 8787, or a free port where that is taken); 0 takes a free port
  --origin-port <n>    the demo origin (default: 8788, likewise)
  --billing-port <n>   the demo billing backend (default: 8789, likewise). Its URL is the issuer of its tokens; while
                       it runs, "npm run token" signs for that issuer. Where several demos run, each has keys of its
                       own, and ${demoVariable} says which is meant, by the port of its gate
  --origin <url>       put the gate before this origin, and start no demo origin
  --test-route <terms> free or paid: what /test/* is, where a suite for caches runs (default: free)
  --help               this text
`

type Settings = {
  gatePort: Port
  originPort: Port
  billingPort: Port
  origin: string | undefined
  testRoute: 'free' | 'paid'
}

function settings(args: readonly string[]): Settings | 'help' {
  const { values } = parse(args)
  if (values.help) return 'help'
  const origin = values.origin === undefined ? undefined : originUrl(values.origin)
  const ports = {
    gatePort: port('--port', values.port, defaultPorts.gate),
    originPort: port('--origin-port', values['origin-port'], defaultPorts.origin),
    billingPort: port('--billing-port', values['billing-port'], defaultPorts.billing),
  }
  const wanted = [ports.gatePort, ports.billingPort, ...(origin === undefined ? [ports.originPort] : [])]
  const fixed = wanted.map(({ number }) => number).filter((number) => number !== 0)
  if (new Set(fixed).size < fixed.length) throw new UsageError('the ports must differ')
  return { ...ports, origin, testRoute: testRoute(values['test-route']) }
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        port: { type: 'string' },
        'origin-port': { type: 'string' },
        'billing-port': { type: 'string' },
        origin: { type: 'string' },
        'test-route': { type: 'string', default: 'free' },
        help: { type: 'boolean', default: false },
      },
    })
  } catch (error) {
    throw new UsageError(messageOf(error))
  }
}

function port(option: string, text: string | undefined, usual: number): Port {
  if (text === undefined) return { number: usual, isGiven: false }
  const number = Number(text)
  if (!/^\d{1,5}$/.test(text) || number > 65535) throw new UsageError(`${option}: expected 0 to 65535, not "${text}"`)
  return { number, isGiven: true }
}

function originUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined
  const isHttp = url?.protocol === 'http:' || url?.protocol === 'https:'
  if (url === undefined || !isHttp || url.href !== `${url.origin}/`) {
    throw new UsageError(`--origin: expected a URL like https://origin.example.com, not "${text}"`)
  }
  return url.origin
}

function testRoute(text: string): Settings['testRoute'] {
  if (text !== 'free' && text !== 'paid') throw new UsageError(`--test-route: expected free or paid, not "${text}"`)
  return text
}

type Running = { readonly gate: Workerd; readonly gateUrl: string; readonly origin: string; readonly billing: string }

/** Starts the parts, and notes in `closes` how to end each that did start. */
async function startParts(chosen: Settings, closes: Close[]): Promise<Running> {
  const started = async (starting: Promise<Listening>) => {
    const part = await starting
    closes.push(part.close)
    return part.url
  }
  const originPort = await usable(chosen.originPort)
  const billingPort = await usable(chosen.billingPort)
  // The gate and the billing backend each need the other's URL, so the gate's port is settled before either starts.
  const gatePort = (await usable(chosen.gatePort)) || (await freePort())
  process.env[demoVariable] = String(gatePort)
  const gateUrl = `http://localhost:${gatePort}`
  let shop = ''
  const news = { port: originPort, site: gateUrl, shop: () => shop }
  const origin = chosen.origin ?? (await started(orInUse('--origin-port', originPort, startOrigin(news))))
  const secrets = {
    usageSecret: await usageSecret(),
    alertsSecret: await alertsSecret(),
    clientSecret: await clientSecret(),
  }
  const gates = [gateUrl, `http://127.0.0.1:${gatePort}`]
  const billing = await started(
    orInUse('--billing-port', billingPort, startBilling({ port: billingPort, gates, ...secrets })),
  )
  shop = billing
  // So slow that people see the tokens come.
  const models = await started(serveModels({ pace: () => sleep(25) }))
  const module = await bundle({ entry: 'demo/worker.ts', outdir: join(await stateFolder(), 'build') })
  const gate = await orInUse(
    '--port',
    gatePort,
    startWorkerd({
      module,
      address: `127.0.0.1:${gatePort}`,
      objects: { LEDGER: 'Ledger' },
      vars: {
        ORIGIN_URL: origin,
        BILLING_URL: billing,
        ACCOUNT_HASH_KEY: await accountHashKey(),
        GATE_SECRET: await gateSecret(),
        METRICS_SECRET: await metricsSecret(),
        USAGE_URL: `${billing}/usage`,
        USAGE_SECRET: secrets.usageSecret,
        ALERTS_SECRET: secrets.alertsSecret,
        GATE_URL: gateUrl,
        CLIENT_SECRET: secrets.clientSecret,
        TEST_ROUTE: chosen.testRoute,
        FREE_VIEWS: '3',
        ...modelVariables(models),
      },
      onLine: (line, stream) => (stream === 'stdout' ? console.log(line) : console.error(line)),
    }),
  )
  closes.push(gate.stop)
  closes.push(await announce({ gate: gateUrl, issuer: billing }))
  await event(['--sub', 'account-demo', '--grant', '1 USD'])
  return { gate, gateUrl, origin, billing }
}

function introduction({ gateUrl, origin, billing }: Running): string {
  const { port: gatePort } = new URL(gateUrl)
  const which = gatePort === String(defaultPorts.gate) ? '' : `${demoVariable}=${gatePort} `
  return `Faregate runs at ${gateUrl}, before the origin ${origin}, with the billing backend ${billing}

Unpaid, and why:
  curl -i ${gateUrl}/articles/1
  curl -s '${gateUrl}/__faregate/explain?target=/articles/1'

Paid, in another terminal:
  TOKEN=$(${which}npm run -s token -- --entitlements premium)
  curl -i ${gateUrl}/articles/1 -H "Authorization: Bearer $TOKEN"
  curl -s '${gateUrl}/__faregate/explain?target=/articles/1' -H "Authorization: Bearer $TOKEN"

Language models, paid by the token from the demo's credit of 1 USD; the provider behind them is the demo's own:
  KEY=$(${which}npm run -s token -- --entitlements api)
  curl -N ${gateUrl}/openai/v1/chat/completions -H "Authorization: Bearer $KEY" -H 'Content-Type: application/json' \\
    -d '{"model":"gpt-6-luna","stream":true,"messages":[{"role":"user","content":"What does a word cost?"}]}'
  curl -s ${gateUrl}/__faregate/account -H "Authorization: Bearer $KEY"
More than is left, which no SDK tries again:
  curl -i ${gateUrl}/openai/v1/chat/completions -H "Authorization: Bearer $KEY" -H 'Content-Type: application/json' \\
    -d '{"model":"gpt-6-astra","max_completion_tokens":50000,"messages":[{"role":"user","content":"Hello"}]}'

In a browser:
  ${gateUrl}/             the newspaper: three articles a month are free; then buy or sign in (as "reader", who has
                             Premium), and come back to the article
  ${gateUrl}/reports/1     sold by itself: by a receipt, or from credit
  ${gateUrl}/playground    asks the models
  ${gateUrl}/__faregate/operator
                             what happens here, ten seconds after the first request, for operators with a token:
                             ${which}npm run -s token -- --operator --scope view
Ctrl-C ends it. The gate's log:
`
}

async function start(chosen: Settings, closes: Close[]) {
  const running = await startParts(chosen, closes)
  return { exited: running.gate.exited, introduction: introduction(running) }
}

async function main(args: readonly string[]): Promise<number> {
  try {
    const chosen = settings(args)
    if (chosen !== 'help') return await runUntilSignal((closes) => start(chosen, closes))
    console.log(usage.trimEnd())
    return 0
  } catch (error) {
    if (!(error instanceof UsageError)) throw error
    console.error(`faregate: ${error.message}`)
    return 2
  }
}

process.exitCode = await main(process.argv.slice(2))
