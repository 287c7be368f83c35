// Written by `node tools/prices.ts` from the sources that it names. Rates: 0.1.8 of @pydantic/genai-prices
// (MIT, Pydantic Services Inc.). Limits, and the fast tier: models.dev (MIT, tools/prices/LICENSE-models.dev). Left out:
// openai gpt-5.6-sol: its price was promotional to 2026-11-21, and no source says what follows
// openai gpt-5.6: as gpt-5.6-sol
// mistral mistral-small-2506: no rates in @pydantic/genai-prices

import type { ProviderPrices } from './catalogue.ts'

// biome-ignore format: one model a line, so that a change of a price is one line of a diff
export const PRICE_LIST: ReadonlyMap<string, ProviderPrices> = new Map([
  ['openai', {
    currency: 'USD',
    models: {
      'gpt-6-astra': { limit: { input: 922000, output: 128000 }, rates: { input: '10', output: '50', cacheRead: '1', cacheWrite: '12.5', each: { webSearch: '0.01' }, above: { tokens: 271999, rates: { input: '20', output: '75', cacheRead: '2', cacheWrite: '25' } } }, source: 'genai-prices 0.1.8', date: '2026-09-23' },
      'gpt-6-sol': { limit: { input: 922000, output: 128000 }, rates: { input: '2', output: '10', cacheRead: '0.2', cacheWrite: '2.5', each: { webSearch: '0.01' }, above: { tokens: 272000, rates: { input: '4', output: '15', cacheRead: '0.4', cacheWrite: '5' } } }, source: 'genai-prices 0.1.8', date: '2026-09-23' },
      'gpt-6-luna': { limit: { input: 922000, output: 128000 }, rates: { input: '0.1', output: '0.5', cacheRead: '0.01', cacheWrite: '0.125', each: { webSearch: '0.01' }, above: { tokens: 272000, rates: { input: '0.2', output: '0.75', cacheRead: '0.02', cacheWrite: '0.25' } } }, source: 'genai-prices 0.1.8', date: '2026-09-23' },
      'gpt-5.6-terra': { limit: { input: 922000, output: 128000 }, rates: { input: '2', output: '12', cacheRead: '0.2', cacheWrite: '2.5', each: { webSearch: '0.01' }, above: { tokens: 271999, rates: { input: '4', output: '18', cacheRead: '0.4', cacheWrite: '5' } } }, source: 'genai-prices 0.1.8', date: '2026-09-23' },
      'gpt-5.6-luna': { limit: { input: 922000, output: 128000 }, rates: { input: '0.2', output: '1.2', cacheRead: '0.02', cacheWrite: '0.25', each: { webSearch: '0.01' }, above: { tokens: 271999, rates: { input: '0.4', output: '1.8', cacheRead: '0.04', cacheWrite: '0.5' } } }, source: 'genai-prices 0.1.8', date: '2026-09-23' },
      'gpt-5.5': { ids: ['gpt-5.5-2026-04-23', 'gpt-5.5-2026-04-24'], limit: { input: 922000, output: 128000 }, rates: { input: '5', output: '30', cacheRead: '0.5', each: { webSearch: '0.01' }, above: { tokens: 271999, rates: { input: '10', output: '45', cacheRead: '1' } } }, source: 'genai-prices 0.1.8', date: '2026-09-23' },
      'gpt-5.5-pro': { ids: ['gpt-5.5-pro-2026-04-23'], limit: { input: 922000, output: 128000 }, rates: { input: '30', output: '180', each: { webSearch: '0.01' }, above: { tokens: 271999, rates: { input: '60', output: '270' } } }, source: 'genai-prices 0.1.8', date: '2026-09-23' },
      'gpt-5.4': { ids: ['gpt-5.4-2026-03-05'], limit: { input: 922000, output: 128000 }, rates: { input: '2.5', output: '15', cacheRead: '0.25', each: { webSearch: '0.01' }, above: { tokens: 271999, rates: { input: '5', output: '22.5', cacheRead: '0.5' } } }, source: 'genai-prices 0.1.8', date: '2026-09-23' },
      'gpt-5.4-mini': { ids: ['gpt-5.4-mini-2026-03-17'], limit: { input: 272000, output: 128000 }, rates: { input: '0.75', output: '4.5', cacheRead: '0.075', each: { webSearch: '0.01' }, tiers: { fast: '2' } }, source: 'genai-prices 0.1.8', date: '2026-09-23' },
      'gpt-5.4-nano': { ids: ['gpt-5.4-nano-2026-03-17'], limit: { input: 272000, output: 128000 }, rates: { input: '0.2', output: '1.25', cacheRead: '0.02', each: { webSearch: '0.01' } }, source: 'genai-prices 0.1.8', date: '2026-09-23' },
      'gpt-5.4-pro': { ids: ['gpt-5.4-pro-2026-03-05'], limit: { input: 922000, output: 128000 }, rates: { input: '30', output: '180', each: { webSearch: '0.01' }, above: { tokens: 271999, rates: { input: '60', output: '270' } } }, source: 'genai-prices 0.1.8', date: '2026-09-23' },
      'gpt-5.3-codex': { limit: { input: 272000, output: 128000 }, rates: { input: '1.75', output: '14', cacheRead: '0.175' }, source: 'genai-prices 0.1.8', date: '2026-09-23' },
      'gpt-5.2': { ids: ['gpt-5.2-2025-12-11'], limit: { input: 272000, output: 128000 }, rates: { input: '1.75', output: '14', cacheRead: '0.175', each: { webSearch: '0.01' } }, source: 'genai-prices 0.1.8', date: '2026-09-23' },
      'gpt-5.2-codex': { limit: { input: 272000, output: 128000 }, rates: { input: '1.75', output: '14', cacheRead: '0.175', each: { webSearch: '0.01' } }, source: 'genai-prices 0.1.8', date: '2026-09-23' },
      'gpt-5.2-pro': { ids: ['gpt-5.2-pro-2025-12-11'], limit: { input: 272000, output: 128000 }, rates: { input: '21', output: '168', each: { webSearch: '0.01' } }, source: 'genai-prices 0.1.8', date: '2026-09-23' },
      'gpt-5.1': { ids: ['gpt-5.1-2025-11-13'], limit: { input: 272000, output: 128000 }, rates: { input: '1.25', output: '10', cacheRead: '0.125', each: { webSearch: '0.01' } }, source: 'genai-prices 0.1.8', date: '2026-09-23' },
      'gpt-5.1-codex': { limit: { input: 272000, output: 128000 }, rates: { input: '1.25', output: '10', cacheRead: '0.125', each: { webSearch: '0.01' } }, source: 'genai-prices 0.1.8', date: '2026-09-23' },
      'gpt-5.1-codex-max': { limit: { input: 272000, output: 128000 }, rates: { input: '1.25', output: '10', cacheRead: '0.125', each: { webSearch: '0.01' } }, source: 'genai-prices 0.1.8', date: '2026-09-23' },
      'gpt-5.1-codex-mini': { limit: { input: 272000, output: 128000 }, rates: { input: '0.25', output: '2', cacheRead: '0.025' }, source: 'genai-prices 0.1.8', date: '2026-09-23' },
      'gpt-5': { ids: ['gpt-5-2025-08-07'], limit: { input: 272000, output: 128000 }, rates: { input: '1.25', output: '10', cacheRead: '0.125', each: { webSearch: '0.01' } }, source: 'genai-prices 0.1.8', date: '2026-09-23' },
      'gpt-5-mini': { ids: ['gpt-5-mini-2025-08-07'], limit: { input: 272000, output: 128000 }, rates: { input: '0.25', output: '2', cacheRead: '0.025', each: { webSearch: '0.01' } }, source: 'genai-prices 0.1.8', date: '2026-09-23' },
      'gpt-5-nano': { limit: { input: 272000, output: 128000 }, rates: { input: '0.05', output: '0.4', cacheRead: '0.005', each: { webSearch: '0.01' } }, source: 'genai-prices 0.1.8', date: '2026-09-23' },
      'gpt-5-pro': { ids: ['gpt-5-pro-2025-10-06'], limit: { input: 272000, output: 272000 }, rates: { input: '15', output: '120', each: { webSearch: '0.01' } }, source: 'genai-prices 0.1.8', date: '2026-09-23' },
      'gpt-5-codex': { limit: { input: 272000, output: 128000 }, rates: { input: '1.25', output: '10', cacheRead: '0.125', each: { webSearch: '0.01' } }, source: 'genai-prices 0.1.8', date: '2026-09-23' },
      'gpt-4.1': { ids: ['gpt-4.1-2025-04-14'], limit: { input: 1047576, output: 32768 }, rates: { input: '2', output: '8', cacheRead: '0.5', each: { webSearch: '0.01' } }, source: 'genai-prices 0.1.8', date: '2026-09-23' },
      'gpt-4.1-mini': { ids: ['gpt-4.1-mini-2025-04-14'], limit: { input: 1047576, output: 32768 }, rates: { input: '0.4', output: '1.6', cacheRead: '0.1', each: { webSearch: '0.01' } }, source: 'genai-prices 0.1.8', date: '2026-09-23' },
      'gpt-4.1-nano': { ids: ['gpt-4.1-nano-2025-04-14'], limit: { input: 1047576, output: 32768 }, rates: { input: '0.1', output: '0.4', cacheRead: '0.025' }, source: 'genai-prices 0.1.8', date: '2026-09-23' },
      'gpt-4o': { ids: ['gpt-4o-2024-08-06', 'gpt-4o-2024-11-20'], limit: { input: 128000, output: 16384 }, rates: { input: '2.5', output: '10', cacheRead: '1.25', each: { webSearch: '0.01' } }, source: 'genai-prices 0.1.8', date: '2026-09-23' },
      'gpt-4o-mini': { ids: ['gpt-4o-mini-2024-07-18'], limit: { input: 128000, output: 16384 }, rates: { input: '0.15', output: '0.6', cacheRead: '0.075', each: { webSearch: '0.01' } }, source: 'genai-prices 0.1.8', date: '2026-09-23' },
      'o1': { ids: ['o1-2024-12-17'], limit: { input: 200000, output: 100000 }, rates: { input: '15', output: '60', cacheRead: '7.5' }, source: 'genai-prices 0.1.8', date: '2026-09-23' },
      'o3': { ids: ['o3-2025-04-16'], limit: { input: 200000, output: 100000 }, rates: { input: '2', output: '8', cacheRead: '0.5', each: { webSearch: '0.01' } }, source: 'genai-prices 0.1.8', date: '2026-09-23' },
      'o3-mini': { ids: ['o3-mini-2025-01-31'], limit: { input: 200000, output: 100000 }, rates: { input: '1.1', output: '4.4', cacheRead: '0.55' }, source: 'genai-prices 0.1.8', date: '2026-09-23' },
      'o3-pro': { ids: ['o3-pro-2025-06-10'], limit: { input: 200000, output: 100000 }, rates: { input: '20', output: '80' }, source: 'genai-prices 0.1.8', date: '2026-09-23' },
      'o4-mini': { ids: ['o4-mini-2025-04-16'], limit: { input: 200000, output: 100000 }, rates: { input: '1.1', output: '4.4', cacheRead: '0.275', each: { webSearch: '0.01' } }, source: 'genai-prices 0.1.8', date: '2026-09-23' },
      'text-embedding-3-large': { limit: { input: 8192, output: 0 }, rates: { input: '0.13', output: '0' }, source: 'genai-prices 0.1.8', date: '2026-09-23' },
      'text-embedding-3-small': { limit: { input: 8192, output: 0 }, rates: { input: '0.02', output: '0' }, source: 'genai-prices 0.1.8', date: '2026-09-23' },
      'text-embedding-ada-002': { limit: { input: 8192, output: 0 }, rates: { input: '0.1', output: '0' }, source: 'genai-prices 0.1.8', date: '2026-09-23' },
    },
  }],
  ['anthropic', {
    currency: 'USD',
    models: {
      'claude-fable-5-1': { limit: { input: 1000000, output: 128000 }, rates: { input: '10', output: '50', cacheRead: '0.25', cacheWrite: '12.5', cacheWriteLong: '20', each: { webSearch: '0.01' }, regions: { us: '1.1' } }, source: 'genai-prices 0.1.8', date: '2026-09-23' },
      'claude-fable-5': { limit: { input: 1000000, output: 128000 }, rates: { input: '10', output: '50', cacheRead: '1', cacheWrite: '12.5', cacheWriteLong: '20', each: { webSearch: '0.01' }, regions: { us: '1.1' } }, source: 'genai-prices 0.1.8', date: '2026-09-23' },
      'claude-opus-5-5': { limit: { input: 1000000, output: 128000 }, rates: { input: '4', output: '20', cacheRead: '0.2', cacheWrite: '5', cacheWriteLong: '8', each: { webSearch: '0.01' }, tiers: { fast: '2' }, regions: { us: '1.1' } }, source: 'genai-prices 0.1.8', date: '2026-09-23' },
      'claude-opus-5': { limit: { input: 1000000, output: 128000 }, rates: { input: '5', output: '25', cacheRead: '0.5', cacheWrite: '6.25', cacheWriteLong: '10', each: { webSearch: '0.01' }, regions: { us: '1.1' } }, source: 'genai-prices 0.1.8', date: '2026-09-23' },
      'claude-opus-4-8': { limit: { input: 1000000, output: 128000 }, rates: { input: '5', output: '25', cacheRead: '0.5', cacheWrite: '6.25', cacheWriteLong: '10', each: { webSearch: '0.01' }, tiers: { fast: '2' }, regions: { us: '1.1' } }, source: 'genai-prices 0.1.8', date: '2026-09-23' },
      'claude-opus-4-7': { limit: { input: 1000000, output: 128000 }, rates: { input: '5', output: '25', cacheRead: '0.5', cacheWrite: '6.25', cacheWriteLong: '10', each: { webSearch: '0.01' }, tiers: { fast: '6' }, regions: { us: '1.1' } }, source: 'genai-prices 0.1.8', date: '2026-09-23' },
      'claude-opus-4-6': { limit: { input: 1000000, output: 128000 }, rates: { input: '5', output: '25', cacheRead: '0.5', cacheWrite: '6.25', cacheWriteLong: '10', each: { webSearch: '0.01' }, tiers: { fast: '6' }, regions: { us: '1.1' } }, source: 'genai-prices 0.1.8', date: '2026-09-23' },
      'claude-opus-4-5': { ids: ['claude-opus-4-5-20251101'], limit: { input: 200000, output: 64000 }, rates: { input: '5', output: '25', cacheRead: '0.5', cacheWrite: '6.25', cacheWriteLong: '10', each: { webSearch: '0.01' } }, source: 'genai-prices 0.1.8', date: '2026-09-23' },
      'claude-sonnet-5-5': { limit: { input: 1000000, output: 128000 }, rates: { input: '2', output: '10', cacheRead: '0.1', cacheWrite: '2.5', cacheWriteLong: '4', each: { webSearch: '0.01' }, regions: { us: '1.1' } }, source: 'models.dev 482fb01; claudit 1.9.2 (platform.claude.com, read on 2026-10-24)', date: '2026-10-24' },
      'claude-sonnet-5': { limit: { input: 1000000, output: 128000 }, rates: { input: '2', output: '10', cacheRead: '0.2', cacheWrite: '2.5', cacheWriteLong: '4', each: { webSearch: '0.01' }, regions: { us: '1.1' } }, source: 'genai-prices 0.1.8', date: '2026-09-23' },
      'claude-sonnet-4-6': { limit: { input: 1000000, output: 64000 }, rates: { input: '3', output: '15', cacheRead: '0.3', cacheWrite: '3.75', cacheWriteLong: '6', each: { webSearch: '0.01' }, regions: { us: '1.1' } }, source: 'genai-prices 0.1.8', date: '2026-09-23' },
      'claude-sonnet-4-5': { ids: ['claude-sonnet-4-5-20250929'], limit: { input: 200000, output: 64000 }, rates: { input: '3', output: '15', cacheRead: '0.3', cacheWrite: '3.75', cacheWriteLong: '6', each: { webSearch: '0.01' } }, source: 'genai-prices 0.1.8', date: '2026-09-23' },
      'claude-haiku-5-5': { limit: { input: 1000000, output: 128000 }, rates: { input: '0.1', output: '0.5', cacheRead: '0.01', cacheWrite: '0.125', cacheWriteLong: '0.2', each: { webSearch: '0.01' }, above: { tokens: 100000, rates: { input: '0.5', output: '2.5', cacheRead: '0.05', cacheWrite: '0.625', cacheWriteLong: '1' } }, regions: { us: '1.1' } }, source: 'claudit 1.9.2 (platform.claude.com, read on 2026-10-24); PromptFuel 1.0.23', date: '2026-10-24' },
      'claude-haiku-4-5': { ids: ['claude-haiku-4-5-20251001'], limit: { input: 200000, output: 64000 }, rates: { input: '1', output: '5', cacheRead: '0.1', cacheWrite: '1.25', cacheWriteLong: '2', each: { webSearch: '0.01' } }, source: 'genai-prices 0.1.8', date: '2026-09-23' },
    },
  }],
  ['gemini', {
    currency: 'USD',
    models: {
      'gemini-3.8-flash': { limit: { input: 1048576, output: 65536 }, rates: { input: '0.75', output: '3.75', cacheRead: '0.075', inputAudio: '0.75', inputImage: '0.75', tiers: { flex: '0.5', fast: '1.8', batch: '0.5' } }, next: { from: '2027-01-01', rates: { input: '1.5', output: '7.5', cacheRead: '0.15', inputAudio: '1.5', inputImage: '1.5', tiers: { flex: '0.5', fast: '1.8', batch: '0.5' } } }, source: 'genai-prices 0.1.8', date: '2026-09-23' },
      'gemini-3.5-flash': { limit: { input: 1048576, output: 65536 }, rates: { input: '1.5', output: '9', cacheRead: '0.15', inputAudio: '1.5', inputImage: '1.5', tiers: { flex: '0.5', batch: '0.5' } }, source: 'genai-prices 0.1.8', date: '2026-09-23' },
      'gemini-3.1-pro-preview': { limit: { input: 1048576, output: 65536 }, rates: { input: '2', output: '12', cacheRead: '0.2', inputAudio: '2', inputImage: '2', above: { tokens: 200000, rates: { input: '4', output: '18', cacheRead: '0.4', inputAudio: '4', inputImage: '4' } } }, source: 'genai-prices 0.1.8', date: '2026-09-23' },
      'gemini-3.1-flash-lite': { limit: { input: 1048576, output: 65536 }, rates: { input: '0.25', output: '1.5', cacheRead: '0.025', inputAudio: '0.5', inputImage: '0.25' }, source: 'genai-prices 0.1.8', date: '2026-09-23' },
      'gemini-3-flash-preview': { limit: { input: 1048576, output: 65536 }, rates: { input: '0.5', output: '3', cacheRead: '0.05', inputAudio: '1', inputImage: '0.5' }, source: 'genai-prices 0.1.8', date: '2026-09-23' },
      'gemini-2.5-pro': { limit: { input: 1048576, output: 65536 }, rates: { input: '1.25', output: '10', cacheRead: '0.125', inputAudio: '1.25', inputImage: '1.25', above: { tokens: 200000, rates: { input: '2.5', output: '15', cacheRead: '0.25', inputAudio: '2.5', inputImage: '2.5' } } }, source: 'genai-prices 0.1.8', date: '2026-09-23' },
      'gemini-2.5-flash': { limit: { input: 1048576, output: 65536 }, rates: { input: '0.3', output: '2.5', cacheRead: '0.03', inputAudio: '1', inputImage: '0.3' }, source: 'genai-prices 0.1.8', date: '2026-09-23' },
      'gemini-2.5-flash-lite': { limit: { input: 1048576, output: 65536 }, rates: { input: '0.1', output: '0.4', cacheRead: '0.01', inputAudio: '0.3', inputImage: '0.1' }, source: 'genai-prices 0.1.8', date: '2026-09-23' },
      'gemini-embedding-001': { limit: { input: 2048, output: 0 }, rates: { input: '0.15', output: '0', inputAudio: '0.15', inputImage: '0.15' }, source: 'genai-prices 0.1.8', date: '2026-09-23' },
    },
  }],
  ['mistral', {
    currency: 'USD',
    models: {
      'mistral-large-2512': { limit: { input: 262144, output: 262144 }, rates: { input: '0.5', output: '1.5', cacheRead: '0.05' }, source: 'genai-prices 0.1.8', date: '2026-09-23' },
      'mistral-medium-2508': { limit: { input: 262144, output: 262144 }, rates: { input: '0.4', output: '2', cacheRead: '0.04' }, source: 'genai-prices 0.1.8', date: '2026-09-23' },
      'mistral-medium-2604': { ids: ['mistral-medium-3-5'], limit: { input: 262144, output: 262144 }, rates: { input: '1.5', output: '7.5', cacheRead: '0.15' }, source: 'genai-prices 0.1.8', date: '2026-09-23' },
      'mistral-small-2603': { limit: { input: 262144, output: 262144 }, rates: { input: '0.15', output: '0.6', cacheRead: '0.015' }, source: 'genai-prices 0.1.8', date: '2026-09-23' },
      'mistral-embed': { limit: { input: 8192, output: 0 }, rates: { input: '0.1', output: '0' }, source: 'genai-prices 0.1.8', date: '2026-09-23' },
    },
  }],
])
