import { type Faults, faultsIn, numberOf } from './faults.ts'

export const FAMILIES = ['openai', 'anthropic', 'gemini', 'mistral', 'qianfan', 'compatible'] as const
export type Family = (typeof FAMILIES)[number]

export type JsonBody = { readonly [name: string]: unknown }

/** One request and the answer to it, before it is written in the shape of any API. */
export interface Turn {
  readonly family: Family
  /** As the request has it. */
  readonly model: string
  /** The id that the answer bears. */
  readonly served: string
  /** The ids of the answer end with it. */
  readonly serial: number
  readonly isStream: boolean
  readonly faults: Faults
  /** The tokens of the text of one choice, each with the space before it: together they are the text. */
  readonly words: readonly string[]
  /** Tokens of reasoning, which are output. */
  readonly thinking: number
  readonly choices: number
  readonly finish: 'stop' | 'length' | 'tool'
  /** The call of a tool in place of a text. Its tokens are those of `words`. */
  readonly call: { readonly name: string; readonly input: string } | undefined
  /** Every token that was read, cached ones included. */
  readonly input: number
  readonly body: JsonBody
}

/** What a turn used. */
export interface TurnUsage {
  /** All of the input, cached tokens included. */
  readonly input: number
  readonly cached: number
  readonly cacheWrite: number
  readonly cacheWriteLong: number
  readonly audioIn: number
  /** All of the output, reasoning included. */
  readonly output: number
  readonly thinking: number
  readonly audioOut: number
  readonly searches: number
}

const TOKEN = /\s*(?:[\p{L}\p{N}_]+|[^\s\p{L}\p{N}_])/gu

/** One token for each word and each mark of punctuation. Joined, they are the text without the spaces at its end. */
export function tokensIn(text: string): string[] {
  return text.match(TOKEN) ?? []
}

/** Reads what a request asks, and decides on the whole of the answer. Throws `UnknownFault`. */
export function turnOf(family: Family, model: string, body: JsonBody, serial: number): Turn {
  const { texts, messages, media, isToolResult } = read(body)
  const prompt = texts.at(-1) ?? ''
  const faults = faultsIn(model, prompt)
  const thinking = numberOf(faults, 'thinking') ?? 0
  const call = isToolResult ? undefined : callIn(body, prompt, faults)
  const full = call === undefined ? answerTo(prompt, numberOf(faults, 'tokens')) : tokensIn(call.input)
  const room = Math.max(0, (capOf(body) ?? Number.POSITIVE_INFINITY) - thinking)
  const isCut = full.length > room || faults.has('incomplete')
  const [name = model] = model.split('~')
  const tools = body['tools'] === undefined ? '' : JSON.stringify(body['tools'])
  const counted = [...texts, tools].reduce((sum, text) => sum + tokensIn(text).length, 0)
  return {
    family,
    model,
    served: faults.get('served') ?? (faults.has('snapshot') ? `${name}-2026-11-01` : model),
    serial,
    isStream: body['stream'] === true,
    faults,
    words: full.slice(0, room),
    thinking: Math.min(thinking, capOf(body) ?? thinking),
    choices: numberIn(body['n']) ?? numberIn(objectIn(body['generationConfig'])['candidateCount']) ?? 1,
    finish: isCut ? 'length' : call === undefined ? 'stop' : 'tool',
    call,
    input: counted + 4 * messages + 100 * media + (numberOf(faults, 'tool-prompt') ?? 0),
    body,
  }
}

/** What the turn used, all told. */
export function usedBy({ faults, input, words, thinking, choices }: Turn): TurnUsage {
  const of = (name: Parameters<typeof numberOf>[1]): number => numberOf(faults, name) ?? 0
  return {
    input: Math.max(input, of('cached') + of('cache-write') + of('cache-write-long') + of('audio-in')),
    cached: of('cached'),
    cacheWrite: of('cache-write'),
    cacheWriteLong: of('cache-write-long'),
    audioIn: of('audio-in'),
    output: choices * (words.length + thinking) + of('audio-out'),
    thinking: choices * thinking,
    audioOut: of('audio-out'),
    searches: of('search'),
  }
}

/** What the turn reports: what it used, unless it was told to lie. `output`: the tokens so far, of an answer still under way. */
export function reportOf(turn: Turn, output = usedBy(turn).output): TurnUsage {
  const used = { ...usedBy(turn), output }
  const factor = turn.faults.has('usage-less') ? 0.1 : turn.faults.has('usage-more') ? 10 : 1
  if (factor === 1) return used
  const told = (tokens: number): number => Math.floor(tokens * factor)
  return { ...used, input: told(used.input), output: told(used.output), thinking: told(used.thinking) }
}

/** The words of one choice as they come; of an answer that never ends, for ever. */
export function* wordsOf({ words, faults }: Turn): Generator<string> {
  yield* words
  while (faults.has('never-ends')) yield* words.length === 0 ? [' on'] : words
}

const FARE =
  ' Every word and every mark of punctuation here is one token, and each costs what the price list says. The gate has reserved the most' +
  ' that this answer could cost, passes it on as it comes, and gives back what was not used.'

function answerTo(prompt: string, length: number | undefined): string[] {
  const asked = tokensIn(prompt.replaceAll(/\[\[[^\]]*\]\]/g, '').trim()).slice(0, 16)
  const words = tokensIn(`You asked: “${asked.join('').trim()}”.${FARE}`)
  if (length === undefined) return words
  return Array.from({ length }, (_, index) => words[index % words.length] ?? ' on')
}

/** A tool is called if the request says that it must be, if the prompt has its name, or by the fault `tool`. */
function callIn(body: JsonBody, prompt: string, faults: Faults): Turn['call'] {
  const names = listIn(body['tools']).flatMap((tool) => [
    tool['name'],
    objectIn(tool['function'])['name'],
    ...listIn(tool['functionDeclarations'] ?? tool['function_declarations']).map((one) => one['name']),
  ])
  const known = names.filter((name) => typeof name === 'string')
  const choice = body['tool_choice']
  const isMust = choice === 'required' || ['any', 'tool', 'function'].includes(String(objectIn(choice)['type']))
  const mode = objectIn(objectIn(body['toolConfig'])['functionCallingConfig'])['mode']
  const named = known.find((name) => prompt.includes(name))
  const name = named ?? (isMust || mode === 'ANY' || faults.has('tool') ? known[0] : undefined)
  return name === undefined ? undefined : { name, input: '{"city":"Paris","days":3}' }
}

function capOf(body: JsonBody): number | undefined {
  return (
    numberIn(body['max_completion_tokens']) ??
    numberIn(body['max_output_tokens']) ??
    numberIn(body['max_tokens']) ??
    numberIn(objectIn(body['generationConfig'])['maxOutputTokens'])
  )
}

const PROMPTS = [
  'system',
  'systemInstruction',
  'instructions',
  'prompt',
  'suffix',
  'contents',
  'content',
  'messages',
  'input',
  'requests',
]
const NOT_TEXT = new Set(
  'role type id model tool_call_id tool_use_id call_id media_type mimeType data url file_id cache_control status title'.split(
    ' ',
  ),
)
const PICTURES = new Set(['image', 'image_url', 'input_image', 'document', 'input_file', 'input_audio'])

interface Reading {
  readonly texts: string[]
  messages: number
  media: number
  isToolResult: boolean
}

function read(body: JsonBody): Reading {
  const found: Reading = { texts: [], messages: 0, media: 0, isToolResult: false }
  for (const name of PROMPTS) walk(body[name], found)
  return found
}

function walk(value: unknown, found: Reading): void {
  if (typeof value === 'string') return void found.texts.push(value)
  if (Array.isArray(value)) return value.forEach((each) => walk(each, found))
  if (typeof value !== 'object' || value === null) return
  const { role, type, inlineData, functionResponse } = value as JsonBody
  if (typeof role === 'string') found.messages += 1
  if (PICTURES.has(String(type)) || inlineData !== undefined) return void (found.media += 1)
  const isResult = role === 'tool' || type === 'tool_result' || type === 'function_call_output'
  found.isToolResult = isResult || functionResponse !== undefined
  for (const [name, member] of Object.entries(value)) if (!NOT_TEXT.has(name)) walk(member, found)
  if (isResult || functionResponse !== undefined) found.isToolResult = true
}

export function objectIn(value: unknown): JsonBody {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {}
}

export function listIn(value: unknown): readonly JsonBody[] {
  return Array.isArray(value) ? value.map(objectIn) : []
}

function numberIn(value: unknown): number | undefined {
  return typeof value === 'number' ? value : undefined
}
