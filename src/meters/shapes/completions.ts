import type { JsonMembers } from '../../core/json.ts'
import type { Refusal } from '../../core/problem.ts'
import { err, ok, type Result } from '../../core/result.ts'
import type { ModelApi } from '../llm/provider.ts'
import type { ModelRequest } from '../llm/rules/request.ts'
import { MOST_CHOICES, streamUsage } from './chat.ts'
import { ChoicesReader } from './choicesreader.ts'
import { contentIn } from './content.ts'
import { capEdits, commonEdits, usageEdits } from './edits.ts'
import { UNCAPPED } from './images.ts'
import { listFrom, malformed, RequestMembers } from './members.ts'
import { deliveredInChoices, deliveredInTexts } from './skim.ts'

/** How one provider has an API that completes a text. */
export interface CompletionsOptions {
  readonly name: string
  readonly members: readonly string[]
  /** How a stream reports usage. `asked`: if asked. `always`: at its end, without being asked. `never`: it cannot be asked. */
  readonly usage: 'asked' | 'always' | 'never'
  readonly runningUsage?: boolean
  /** True if some servers take a cap of 0 for none, as Ollama does: then it bounds nothing. */
  readonly uncapsAtZero?: boolean
}

/** Returns the API of completions: one or several texts are continued, each in `n` ways. Mistral's `fim` is one of them. */
export function completionsApi(options: CompletionsOptions): ModelApi {
  const { name, members, usage, runningUsage = false } = options
  return {
    name,
    members,
    read: (body) => readCompletion(body, options),
    edit: (body, changes) => {
      const edits = [...commonEdits(body, changes), ...capEdits(body, changes.cap, ['max_tokens'])]
      if (usage !== 'asked' || body['stream'] !== true) return edits
      if (runningUsage) return [...edits, ...usageEdits(body, { include_usage: true, continuous_usage_stats: true })]
      return changes.asksUsage === true ? [...edits, ...usageEdits(body, { include_usage: true })] : edits
    },
    reader: (request) => new ChoicesReader({ request, tiers: {}, isRunning: runningUsage, delivered: deliveredInAny }),
  }
}

/** Completions have their texts in `text`; `fim` has those of chats. */
function deliveredInAny(data: string): number {
  return deliveredInTexts(data, '"text"') + deliveredInChoices(data)
}

function readCompletion(
  body: JsonMembers,
  { usage, uncapsAtZero = false }: CompletionsOptions,
): Result<ModelRequest, Refusal> {
  const members = new RequestMembers(body)
  const model = members.required('model')
  const isStream = members.flag('stream') ?? false
  const cap = members.count('max_tokens', 0)
  const isUncapped = uncapsAtZero && cap === 0n
  const n = members.count('n', 1, MOST_CHOICES) ?? 1n
  const best = members.count('best_of', 1, MOST_CHOICES) ?? 1n
  const asksUsage = streamUsage(members)
  for (const name of ['user', 'prompt_cache_key']) members.text(name)
  const readings = readingsOf(body['prompt'])
  if (readings === 0) members.refuse(malformed('"prompt" has to be a text, tokens, or a list of them'))
  const content = contentIn(body)
  if (members.fault !== undefined) return err(members.fault)
  if (!content.ok) return content
  return ok({
    model,
    isStream,
    isUsageAsked: usage !== 'asked' || asksUsage,
    input: { ...content.value, readings, hasTools: false },
    output: {
      ...(isUncapped ? { cap: UNCAPPED, leastCap: UNCAPPED } : { cap, leastCap: 1n }),
      choices: (best > n ? best : n) * BigInt(readings),
      fees: {},
    },
    tools: [],
    tier: undefined,
    writesLongCache: false,
  })
}

/** Returns how many texts there are: a list of numbers is one, as tokens. 0 for anything else. */
export function readingsOf(prompt: unknown): number {
  if (typeof prompt === 'string') return 1
  const list = listFrom(prompt)
  if (list.every((item) => typeof item === 'number')) return list.length === 0 ? 0 : 1
  const isText = list.every((item) => typeof item === 'string')
  const isTokens = list.every((item) => Array.isArray(item) && item.every((token) => typeof token === 'number'))
  return isText || isTokens ? list.length : 0
}
