import { createModels, MODEL_KEYS, type Models } from '../../../demo/models/models.ts'
import { anthropic, bearer, compatible, defineConfig, gemini, mistral, openai, qianfan } from '../../../src/index.ts'
import type { LedgerSnapshot } from '../../../src/ledger/rules/commands.ts'
import type { Objects } from '../../../src/ports.ts'
import { ENDPOINTS } from '../../support/endpoints.ts'
import { accountLedger } from '../../support/ledger.ts'
import { realObjects } from '../../support/services.ts'
import type { World } from '../../support/world.ts'
import { createGate, type Gate } from '../cache/gate.ts'
import { ledgerOf, readingOf } from '../objects.ts'

/** Options that every provider takes. */
type Common = Partial<Omit<Parameters<typeof openai>[0], 'secret' | 'currency'>>

const RATES = { input: '2.50', output: '10', cacheRead: '1.25', cacheWrite: '3.125', cacheWriteLong: '5' }
const LIMIT = { input: 128_000, output: 16_384 }

/** Any id of a model is on sale: the fake provider takes faults in it. */
function anyModel(): Record<string, { rates: typeof RATES; limit: typeof LIMIT }> {
  return Object.fromEntries(IDS.map((id) => [id, { rates: RATES, limit: LIMIT }]))
}

export const IDS: string[] = ['test']

/** The secrets of the operator, by name. */
const SECRETS = {
  OPENAI_KEY: MODEL_KEYS.openai,
  ANTHROPIC_KEY: MODEL_KEYS.anthropic,
  GEMINI_KEY: MODEL_KEYS.gemini,
  MISTRAL_KEY: MODEL_KEYS.mistral,
  QIANFAN_KEY: MODEL_KEYS.qianfan,
  LLAMA_KEY: MODEL_KEYS.compatible,
}

/** The whole Worker before six providers. `objects`: its ledgers, the real ones by default. */
export function gatewayOf(common: Common = {}, objects: Objects = realObjects()): Gate {
  const terms = { currency: 'USD', models: anyModel(), ...common }
  const paid = { requires: 'api' } as const
  const config = defineConfig({
    endpoints: ENDPOINTS,
    zones: [
      {
        name: 'news',
        hosts: ['news.test'],
        audience: 'https://news.test',
        issuers: [{ issuer: 'https://billing.test', jwks: { url: 'https://billing.test/jwks.json' } }],
        rails: [bearer()],
        routes: [
          { path: '/openai/*', ...paid, meter: openai({ secret: 'OPENAI_KEY', ...terms }) },
          { path: '/anthropic/*', ...paid, meter: anthropic({ secret: 'ANTHROPIC_KEY', ...terms }) },
          { path: '/gemini/*', ...paid, meter: gemini({ secret: 'GEMINI_KEY', ...terms }) },
          { path: '/mistral/*', ...paid, meter: mistral({ secret: 'MISTRAL_KEY', ...terms }) },
          { path: '/qianfan/*', ...paid, meter: qianfan({ secret: 'QIANFAN_KEY', ...terms }) },
          {
            path: '/llama/*',
            ...paid,
            meter: compatible({ secret: 'LLAMA_KEY', url: 'https://llama.test', ...terms }),
          },
          {
            path: '/watched/*',
            ...paid,
            observe: { until: '2100-01-01T00:00:00Z', credentialed: true },
            meter: openai({ secret: 'OPENAI_KEY', ...terms }),
          },
        ],
        unmatched: 'closed',
        remedies: { documentation: 'https://billing.test/problems', checkout: 'https://billing.test/top-up' },
      },
    ],
  })
  return createGate('embedded', config, SECRETS, objects)
}

/** Puts a fake provider in the place of all six. */
export function providerIn(world: World): Models {
  const models = createModels()
  world.origin = (request) => models.fetch(request)
  return models
}

/** An account before the gateway, and what its ledger has. */
export interface Buyer {
  readonly account: string
  readonly token: string
  /** Sends a request with the account's token. */
  send(path: string, init: RequestInit): Promise<Response>
  /** Posts JSON below a route. */
  post(path: string, body: object, fields?: Record<string, string>, signal?: AbortSignal): Promise<Response>
  grant(nanos: bigint): Promise<void>
  credit(): Promise<bigint>
  reading(): Promise<LedgerSnapshot>
}

let number = 0

export async function createBuyer(gate: Gate, world: World, claims: Record<string, unknown> = {}): Promise<Buyer> {
  const account = `a buyer of tokens ${++number}`
  const token = await world.token({ sub: account, entitlements: ['api'], ...claims })
  const reading = () => readingOf(accountLedger(account))
  const send: Buyer['send'] = (path, { headers, ...init }) =>
    gate.fetch(
      new Request(`https://news.test${path}`, {
        ...init,
        headers: { authorization: `Bearer ${token}`, ...(headers as Record<string, string> | undefined) },
      }),
    )
  return {
    account,
    token,
    send,
    post: (path, body, fields = {}, signal) =>
      send(path, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...fields },
        body: JSON.stringify(body),
        ...(signal && { signal }),
      }),
    reading,
    async grant(units) {
      await ledgerOf(accountLedger(account)).grant({ id: crypto.randomUUID(), units, currency: 'USD' })
    },
    async credit() {
      return (await reading()).credit[0]?.units ?? 0n
    },
  }
}
