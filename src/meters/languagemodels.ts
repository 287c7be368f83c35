import type { LlmOptions } from './llm/options.ts'
import type { ModelProvider } from './llm/provider.ts'
import type { MeterPlugin } from './plugin.ts'

/** The options of a meter of language models; a server of one's own may need no key, and there may be several. */
export interface LanguageModelsOptions extends Omit<LlmOptions, 'secret' | 'url'> {
  secret?: string
  url?: string | string[]
}

/**
 * Meters a provider of language models: reserves a true upper bound of what a call can cost, sends the call with the operator's
 * key, and commits what the provider reports, in integers.
 */
export function languageModels(provider: ModelProvider, _options: LanguageModelsOptions): MeterPlugin {
  return {
    name: provider.name,
    counted: ['tokens', 'input-tokens', 'output-tokens'],
    classify: () => 'closed',
    bound: () => {
      throw new Error('not yet')
    },
    measure: (response) => ({ ok: true, value: { response, used: () => undefined } }),
  }
}
