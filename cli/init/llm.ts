/** Projects before a provider of language models: what `init --llm` knows of each. */
import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { generateKeys, type IssuerKey } from '../../src/billing/index.ts'
import { usageError } from '../commanderror.ts'
import type { Code } from './source.ts'

/** A provider, as a project sells it. */
export interface LlmProvider {
  readonly title: string
  /** Makes the meter. */
  readonly factory: string
  /** Where the route is. */
  readonly path: string
  /** What follows the route in the base URL of an SDK. */
  readonly version: string
  /** The secret with the operator's key there. */
  readonly secret: string | undefined
  /** The options of the meter, beside the secret. */
  readonly options: Readonly<Record<string, unknown>>
  /** A model, for the first call. */
  readonly model: string
  readonly currency: string
  /** What has to be looked at before anything is sold. */
  readonly note: string
}

const CATALOGUE_NOTE =
  "Every model of the built-in price list is on sale at the provider’s own rates. `npx faregate prices` shows the list, `markup: '1.2'` adds a fifth, and `models` narrows it."

function listed(title: string, factory: string, version: string, model: string): LlmProvider {
  return {
    title,
    factory,
    path: `/${factory}`,
    version,
    secret: `${factory.toUpperCase()}_KEY`,
    options: { currency: 'USD', models: 'catalogue', onShort: 'shrink' },
    model,
    currency: 'USD',
    note: CATALOGUE_NOTE,
  }
}

/** The providers, by the name that `--llm` takes. */
export const LLM_PROVIDERS: Readonly<Record<string, LlmProvider>> = {
  openai: listed('OpenAI', 'openai', '/v1', 'gpt-6-luna'),
  anthropic: listed('Anthropic', 'anthropic', '', 'claude-haiku-5-5'),
  gemini: listed('Gemini', 'gemini', '', 'gemini-3.8-flash'),
  mistral: listed('Mistral', 'mistral', '/v1', 'mistral-small-2603'),
  qianfan: {
    ...listed('Baidu Qianfan', 'qianfan', '/v2', 'ernie-5.0'),
    options: {
      currency: 'CNY',
      models: {
        'ernie-5.0': { rates: { input: '6', output: '24' }, limit: { input: 119_000, output: 65_536 } },
      },
      onShort: 'shrink',
    },
    currency: 'CNY',
    note: 'The built-in price list has no model of Qianfan: Baidu prices in CNY. The rates in `faregate.config.ts` are CNY for a million tokens; compare them with Baidu’s price list before you sell.',
  },
  compatible: {
    ...listed('a server of your own', 'compatible', '/v1', 'llama-4-scout'),
    path: '/llm',
    secret: undefined,
    options: {
      currency: 'USD',
      models: {
        'llama-4-scout': { rates: { input: '0.11', output: '0.34' }, limit: { input: 131_072, output: 8192 } },
      },
      onShort: 'shrink',
    },
    note: 'The model, its rates (USD for a million tokens) and its limits in `faregate.config.ts` are an example: write those of your server. If the server is vLLM or SGLang, add `runningUsage: true`.',
  },
}

/** The options of a provider's meter. `url`: where it answers, if not at its own address. */
export function meterOptionsOf({ secret, options }: LlmProvider, url: Code | undefined): object {
  return { secret, url, ...options }
}

/** New keys of billing for a project without any; undefined if it has them. Throws for a private key that nobody has published. */
export async function newKeysFor(folder: string): Promise<readonly IssuerKey[] | undefined> {
  if (existsSync(join(folder, KEY_FILES.published))) return undefined
  if (existsSync(join(folder, KEY_FILES.secret))) {
    throw usageError(
      `${KEY_FILES.secret}: is there already; "npx faregate keys public --out ${KEY_FILES.published}" publishes it`,
    )
  }
  return generateKeys('EdDSA')
}

export const KEY_FILES = { secret: 'billing.key.json', published: 'billing.jwks.json' } as const

/** A secret of the gate's own, which nobody has to know. */
export function newSecret(): string {
  return randomBytes(32).toString('base64')
}

/** A first call, in the shape of this provider's API. `key`: the name of the shell variable with the API key. */
export function firstCall({ factory, path, version, model }: LlmProvider, gate: string, key: string): string {
  const base = `${gate}${path}${version}`
  const ask = 'Say hello.'
  const json = `-H 'Content-Type: application/json'`
  if (factory === 'anthropic') {
    const body = { model, max_tokens: 100, stream: true, messages: [{ role: 'user', content: ask }] }
    return `curl -N ${base}/v1/messages -H "X-Api-Key: $${key}" -H 'Anthropic-Version: 2023-06-01' ${json} -d '${JSON.stringify(body)}'`
  }
  if (factory === 'gemini') {
    const body = { contents: [{ parts: [{ text: ask }] }], generationConfig: { maxOutputTokens: 100 } }
    return `curl -N '${base}/v1beta/models/${model}:streamGenerateContent?alt=sse' -H "X-Goog-Api-Key: $${key}" ${json} -d '${JSON.stringify(body)}'`
  }
  const most = factory === 'openai' ? 'max_completion_tokens' : 'max_tokens'
  const body = { model, stream: true, [most]: 100, messages: [{ role: 'user', content: ask }] }
  return `curl -N ${base}/chat/completions -H "Authorization: Bearer $${key}" ${json} -d '${JSON.stringify(body)}'`
}
