import { bearer, credit, defineConfig, openai } from '../../src/index.ts'
import { faregate } from '../../src/platform/cloudflare/index.ts'
import { callable } from './callable.ts'
import { AUDIENCE, ISSUER } from './claims.ts'

/** The Worker that is deployed before a provider of language models, each call charged to prepaid credit. */
const { Gate, Origin, Ledger } = faregate(
  defineConfig((env) => ({
    endpoints: [credit()],
    zones: [
      {
        name: 'models',
        hosts: ['127.0.0.1'],
        audience: AUDIENCE,
        issuers: [{ issuer: ISSUER, secret: 'TOKEN_SECRET' }],
        operators: [{ issuer: ISSUER, secret: 'TOKEN_SECRET' }],
        rails: [bearer()],
        routes: [
          {
            path: '/openai/*',
            requires: 'premium',
            meter: openai({
              secret: 'OPENAI_KEY',
              url: `${env['MODELS_URL'] ?? ''}/openai`,
              currency: 'USD',
              models: {
                test: { rates: { input: '2.50', output: '10' }, limit: { input: 100_000, output: 100_000 } },
              },
              count: 'bytes',
            }),
          },
        ],
        unmatched: 'closed',
        remedies: { documentation: `${ISSUER}/docs/problems` },
      },
    ],
  })),
)

let calls = 0
const OF_BULLETINS = new Set(['delta', 'post'])
type Method = (this: unknown, ...given: unknown[]) => Promise<unknown>

for (const name of callable(Ledger).filter((method) => !OF_BULLETINS.has(method))) {
  const method = Reflect.get(Ledger.prototype, name) as Method
  Object.defineProperty(Ledger.prototype, name, {
    value(this: unknown, ...given: unknown[]) {
      calls += 1
      return method.apply(this, given)
    },
  })
}

/** The gate; and at `/ledger-calls` how many calls its ledgers have had. */
export default {
  fetch(request, env, ctx) {
    if (new URL(request.url).pathname === '/ledger-calls') return Response.json(calls)
    return Gate.fetch(request, env, ctx)
  },
} satisfies ExportedHandler

export { Ledger, Origin }
