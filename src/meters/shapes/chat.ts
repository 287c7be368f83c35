import type { JsonMembers } from '../../core/json.ts'
import type { Refusal } from '../../core/problem.ts'
import { err, ok, type Result } from '../../core/result.ts'
import type { ModelApi } from '../llm/provider.ts'
import type { JsonEdit, ModelRequest, RequestChanges } from '../llm/rules/request.ts'
import { chatAsResponse } from './chatcounter.ts'
import { ChoicesReader } from './choicesreader.ts'
import { asksLongCache, type ContentRules, contentIn } from './content.ts'
import { capEdits, commonEdits, set, usageEdits } from './edits.ts'
import { malformed, RequestMembers } from './members.ts'
import { deliveredInChoices } from './skim.ts'
import { countedTokens } from './tokencounts.ts'
import { askedTier, type TierSpellings, tierEdits } from './tier.ts'
import { declaredTools, isFunction } from './tools.ts'

/** How one provider has the API of chats. */
export interface ChatOptions extends ContentRules {
  readonly members: readonly string[]
  /** The members that may hold the cap. The first is written if the client has none. */
  readonly caps: readonly string[]
  /** True if older servers know `max_tokens` alone: then a cap is written there too. */
  readonly capsTwice?: boolean
  readonly tiers: TierSpellings
  /** True if answers are kept unless the request says otherwise. */
  readonly stores?: boolean
  /** How a stream reports usage. `asked`: if asked. `always`: at its end, without being asked. `never`: it cannot be asked. */
  readonly usage: 'asked' | 'always' | 'never'
  /** Where the provider counts the input of a response for free; undefined if it does not. */
  readonly counter?: string
  /** True to ask for usage in every event, which servers such as vLLM know. */
  readonly runningUsage?: boolean
  /** Returns true if a model may generate tokens that it does not deliver. */
  hides(model: string): boolean
}

/** The most choices that an API generates (OpenAI's `n`). */
export const MOST_CHOICES = 128

/** Returns the API of chats, as OpenAI has it and many others have taken it over. */
export function chatApi(options: ChatOptions): ModelApi {
  return {
    name: 'chat',
    members: options.members,
    read: (body) => readChat(body, options),
    edit: (body, changes) => [
      ...commonEdits(body, changes),
      ...capEdits(body, changes.cap, options.caps),
      ...oldCap(body, changes, options),
      ...tierEdits(options.tiers, changes.tier),
      ...storeEdits(body, options),
      ...usageAsked(body, changes, options),
    ],
    ...(options.counter === undefined ? {} : counterAt(options.counter)),
    reader: (request) =>
      new ChoicesReader({
        request,
        tiers: options.tiers,
        isRunning: options.runningUsage === true,
        delivered: options.hides(request.model) ? undefined : deliveredInChoices,
      }),
  }
}

/** Counts a chat as the response that it would be. */
function counterAt(path: string): Pick<ModelApi, 'counter' | 'countIn'> {
  return {
    counter(body, model) {
      const counted = chatAsResponse(body, model)
      return counted && { path, body: counted }
    },
    countIn: countedTokens,
  }
}

function readChat(body: JsonMembers, options: ChatOptions): Result<ModelRequest, Refusal> {
  const members = new RequestMembers(body)
  const model = members.required('model')
  const isStream = members.flag('stream') ?? false
  const cap = askedCap(members, options.caps)
  const choices = members.count('n', 1, MOST_CHOICES) ?? 1n
  const asksUsage = streamUsage(members)
  const tier = askedTier(members, options.tiers)
  for (const name of ['user', 'safety_identifier', 'prompt_cache_key']) members.text(name)
  const declared = declaredTools([...members.objects('tools'), ...members.objects('functions')], isFunction)
  const tools = [...declared.run, ...searches(members, model)]
  members.object('prompt_cache_options')
  if (members.objects('messages').length === 0) members.refuse(malformed('"messages" has to be a list of messages'))
  const content = contentIn(body, options)
  const fault = members.fault ?? (content.ok ? undefined : content.error)
  if (fault !== undefined || !content.ok) return err(fault ?? malformed('The request cannot be read'))
  return ok({
    model,
    mayThink: options.hides(model),
    isStream,
    isUsageAsked: options.usage !== 'asked' || asksUsage,
    input: { ...content.value, indirect: content.value.indirect ?? tools[0], hasTools: declared.hasTools },
    output: { cap, choices, leastCap: 1n, fees: feesOf(declared.run, tools) },
    tools,
    tier,
    writesLongCache: asksLongCache(body),
  })
}

/** A search that is asked for is made once; how often a tool searches, nothing bounds. */
function feesOf(run: readonly string[], tools: readonly string[]): ModelRequest['output']['fees'] {
  if (run.some((type) => type.startsWith('web_search'))) return { webSearch: undefined }
  return tools.includes('web_search') ? { webSearch: 1n } : {}
}

/** Returns the greatest of the caps that are there: servers differ in which they take. */
export function askedCap(members: RequestMembers, names: readonly string[], least = 1): bigint | undefined {
  const caps = names.map((name) => members.count(name, least)).filter((cap) => cap !== undefined)
  return caps.length === 0 ? undefined : caps.reduce((one, other) => (one > other ? one : other))
}

const STREAM_OPTIONS = ['include_usage', 'include_obfuscation', 'continuous_usage_stats']

/** Returns true if the client asks for usage in its stream. */
export function streamUsage(members: RequestMembers): boolean {
  const options = members.object('stream_options')
  if (options === undefined) return false
  const inner = new RequestMembers(options)
  const [asked = false] = STREAM_OPTIONS.map((name) => inner.flag(name))
  const unknown = Object.keys(options).find((name) => !STREAM_OPTIONS.includes(name))
  if (unknown !== undefined) members.refuse(malformed('"stream_options" has a member that is not known'))
  if (inner.fault !== undefined) members.refuse(inner.fault)
  return asked
}

/** Models that search whether they are asked to or not have it in their name. One search is made for each request. */
const SEARCHES = /-search-(?:preview|api)/

function searches(members: RequestMembers, model: string): readonly string[] {
  const asked = members.object('web_search_options') !== undefined
  return asked || SEARCHES.test(model) ? ['web_search'] : []
}

function oldCap(body: JsonMembers, { cap }: RequestChanges, { capsTwice }: ChatOptions): readonly JsonEdit[] {
  if (capsTwice !== true || typeof body['max_tokens'] === 'number') return []
  const written = cap ?? body['max_completion_tokens']
  return typeof written === 'bigint' || typeof written === 'number'
    ? [{ path: ['max_tokens'], text: written.toString() }]
    : []
}

function storeEdits(body: JsonMembers, { stores }: ChatOptions): readonly JsonEdit[] {
  return stores === true || Object.hasOwn(body, 'store') ? [set('store', false)] : []
}

function usageAsked(body: JsonMembers, changes: RequestChanges, options: ChatOptions): readonly JsonEdit[] {
  if (options.usage !== 'asked' || body['stream'] !== true) return []
  const isRunning = options.runningUsage === true || changes.asksRunningUsage === true
  if (isRunning) return usageEdits(body, { include_usage: true, continuous_usage_stats: true })
  return changes.asksUsage === true ? usageEdits(body, { include_usage: true }) : []
}
