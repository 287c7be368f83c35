import { bearer, credit, dashboard, metrics, receipt, signed } from '../src/index.ts'
import { faregate } from '../src/platform/cloudflare/index.ts'
import type { SumsRead } from './crash-sums-audit.ts'

type KeptCommand = Parameters<InstanceType<typeof PlainLedger>['keep']>[0]

/**
 * A site that adds up what it answers and earns: `demo/crash-sums.ts` kills it, and holds the sums against its ledgers and billing. It says
 * when sums were written and whoever sent them does not know it yet.
 */
const {
  Gate,
  Origin,
  Ledger: PlainLedger,
} = faregate((env) => ({
  secrets: { gate: 'GATE_SECRET' },
  endpoints: [credit(), dashboard(), metrics({ secret: 'METRICS_SECRET' })],
  usage: [signed({ url: String(env['BILLING_URL']), secret: 'USAGE_SECRET' })],
  zones: [
    {
      name: 'crash',
      hosts: ['127.0.0.1'],
      audience: 'https://crash.example',
      issuers: [{ issuer: 'https://billing.example', secret: 'TOKEN_SECRET' }],
      operators: [{ issuer: 'https://billing.example', secret: 'TOKEN_SECRET' }],
      rails: [bearer(), receipt()],
      origin: {
        servers: [{ url: String(env['ORIGIN_URL']) }],
        limits: { responseSeconds: 1, maxSessionSeconds: 1 },
      },
      routes: [
        {
          path: '/metered/*',
          price: { amount: '0.01', currency: 'USD' },
          quotas: [{ name: 'requests', quota: 1_000_000_000, window: 'P1D' }],
          cache: 'off',
        },
        { path: '/reports/*', price: { amount: '0.25', currency: 'USD' }, cache: 'off' },
      ],
      unmatched: 'closed',
    },
  ],
}))

interface Objects {
  readonly LEDGER: DurableObjectNamespace<InstanceType<typeof PlainLedger>>
  readonly SCRIPT_URL: string
}

export class Ledger extends PlainLedger {
  /** Says that a command on sums has been carried out. The platform sends that once it is durable, and the answer is not on its way. */
  override async keep(kept: KeptCommand): Promise<string> {
    const answer = await super.keep(kept)
    if (kept.kind !== 'tallies') return answer
    const { command } = kept
    const { SCRIPT_URL } = this.env as unknown as Objects
    const positions = command.kind === 'records' ? command.records.map(({ id }) => id) : []
    if (command.kind === 'records' || command.kind === 'post')
      await fetch(`${SCRIPT_URL}/${command.kind}`, { method: 'POST', body: JSON.stringify(positions) })
    return answer
  }
}

/** The gate; and beside it, for the script alone, what each ledger holds whose name is sent. */
export default {
  async fetch(request, env, ctx) {
    if (new URL(request.url).pathname !== '/ledgers') return Gate.fetch(request, env, ctx)
    const names = await request.json<string[]>()
    return Response.json(await Promise.all(names.map((name) => read(env.LEDGER.getByName(name)))))
  },
} satisfies ExportedHandler<Objects>

async function read(ledger: DurableObjectStub<InstanceType<typeof PlainLedger>>): Promise<SumsRead> {
  const [reading, outbox] = [await ledger.read({}), await ledger.takeOutbox(1)]
  if (!reading.ok || !outbox.ok) throw new Error('a ledger does not answer')
  const { totals, recent } = reading.value
  return {
    nanos: String(totals.money.reduce((sum, { units }) => sum + units, 0n)),
    unsettled: totals.unsettled,
    isSettled: outbox.value.length === 0 && recent.every(({ state }) => state !== 'open'),
  }
}

export { Origin }
