import { alerts, bearer, credit, health, metrics, signed } from '../../../src/index.ts'
import { faregate } from '../../../src/platform/cloudflare/index.ts'

/**
 * A site whose alerts go to receivers of the test, and whose clock and alarms the test drives: `/test/later?minutes=1` sets the
 * clock forward, `/test/ring?object=…` rings the alarm of an object, and `/test/alarm?object=…` says when it will ring.
 */
const {
  Gate,
  Origin,
  Ledger: Unrung,
} = faregate((env) => {
  const secret = 'ALERTS_SECRET'
  const to = String(env['RECEIVERS'])
    .split(' ')
    .map((url) => ({ url, secret }))
  const scraped = metrics({ secret: 'METRICS_SECRET' })
  return {
    secrets: { gate: 'GATE_SECRET' },
    endpoints: [credit(), health(), scraped, ...(env['ALERTS'] === 'on' ? [alerts({ to })] : [])],
    usage: [signed({ url: String(env['BILLING_URL']), secret: 'ALERTS_SECRET' })],
    log: { accountKey: 'ACCOUNT_KEY' },
    zones: [
      {
        name: 'news',
        hosts: ['127.0.0.1'],
        audience: 'https://news.test',
        issuers: [
          { issuer: 'https://billing.test', secret: 'TOKEN_SECRET' },
          { issuer: 'https://down.test', jwks: { url: `${String(env['ORIGIN_URL'])}/no-keys` } },
        ],
        operators: [{ issuer: 'https://billing.test', secret: 'TOKEN_SECRET' }],
        origin: { servers: [{ url: String(env['ORIGIN_URL']) }] },
        rails: [bearer()],
        routes: [
          { path: '/articles/*', requires: 'premium' },
          { path: '/reports/*', price: { amount: '0.25', currency: 'USD' }, cache: 'off' },
        ],
        unmatched: 'free',
      },
    ],
  }
})

const realNow = Date.now.bind(Date)
let laterMs = 0
Date.now = () => realNow() + laterMs

class Ledger extends Unrung {
  async ring(): Promise<number | null> {
    await this.alarm()
    return this.ctx.storage.getAlarm()
  }

  alarmAt(): Promise<number | null> {
    return this.ctx.storage.getAlarm()
  }
}

interface Env {
  readonly LEDGER: DurableObjectNamespace<Ledger>
}

export default {
  async fetch(request: Request, env: Env, ctx: ExecutionContext): Promise<Response> {
    const { pathname, searchParams } = new URL(request.url)
    if (pathname === '/test/later') {
      laterMs += Number(searchParams.get('minutes')) * 60_000
      return Response.json(Date.now())
    }
    if (!pathname.startsWith('/test/')) return Gate.fetch(request, env, ctx)
    const object = env.LEDGER.get(env.LEDGER.idFromName(searchParams.get('object') ?? ''))
    return Response.json(await (pathname === '/test/ring' ? object.ring() : object.alarmAt()))
  },
}
export { Ledger, Origin }
