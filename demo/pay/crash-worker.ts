import { bearer, mpp, receipt, signed, x402 } from '../../src/index.ts'
import { faregate, type Ledger as LedgerObject } from '../../src/platform/cloudflare/index.ts'
import type { SaleState } from './crash-audit.ts'

const price = { amount: '0.10', currency: 'USD' }

/**
 * A site that is paid by x402 and MPP, for `demo/pay/crash.ts` to kill. Its time limits are short, so that what nobody
 * reported is closed soon.
 */
const { Gate, Origin, Ledger } = faregate((env) => ({
  secrets: { gate: 'GATE_SECRET' },
  usage: [signed({ url: String(env['BILLING_URL']), secret: 'USAGE_SECRET' })],
  zones: [
    {
      name: 'crash',
      hosts: ['127.0.0.1'],
      audience: 'http://127.0.0.1',
      issuers: [{ issuer: 'https://billing.example', secret: 'TOKEN_SECRET' }],
      origin: {
        servers: [{ url: String(env['ORIGIN_URL']) }],
        limits: { responseSeconds: 2, connectSeconds: 2, maxSessionSeconds: 2 },
      },
      rails: [
        bearer(),
        receipt(),
        x402({
          facilitator: { url: String(env['FACILITATOR_URL']), verifyMs: 2000, settleMs: 2000 },
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
          rpc: String(env['RPC_URL']),
          failures: { requests: 10_000, seconds: 60 },
        }),
        mpp({ evm: true }),
      ],
      routes: [
        { path: '/reports/*', price },
        { path: '/orders/*', price, cache: 'off' },
        { path: '/upfront/*', price, cache: 'off', settle: 'before' },
      ],
      unmatched: 'closed',
    },
  ],
}))

interface Objects {
  readonly LEDGER: DurableObjectNamespace<LedgerObject>
}

/** The gate; and beside it, for the script alone, what the ledgers hold whose names are sent. */
export default {
  async fetch(request, env, ctx) {
    if (new URL(request.url).pathname !== '/ledgers') return Gate.fetch(request, env, ctx)
    const names = await request.json<string[]>()
    return Response.json(await Promise.all(names.map((name) => read(env.LEDGER.getByName(`payment ${name}`)))))
  },
} satisfies ExportedHandler<Objects>

async function read(ledger: DurableObjectStub<LedgerObject>) {
  const reading = await ledger.read({})
  if (!reading.ok) throw new Error(reading.error)
  const { totals, recent } = reading.value
  return {
    money: totals.money.map(({ units }) => String(units)),
    open: recent.filter(({ state }) => state === 'open').length,
    unsettled: totals.unsettled,
    charges: recent.map(({ id }) => id),
    state: await stateOf(ledger, recent[0]?.id),
  }
}

/** What a payment's last charge waits for. The same command again changes nothing, and is told how it stands. */
async function stateOf(ledger: DurableObjectStub<LedgerObject>, charge: string | undefined): Promise<SaleState> {
  if (charge === undefined) return 'unclaimed'
  const answer = await ledger.charge({ id: charge, counts: [], limits: [], settleByMs: 0, facts: {} })
  if (!answer.ok) throw new Error(answer.error)
  if (answer.value.kind === 'refused') return answer.value.reason === 'settlement-unknown' ? 'settling' : 'closed'
  return answer.value.payment?.state ?? 'closed'
}

export { Ledger, Origin }
