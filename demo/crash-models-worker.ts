import { faregate } from '../src/platform/cloudflare/index.ts'
import { anthropic, bearer, compatible, credit, gemini, mistral, openai, qianfan } from '../src/index.ts'
import type { ModelsRead, ModelsRecord } from './crash-models-audit.ts'

const RESPONSE_SECONDS = 2
const SESSION_SECONDS = 3

/**
 * A gate before six providers of language models, each account with prepaid credit: `demo/crash-models.ts` kills it while answers are
 * under way. Its time limits are short, so that a charge which nobody reported on is closed some seconds after its request came.
 */
const {
  Gate,
  Origin,
  Ledger: SilentLedger,
} = faregate((env) => {
  const models = env['MODELS_URL'] ?? ''
  const terms = {
    currency: 'USD',
    models: {
      test: {
        // Less than 10⁻⁹ for a token: what is rounded, and how often, can be seen.
        rates: { input: '0.375', output: '2.5', cacheRead: '0.0375', cacheWrite: '0.46875', cacheWriteLong: '0.75' },
        limit: { input: 100_000, output: 100_000 },
      },
    },
    count: 'bytes' as const,
    onAbort: { drainSeconds: 1 },
  }
  return {
    endpoints: [credit()],
    zones: [
      {
        name: 'crash',
        hosts: ['127.0.0.1'],
        audience: 'https://crash.example',
        issuers: [{ issuer: 'https://billing.example', secret: 'TOKEN_SECRET' }],
        operators: [{ issuer: 'https://billing.example', secret: 'TOKEN_SECRET' }],
        rails: [bearer()],
        routes: [
          { path: '/openai/*', meter: openai({ secret: 'OPENAI_KEY', url: `${models}/openai`, ...terms }) },
          { path: '/anthropic/*', meter: anthropic({ secret: 'ANTHROPIC_KEY', url: `${models}/anthropic`, ...terms }) },
          { path: '/gemini/*', meter: gemini({ secret: 'GEMINI_KEY', url: `${models}/gemini`, ...terms }) },
          { path: '/mistral/*', meter: mistral({ secret: 'MISTRAL_KEY', url: `${models}/mistral`, ...terms }) },
          { path: '/qianfan/*', meter: qianfan({ secret: 'QIANFAN_KEY', url: `${models}/qianfan`, ...terms }) },
          {
            path: '/llama/*',
            meter: compatible({ secret: 'LLAMA_KEY', url: `${models}/compatible`, runningUsage: true, ...terms }),
          },
        ].map((route) => ({
          ...route,
          requires: 'api',
          limits: { responseSeconds: RESPONSE_SECONDS, maxSessionSeconds: SESSION_SECONDS },
        })),
        unmatched: 'closed',
        remedies: { documentation: 'https://crash.example/problems' },
      },
    ],
  }
})

interface Objects {
  readonly LEDGER: DurableObjectNamespace<InstanceType<typeof SilentLedger>>
}

/** The gate; and beside it, for the script alone, what each ledger has left whose name is sent, or all that it holds. */
export default {
  async fetch(request, env, ctx) {
    const { pathname } = new URL(request.url)
    if (pathname !== '/ledgers' && pathname !== '/balances') return Gate.fetch(request, env, ctx)
    const names = await request.json<string[]>()
    const asked = pathname === '/ledgers' ? read : balance
    return Response.json(await Promise.all(names.map((name) => asked(name, env.LEDGER.getByName(name)))))
  },
} satisfies ExportedHandler<Objects>

type Stub = DurableObjectStub<InstanceType<typeof SilentLedger>>

async function balance(_name: string, ledger: Stub): Promise<number> {
  const reading = await ledger.read({})
  if (!reading.ok) throw new Error(reading.error)
  return Number(reading.value.credit[0]?.units ?? 0n)
}

const PAGE = 500

/** All that a ledger would have sent to billing, which it then forgets, and where it stands. */
async function read(name: string, ledger: Stub): Promise<ModelsRead> {
  const records: ModelsRecord[] = []
  for (;;) {
    const page = await ledger.takeOutbox(PAGE)
    if (!page.ok) throw new Error(page.error)
    if (page.value.length === 0) break
    for (const { kind, charge, repeats, position, at, kept, change, breakdown } of page.value) {
      const counts = Object.fromEntries(kept.counts.map(({ name, units }) => [name, Number(units)]))
      const [money, changed] = [kept.price, change.price].map((price) => Number(price?.units ?? 0n))
      const basis = breakdown?.basis
      const told = { kind, charge, position, at, counts, money: money ?? 0, change: changed ?? 0 }
      records.push({ ...told, ...(repeats !== undefined && { repeats }), ...(basis !== undefined && { basis }) })
    }
    await ledger.flushed(page.value.map(({ position }) => position))
  }
  const reading = await ledger.read({})
  if (!reading.ok) throw new Error(reading.error)
  const { totals, credit } = reading.value
  return {
    name,
    records,
    charges: totals.charges,
    unsettled: totals.unsettled,
    money: totals.money.reduce((sum, { units }) => sum + Number(units), 0),
    credit: Number(credit[0]?.units ?? 0n),
  }
}

/** Nobody is told of charges here, and no record would be kept: this one keeps them, for `read` to count. */
export class Ledger extends SilentLedger {
  protected override readonly hasOutbox = true
}

export { Origin }
