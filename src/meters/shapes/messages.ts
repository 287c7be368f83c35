/**
 * The Messages API of Anthropic: `POST /v1/messages`, and its counter of tokens.
 *
 * The cap is required and includes thinking. Cached tokens are counted beside the input, and what is written to the cache for an hour
 * has its own price, so a request is looked through for that. What a tool of the provider reads is in no request: only the model's
 * own limit bounds it, in each round.
 */
import type { JsonMembers } from '../../core/json.ts'
import type { Refusal } from '../../core/problem.ts'
import { err, ok, type Result } from '../../core/result.ts'
import type { ModelApi } from '../llm/provider.ts'
import type { JsonEdit, ModelRequest, RequestChanges } from '../llm/rules/request.ts'
import type { FeeName } from '../llm/rules/tokenusage.ts'
import { set } from './edits.ts'
import { listFrom, malformed, notSold, objectFrom, RequestMembers, textFrom } from './members.ts'
import { readMessagesContent } from './messagescontent.ts'
import { createMessagesReader } from './messagesreader.ts'
import { askedTier, tierEdits, type TierSpellings } from './tier.ts'
import { countFrom } from './tokencounts.ts'

/** Members that both endpoints take. */
const SHARED =
  `model messages system tools tool_choice thinking cache_control context_management output_config output_format
  mcp_servers`.split(/\s+/)

/**
 * Members that never go upstream and that no answer needs: they name earlier answers, which all who are served from here share, or other
 * models to answer. Clients such as Claude Code send them unasked.
 */
const REMOVED = ['diagnostics', 'fallbacks', 'fallback_credit_token']

const COUNTER = '/v1/messages/count_tokens'

export const messages: ModelApi = {
  name: 'messages',
  members: [
    ...SHARED,
    ...REMOVED,
    ...'max_tokens metadata stop_sequences stream temperature top_k top_p service_tier container'.split(' '),
  ],
  read(body) {
    const members = new RequestMembers(body)
    const cap = members.count('max_tokens', 0)
    if (cap === undefined) members.refuse(malformed('"max_tokens" has to be there'))
    const request = readMessages(body, members, cap)
    return finish(request, members)
  },
  edit: (body, changes) => [
    ...sharedEdits(body, changes),
    ...(changes.cap === undefined ? [] : [{ path: ['max_tokens'], text: changes.cap.toString() }]),
    ...tierEdits(TIERS, changes.tier),
    ...pseudonymEdits(body, changes),
  ],
  counter: (body, model) => ({
    path: COUNTER,
    body: { ...pick(body, SHARED), model },
    fields: [['anthropic-version', '2023-06-01']],
  }),
  countIn: countedTokens,
  reader: createMessagesReader,
}

export const countTokens: ModelApi = {
  name: 'count_tokens',
  members: [...SHARED, ...REMOVED],
  read(body) {
    const members = new RequestMembers(body)
    const request = readMessages(body, members, 0n)
    return finish(request, members)
  },
  edit: sharedEdits,
  countIn: countedTokens,
  reader: createMessagesReader,
}

function finish(request: ModelRequest, { fault }: RequestMembers): Result<ModelRequest, Refusal> {
  return fault === undefined ? ok(request) : err(fault)
}

function readMessages(body: JsonMembers, members: RequestMembers, cap: bigint | undefined): ModelRequest {
  const content = readMessagesContent(without(body, REMOVED))
  if (content.fault !== undefined) members.refuse(content.fault)
  if (!Array.isArray(body['messages'])) members.refuse(malformed('"messages" has to be a list'))
  if (hasCompaction(body))
    members.refuse(notSold('Compaction within a request cannot be metered: it is not under its cap'))
  const tools = readTools(members, content.tools)
  return {
    model: members.required('model'),
    isStream: members.flag('stream') === true,
    isUsageAsked: true,
    mayThink: thinks(body),
    input: {
      bytes: content.bytes + tools.hiddenBytes + (hasFormat(body) ? HIDDEN_BYTES : 0),
      media: content.media,
      indirect: content.indirect ?? tools.run[0],
      readings: tools.rounds,
      hasTools: tools.isAny,
    },
    output: { cap, choices: 1n, leastCap: leastCap(members), fees: tools.fees },
    tools: tools.run,
    tier: readTier(members),
    writesLongCache: content.writesLongCache,
  }
}

/** Returns true if the request asks for thinking, whatever kind of it. */
function thinks({ thinking }: JsonMembers): boolean {
  return thinking !== undefined && thinking !== null && objectFrom(thinking)?.['type'] !== 'disabled'
}

/** Thinking has to fit under the cap, with at least one token after it. */
function leastCap(members: RequestMembers): bigint {
  const thinking = members.object('thinking')
  if (thinking === undefined) return 1n
  const inner = new RequestMembers(thinking)
  const budget = inner.count('budget_tokens', 0)
  if (inner.fault !== undefined) members.refuse(inner.fault)
  return (budget ?? 0n) + 1n
}

const TIERS: TierSpellings = { standard_only: 'default', auto: 'auto' }

/** `speed` goes upstream only if the operator lists it. What is fast has a price like a tier. */
function readTier(members: RequestMembers): ModelRequest['tier'] {
  const tier = askedTier(members, TIERS)
  const speed = members.text('speed') ?? 'standard'
  if (speed === 'standard') return tier
  if (speed !== 'fast') members.refuse(notSold('That "speed" is not sold here'))
  return 'fast'
}

function sharedEdits(body: JsonMembers, { model }: RequestChanges): JsonEdit[] {
  const removed = REMOVED.filter((name) => Object.hasOwn(body, name)).map((name) => ({ path: [name], text: undefined }))
  return model === undefined || model === body['model'] ? removed : [set('model', model), ...removed]
}

/** Replaces the one member that names a customer; whatever else is in its place is removed. */
function pseudonymEdits(body: JsonMembers, { pseudonym }: RequestChanges): JsonEdit[] {
  const user = objectFrom(body['metadata'])?.['user_id'] ?? null
  if (user === null) return []
  const named = typeof user === 'string' ? pseudonym?.(user) : undefined
  return [{ path: ['metadata', 'user_id'], text: named === undefined ? undefined : JSON.stringify(named) }]
}

function hasCompaction(body: JsonMembers): boolean {
  const edits = listFrom(objectFrom(body['context_management'])?.['edits'])
  return edits.some((edit) => textFrom(objectFrom(edit)?.['type'])?.startsWith('clear_') !== true)
}

/** The provider tells the model in its own words how an answer has to look. */
function hasFormat(body: JsonMembers): boolean {
  return (objectFrom(body['output_config'])?.['format'] ?? body['output_format'] ?? null) !== null
}

interface DeclaredServerTools {
  readonly isAny: boolean
  readonly hiddenBytes: number
  /** The tools that the provider runs, by type without its date. */
  readonly run: readonly string[]
  /** How often the model may read its input, at most. */
  readonly rounds: number
  readonly fees: Partial<Record<FeeName, bigint | undefined>>
}

/** Tools that the client runs. Those with a type have a description at the provider, which is not in the request. */
const CLIENT_TOOLS = new Set('custom bash text_editor computer memory browser_toolset computer_toolset'.split(' '))
/** More than any description that the provider adds by itself: the longest known is about 2,000 tokens. */
const HIDDEN_BYTES = 4000
/** The provider ends a turn after so many rounds of its own tools. */
const MOST_ROUNDS = 10
const FEES: Readonly<Record<string, FeeName>> = { web_search: 'webSearch', web_fetch: 'webFetch' }

function readTools(members: RequestMembers, added: readonly JsonMembers[]): DeclaredServerTools {
  const tools = [...members.objects('tools'), ...added]
  const run = new Set<string>()
  const fees: Partial<Record<FeeName, bigint | undefined>> = {}
  let [hiddenBytes, uses] = [0, 0n]
  for (const tool of tools) {
    const type = (textFrom(tool['type'] ?? 'custom') ?? 'unknown').replace(/_\d{8}$/, '')
    if (type === 'advisor') members.refuse(notSold('What an advisor generates cannot be metered'))
    if (type !== 'custom') hiddenBytes += HIDDEN_BYTES
    if (CLIENT_TOOLS.has(type)) continue
    run.add(type === 'mcp_toolset' ? 'mcp' : type)
    const most = countFrom(tool['max_uses'])
    uses += most ?? BigInt(MOST_ROUNDS)
    const fee = FEES[type]
    if (fee !== undefined) fees[fee] = Object.hasOwn(fees, fee) ? sum(fees[fee], most) : most
  }
  if (members.objects('mcp_servers').length > 0) {
    run.add('mcp')
    uses += BigInt(MOST_ROUNDS)
  }
  const rounds = uses + 1n > MOST_ROUNDS ? MOST_ROUNDS : Number(uses) + 1
  return { isAny: tools.length > 0 || run.size > 0, hiddenBytes, run: [...run], rounds, fees }
}

function sum(one: bigint | undefined, other: bigint | undefined): bigint | undefined {
  return one === undefined || other === undefined ? undefined : one + other
}

function countedTokens(answer: unknown): bigint | undefined {
  return countFrom(objectFrom(answer)?.['input_tokens'])
}

function pick(body: JsonMembers, names: readonly string[]): JsonMembers {
  return Object.fromEntries(Object.entries(body).filter(([name]) => names.includes(name)))
}

function without(body: JsonMembers, names: readonly string[]): JsonMembers {
  return Object.fromEntries(Object.entries(body).filter(([name]) => !names.includes(name)))
}
