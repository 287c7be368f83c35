import { machineTime, showTime } from './clock.ts'
import {
  bearer,
  credit,
  dashboard,
  html,
  metrics,
  type Options,
  openai,
  receipt,
  searchCrawlers,
  signed,
  x402,
} from '../../src/index.ts'
import { faregate } from '../../src/platform/cloudflare/index.ts'
import { shop } from './shop.ts'

type Environment = Readonly<Record<string, string | undefined>>
type Site = Options['zones'][number]

/** The clock of one site changes by an hour at three in the morning; that of the other also stands half an hour apart from most. */
const CLOCKS = { berlin: 'Europe/Berlin', newfoundland: 'America/St_Johns' }

const OFFERS: NonNullable<Site['offers']> = {
  monthly: { title: 'Monthly', price: { amount: '5', currency: 'EUR', every: 'P1M' }, grants: ['premium'] },
  yearly: { title: 'Yearly', price: { amount: '50', currency: 'EUR', every: 'P1Y' }, grants: ['premium', 'archive'] },
  archive: { title: 'The archive', price: { amount: '1', currency: 'EUR', every: 'P1M' }, grants: ['archive'] },
}

const RATES = {
  small: { rates: { input: '0.375', output: '2.5' }, limit: { input: 1000, output: 1000 } },
  large: { rates: { input: '3', output: '15' }, limit: { input: 1000, output: 1000 } },
}

const routesOf = (url: string): Site['routes'] => [
  { path: '/articles/*', requires: 'premium' },
  { path: '/watched/*', requires: 'premium', observe: { until: '2030-01-01T00:00:00Z' } },
  { path: '/reports/*', price: { amount: '0.25', currency: 'USD' }, cache: 'off' },
  { path: '/euros/*', price: { amount: '0.075', currency: 'EUR' }, cache: 'off' },
  {
    path: '/api/*',
    price: { amount: '0.01', currency: 'USD' },
    quotas: [{ name: 'requests', quota: 1_000_000, window: 'P1D' }],
    cache: 'off',
  },
  { path: '/few/*', requires: 'premium', quotas: [{ name: 'few', unit: 'requests', quota: 3, window: 'P1D' }] },
  { path: '/slowly/*', requires: 'premium', rates: [{ requests: 2, seconds: 10 }] },
  { path: '/orders/*', methods: ['GET', 'POST'], requires: 'premium', cache: 'off' },
  {
    path: '/v1/*',
    requires: 'premium',
    meter: openai({ secret: 'OPENAI_KEY', url, currency: 'USD', models: RATES, count: 'bytes' }),
  },
  { path: '/archive/*', requires: 'archive' },
  { path: '/closed/*', closed: true },
]

const railsOf = (env: Environment): Site['rails'] => [
  bearer(),
  receipt(),
  x402({
    facilitator: { url: String(env['FACILITATOR_URL']) },
    accepts: [
      {
        network: 'eip155:84532',
        asset: '0x036CbD53842c5426634e7929541eC2318f3dCF7e',
        name: 'USDC',
        version: '2',
        decimals: 6,
        currency: 'USD',
        payTo: '0x70997970C51812dc3A010C7d01b50e0d17dc79C8',
      },
    ],
  }),
]

function siteOf(name: string, timeZone: string, env: Environment): Site {
  const url = String(env['ORIGIN_URL'])
  return {
    name,
    hosts: [`${name}.localhost`],
    timeZone,
    audience: `https://${name}.test`,
    issuers: [{ issuer: 'https://billing.test', secret: 'TOKEN_SECRET' }],
    operators: [{ issuer: 'https://billing.test', secret: 'TOKEN_SECRET' }],
    origin: { servers: [{ url }], limits: { responseSeconds: 5, maxSessionSeconds: 5 } },
    rails: railsOf(env),
    exemptions: [searchCrawlers({ verify: [{ agent: 'GoodBot', ranges: ['192.0.2.0/24'] }] })],
    refusals: [html()],
    offers: OFFERS,
    logins: [shop()],
    routes: routesOf(url),
    unmatched: 'free',
  }
}

const {
  Gate,
  Origin,
  Ledger: PlainLedger,
} = faregate((env) => ({
  secrets: { gate: 'GATE_SECRET' },
  endpoints: [credit(), dashboard(), metrics({ secret: 'METRICS_SECRET' })],
  log: { accountKey: 'ACCOUNT_KEY' },
  usage: [signed({ url: String(env['BILLING_URL']), secret: 'USAGE_SECRET' })],
  zones: Object.entries(CLOCKS).map(([name, timeZone]) => siteOf(name, timeZone, env)),
}))

/** The ledgers of the script's clock: an alarm comes when that clock says so. */
export class Ledger extends PlainLedger {
  constructor(state: DurableObjectState, env: Cloudflare.Env) {
    super(state, env)
    const { storage } = state
    const set = storage.setAlarm.bind(storage)
    storage.setAlarm = (at: number | Date) => set(machineTime(Number(at)))
  }
}

interface Objects {
  readonly LEDGER: DurableObjectNamespace<InstanceType<typeof PlainLedger>>
}

/** The gate; and beside it, for the script alone, its clock, and what the ledgers hold whose names are sent. */
export default {
  async fetch(request, env, ctx) {
    const { pathname, searchParams } = new URL(request.url)
    if (pathname === '/script/clock') {
      showTime(Number(searchParams.get('now')))
      return new Response()
    }
    if (pathname !== '/script/ledgers') return Gate.fetch(request, env, ctx)
    const names = await request.json<string[]>()
    return Response.json(await Promise.all(names.map((name) => read(env.LEDGER.getByName(name)))))
  },
} satisfies ExportedHandler<Objects>

/** What a ledger has kept of all charges, by currency; how many are open, and whether billing has yet to be told of any. */
async function read(ledger: DurableObjectStub<InstanceType<typeof PlainLedger>>) {
  const [reading, outbox] = [await ledger.read({}), await ledger.takeOutbox(1)]
  if (!reading.ok || !outbox.ok) throw new Error('a ledger does not answer')
  const { totals, recent } = reading.value
  return {
    money: totals.money.map(({ name, units }) => [name, String(units)]),
    unsettled: totals.unsettled,
    open: recent.filter(({ state }) => state === 'open').length,
    isTold: outbox.value.length === 0,
  }
}

export { Origin }
