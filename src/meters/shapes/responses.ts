import type { JsonMembers } from '../../core/json.ts'
import type { Refusal } from '../../core/problem.ts'
import { err, ok, type Result } from '../../core/result.ts'
import type { ModelApi } from '../llm/provider.ts'
import type { JsonEdit, ModelRequest } from '../llm/rules/request.ts'
import { askedCap } from './chat.ts'
import { asksLongCache, type ContentRules, contentIn } from './content.ts'
import { capEdits, commonEdits, set } from './edits.ts'
import { UNCAPPED } from './images.ts'
import { keptElsewhere, listFrom, malformed, notSold, objectFrom, RequestMembers } from './members.ts'
import { ResponsesReader } from './responsesreader.ts'
import { askedTier, type TierSpellings, tierEdits } from './tier.ts'
import { countedTokens } from './tokencounts.ts'
import { declaredTools, toolsWithin } from './tools.ts'

/** How one provider has the API of responses. */
export interface ResponsesOptions extends ContentRules {
  readonly members: readonly string[]
  readonly tiers: TierSpellings
  /** Where the provider counts the input of a response for free; undefined if it does not. */
  readonly counter?: string
  /** Returns true if a model may generate tokens that it does not deliver. */
  hides(model: string): boolean
}

/** The least `max_output_tokens` that OpenAI takes. */
const LEAST_CAP = 16n
/** More rounds than a request may ask for in earnest. */
const MOST_ROUNDS = 1000
/** The rounds of tools that the provider runs, for a request that does not bound them. Each reads the input again. */
const DEFAULT_ROUNDS = 4n

/**
 * Returns the API of responses, without state: nothing is kept at the provider, and nothing that is kept there can be referred to.
 * `background` is not sold, since its answer comes when nobody measures it any more.
 */
export function responsesApi(options: ResponsesOptions): ModelApi {
  const { counter } = options
  return {
    name: 'responses',
    members: options.members,
    read: (body) => readResponse(body, options),
    edit: (body, changes) => [
      ...commonEdits(body, changes),
      ...capEdits(body, changes.cap, ['max_output_tokens']),
      ...tierEdits(options.tiers, changes.tier),
      ...roundsEdits(body),
      set('store', false),
    ],
    ...(counter === undefined
      ? {}
      : { counter: (body, model) => ({ path: counter, body: countedPart(body, model) }), countIn: countedTokens }),
    reader: (request) => new ResponsesReader(request, options.tiers, !options.hides(request.model)),
  }
}

/** Returns the API that counts the input of a response, for a client that asks for the count itself. */
export function inputTokensApi(options: Pick<ResponsesOptions, 'hides'>): ModelApi {
  return {
    name: 'input_tokens',
    members: COUNTED,
    read: (body) => readResponse(body, { ...options, members: COUNTED, tiers: {} }),
    edit: (body, changes) => commonEdits(body, changes),
    reader: (request) => new ResponsesReader(request, {}, false),
  }
}

/** Returns the API that makes a shorter input of a conversation. Nothing in a request lowers what it generates. */
export function compactApi(options: Pick<ResponsesOptions, 'members' | 'tiers' | 'hides'>): ModelApi {
  return {
    name: 'compact',
    members: options.members,
    read(body) {
      const request = readResponse(body, options)
      if (!request.ok) return request
      const output = { ...request.value.output, cap: UNCAPPED, leastCap: UNCAPPED }
      return ok({ ...request.value, output })
    },
    edit: (body, changes) => [...commonEdits(body, changes), ...tierEdits(options.tiers, changes.tier)],
    reader: (request) => new ResponsesReader(request, options.tiers, false),
  }
}

function readResponse(body: JsonMembers, options: ResponsesOptions): Result<ModelRequest, Refusal> {
  const members = new RequestMembers(body)
  const model = members.required('model')
  const isStream = members.flag('stream') ?? false
  members.forbid('background', 'is not sold here: nobody would measure the answer')
  for (const name of ['previous_response_id', 'conversation', 'prompt']) members.forbid(name, keptElsewhere)
  const cap = askedCap(members, ['max_output_tokens'])
  const rounds = members.count('max_tool_calls', 0, MOST_ROUNDS) ?? DEFAULT_ROUNDS
  const tier = askedTier(members, options.tiers)
  for (const name of ['user', 'safety_identifier', 'prompt_cache_key']) members.text(name)
  members.object('prompt_cache_options')
  checkInput(members, body['input'])
  const { hasTools, run } = toolsOf(members, body)
  const content = contentIn(body, options)
  if (members.fault !== undefined) return err(members.fault)
  if (!content.ok) return content
  return ok({
    model,
    mayThink: options.hides(model),
    isStream,
    isUsageAsked: true,
    input: {
      ...content.value,
      indirect: content.value.indirect ?? run[0],
      ...(run.length === 0 ? {} : { readings: 1 + Number(rounds) }),
      hasTools,
    },
    output: {
      cap,
      choices: 1n,
      leastCap: LEAST_CAP,
      fees: run.some((type) => type.startsWith('web_search')) ? { webSearch: rounds } : {},
    },
    tools: run,
    tier,
    writesLongCache: asksLongCache(body),
  })
}

/** Refuses items that stand for what the provider keeps under their id. */
function checkInput(members: RequestMembers, input: unknown): void {
  if (typeof input === 'string') return
  if (!Array.isArray(input) || input.length === 0)
    return members.refuse(malformed('"input" has to be a text or a list'))
  for (const item of listFrom(input).map(objectFrom)) {
    if (item === undefined) members.refuse(malformed('"input" has to be a list of objects'))
    else if (isReference(item)) members.refuse(notSold(`An item of "input" ${keptElsewhere}`))
  }
}

function isReference(item: JsonMembers): boolean {
  const isEmpty = (name: string): boolean => item[name] === undefined || item[name] === null || item[name] === ''
  if (item['type'] === 'image_generation_call') return isEmpty('result')
  if (item['type'] === 'reasoning') return isEmpty('encrypted_content') && listFrom(item['content']).length === 0
  return item['type'] === 'item_reference' || (isEmpty('type') && isEmpty('role'))
}

/** Tools that the client runs. */
const CLIENTS = new Set('function custom namespace local_shell apply_patch computer computer_use_preview'.split(' '))
/** Tools with fees or files that no answer reports. */
const UNMETERED = new Set('file_search code_interpreter image_generation shell'.split(' '))

function toolsOf(members: RequestMembers, body: JsonMembers): { hasTools: boolean; run: readonly string[] } {
  members.objects('tools')
  const { hasTools, run } = declaredTools(toolsWithin(body), isClients)
  const types = run.map((type) => type.replace(/_\d{4}_\d{2}_\d{2}$/, ''))
  for (const type of types)
    if (UNMETERED.has(type)) members.refuse(notSold(`The tool "${type}" is not sold here: its costs are in no answer`))
  return { hasTools, run: types }
}

function isClients(tool: JsonMembers): boolean {
  const type = tool['type']
  if (type === 'shell') return objectFrom(tool['environment'])?.['type'] === 'local'
  if (type === 'tool_search') return tool['execution'] === 'client'
  return typeof type === 'string' && CLIENTS.has(type)
}

/** Returns the edit that bounds the rounds of tools that the provider runs. */
function roundsEdits(body: JsonMembers): readonly JsonEdit[] {
  const isBounded = typeof body['max_tool_calls'] === 'number'
  return isBounded || toolsWithin(body).every(isClients) ? [] : [set('max_tool_calls', Number(DEFAULT_ROUNDS))]
}

/** The members that OpenAI's counter knows (openai-node 7.59, `InputTokenCountParams`), without those that refer to state. */
const COUNTED =
  'model input instructions parallel_tool_calls personality reasoning text tool_choice tools truncation'.split(' ')

function countedPart(body: JsonMembers, model: string): JsonMembers {
  const counted = Object.entries(body).filter(([name]) => COUNTED.includes(name))
  return { ...Object.fromEntries(counted), model }
}
