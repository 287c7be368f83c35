import type { BoundedRequest, Meter } from '../../src/access/meter.ts'
import { type Reason, REASONS, refusal, type Refusal } from '../../src/core/problem.ts'
import { err } from '../../src/core/result.ts'
import { account, bearer, credit, keys, manageKeys } from '../../src/index.ts'
import { gemini } from '../../src/meters/gemini.ts'
import { anthropic } from '../../src/meters/anthropic.ts'
import { mistral } from '../../src/meters/mistral.ts'
import { openai } from '../../src/meters/openai.ts'
import type { MeterPlugin } from '../../src/meters/plugin.ts'
import { faregate } from '../../src/platform/cloudflare/index.ts'

const DEMO = { rates: { input: '2.50', output: '10' }, limit: { input: 100_000, output: 4096 } }
const MODELS = { 'demo-model': DEMO, 'demo-model-2': DEMO }

/**
 * A gate before every provider, each at its own path. A request whose model is `refuse-<reason>` is refused for that reason, so that
 * each SDK can be shown every one.
 */
const { Gate, Origin, Ledger } = faregate((env) => {
  const options = (family: string) => ({
    secret: `${family.toUpperCase()}_KEY`,
    currency: 'USD',
    models: MODELS,
    url: `${env['MODELS_URL']}/${family}`,
  })
  const api = { requires: 'api', cache: 'off' as const }
  return {
    endpoints: [account(), credit(), manageKeys()],
    secrets: { gate: 'GATE_SECRET' },
    zones: [
      {
        name: 'models',
        hosts: ['127.0.0.1'],
        audience: 'https://models.test',
        issuers: [{ issuer: 'https://billing.test', secret: 'TOKEN_SECRET' }],
        operators: [{ issuer: 'https://staff.test', secret: 'TOKEN_SECRET' }],
        rails: [bearer(), keys()],
        routes: [
          { ...api, path: '/openai/*', meter: refusing(openai(options('openai'))) },
          { ...api, path: '/anthropic/*', meter: refusing(anthropic(options('anthropic'))) },
          { ...api, path: '/mistral/*', meter: refusing(mistral(options('mistral'))) },
          { ...api, path: '/gemini/*', meter: refusing(gemini(options('gemini'))) },
        ],
        unmatched: 'closed' as const,
        remedies: { documentation: 'https://models.test/problems', checkout: 'https://models.test/top-up' },
      },
    ],
  }
})
export { Gate as default, Ledger, Origin }

function refusing(plugin: MeterPlugin): MeterPlugin {
  return {
    ...plugin,
    create: (platform, mount) => {
      const meter: Meter = plugin.create?.(platform, mount) ?? plugin
      return {
        ...meter,
        bound: (request) => {
          const why = refusalAsked(request)
          return why === undefined ? meter.bound(request) : err(why)
        },
      }
    },
  }
}

/** Returns the refusal that a request asks for by its model, in the path or in the content. */
function refusalAsked({ exchange, content }: BoundedRequest): Refusal | undefined {
  const text = `${exchange.target.path} ${new TextDecoder().decode(content)}`
  const [, name] = /[/"]refuse-([a-z-]+)[":]/.exec(text) ?? []
  const reason = (Object.keys(REASONS) as Reason[]).find((known) => known === name)
  if (reason === undefined) return undefined
  const usd = (units: bigint) => ({ credit: { units, currency: 'USD' } })
  const why = refusal(reason, `It is ${reason}.`, {
    ...(reason === 'too-many-requests' || reason === 'idempotency-conflict' ? { retryAfterSeconds: 7 } : {}),
    ...(reason === 'credit-insufficient' ? { amounts: { left: usd(120_000_000n), needed: usd(250_000_000n) } } : {}),
  })
  return reason === 'model-not-found' ? { ...why, hint: 'Nearest: "demo-model".' } : why
}
