import type { ModelEvent } from './events.ts'
import { numberOf } from './faults.ts'
import { type JsonBody, objectIn, reportOf, type Turn, type TurnUsage, wordsOf } from './turn.ts'

/**
 * Chat completions and legacy completions, as OpenAI, Mistral, Qianfan and the servers that are compatible with them write them.
 */

const created = 1_795_000_000

export function chatAnswer(turn: Turn): object {
  const { call, words, thinking, finish } = turn
  const message = {
    role: 'assistant',
    content: call === undefined ? words.join('').trimStart() : null,
    ...(showsThinking(turn) ? { reasoning_content: ' hm'.repeat(thinking).trimStart() } : {}),
    refusal: null,
    ...(call === undefined
      ? {}
      : { tool_calls: [{ ...toolCall(turn), function: { name: call.name, arguments: call.input } }] }),
  }
  const choices = Array.from({ length: turn.choices }, (_, index) => ({
    index,
    message,
    logprobs: null,
    finish_reason: finishReason(finish),
  }))
  return { ...head(turn, 'chat.completion'), choices, ...usageOf(turn), ...served(turn) }
}

export function* chatEvents(turn: Turn): Generator<ModelEvent> {
  const chunks = Array.from({ length: turn.choices }, (_, index) => chatChoice(turn, index))
  yield* stream(turn, 'chat.completion.chunk', chunks)
}

function* chatChoice(turn: Turn, index: number): Generator<Piece> {
  const { call, thinking } = turn
  const piece = (delta: object, tokens?: number): Piece => ({
    choice: { index, delta, logprobs: null, finish_reason: null },
    tokens,
  })
  yield piece({ role: 'assistant', content: call === undefined ? '' : null, refusal: null })
  if (showsThinking(turn))
    for (let count = 0; count < thinking; count += 1) yield piece({ reasoning_content: ' hm' }, 1)
  if (call !== undefined) {
    yield piece({ tool_calls: [{ index: 0, ...toolCall(turn), function: { name: call.name, arguments: '' } }] })
  }
  let isFirst = true
  for (const word of wordsOf(turn)) {
    const text = isFirst ? word.trimStart() : word
    isFirst = false
    const delta = call === undefined ? { content: text } : { tool_calls: [{ index: 0, function: { arguments: word } }] }
    yield piece(delta, 1)
  }
  yield { choice: { index, delta: {}, logprobs: null, finish_reason: finishReason(turn.finish) }, isLast: true }
}

export function completionAnswer(turn: Turn): object {
  const choices = Array.from({ length: turn.choices }, (_, index) => ({
    index,
    text: turn.words.join('').trimStart(),
    logprobs: null,
    finish_reason: finishReason(turn.finish),
  }))
  return { ...head(turn, 'text_completion'), choices, ...usageOf(turn) }
}

export function* completionEvents(turn: Turn): Generator<ModelEvent> {
  function* choice(index: number): Generator<Piece> {
    for (const text of wordsOf(turn)) yield { choice: { index, text, logprobs: null, finish_reason: null }, tokens: 1 }
    yield { choice: { index, text: '', logprobs: null, finish_reason: finishReason(turn.finish) }, isLast: true }
  }
  const chunks = Array.from({ length: turn.choices }, (_, index) => choice(index))
  yield* stream(turn, 'text_completion', chunks)
}

export function embeddingsAnswer(turn: Turn): object {
  const { body, served: model } = turn
  const inputs = Array.isArray(body['input']) && typeof body['input'][0] !== 'number' ? body['input'] : [body['input']]
  const floats = [0.25, -0.5, 0.125, 1]
  const isBase64 = body['encoding_format'] === 'base64'
  const bytes = new Uint8Array(Float32Array.from(floats).buffer)
  const embedding = isBase64 ? btoa(String.fromCharCode(...bytes)) : floats
  const { input } = reportOf(turn)
  return {
    ...(turn.family === 'mistral' ? { id: `embd-${turn.serial}` } : {}),
    object: 'list',
    data: inputs.map((_, index) => ({ object: 'embedding', index, embedding })),
    model,
    ...(turn.faults.has('no-usage') ? {} : { usage: { prompt_tokens: input, total_tokens: input } }),
  }
}

interface Piece {
  readonly choice: object
  readonly tokens?: number | undefined
  readonly isLast?: true
}

/** The chunks of all choices in turns, then usage as this provider reports it, then the end. */
function* stream(turn: Turn, object: string, choices: readonly Generator<Piece>[]): Generator<ModelEvent> {
  const { family, faults, body } = turn
  const options = objectIn(body['stream_options'])
  const asks = options['include_usage'] === true && !faults.has('no-usage')
  const isRunning = family === 'compatible' && options['continuous_usage_stats'] === true && asks
  const padding = family === 'openai' && options['include_obfuscation'] !== false ? { obfuscation: 'Xq3f' } : {}
  const common = { ...head(turn, object), ...served(turn) }
  let output = turn.thinking * turn.choices
  if (family === 'compatible' && showsThinking(turn)) output = 0
  if (faults.has('big'))
    yield { data: { ...common, choices: [], padding: 'x'.repeat(1024 * (numberOf(faults, 'big') ?? 1)) } }
  for (let left = choices; left.length > 0; ) {
    const next: Generator<Piece>[] = []
    for (const choice of left) {
      const { value: piece } = choice.next()
      if (piece === undefined) continue
      if (piece.isLast !== true) next.push(choice)
      output += piece.tokens ?? 0
      const isEnd = piece.isLast === true && next.length === 0 && choice === left.at(-1)
      const usage = isRunning ? { usage: usageBody(turn, reportOf(turn, output)) } : asks ? { usage: null } : {}
      const atEnd = family === 'mistral' && isEnd && !faults.has('no-usage') ? usageOf(turn) : {}
      const data = { ...common, choices: [piece.choice], ...usage, ...padding, ...atEnd }
      yield piece.tokens === undefined ? { data } : { data, tokens: piece.tokens }
    }
    left = next
  }
  if (asks && family !== 'mistral') {
    if (faults.has('usage-twice')) yield { data: { ...common, choices: [], usage: usageBody(turn, reportOf(turn, 1)) } }
    yield { data: { ...common, choices: [], ...usageOf(turn), ...padding } }
  }
  yield { data: '[DONE]' }
}

function head({ serial, served: model, family }: Turn, object: string): object {
  const prefix = family === 'qianfan' ? 'as-' : 'chatcmpl-'
  return {
    id: `${prefix}${serial}`,
    object,
    created,
    model,
    ...(family === 'openai' ? { system_fingerprint: 'fp_1' } : {}),
  }
}

function served({ family, faults }: Turn): object {
  if (family !== 'openai') return {}
  return { service_tier: faults.get('tier') ?? 'default' }
}

/** OpenAI keeps its reasoning to itself. */
function showsThinking({ family, thinking }: Turn): boolean {
  return thinking > 0 && (family === 'compatible' || family === 'qianfan')
}

function toolCall({ serial, family }: Turn): object {
  return { id: family === 'mistral' ? `call${String(serial).padStart(5, '0')}` : `call_${serial}`, type: 'function' }
}

function finishReason(finish: Turn['finish']): string {
  return finish === 'tool' ? 'tool_calls' : finish
}

function usageOf(turn: Turn): { usage?: JsonBody } {
  return turn.faults.has('no-usage') ? {} : { usage: usageBody(turn, reportOf(turn)) }
}

function usageBody({ family }: Turn, usage: TurnUsage): JsonBody {
  const { input, cached, cacheWrite, audioIn, output, thinking, audioOut } = usage
  const sums = { prompt_tokens: input, completion_tokens: output, total_tokens: input + output }
  if (family === 'mistral') return cached === 0 ? sums : { ...sums, prompt_tokens_details: { cached_tokens: cached } }
  if (family === 'compatible') {
    return { ...sums, prompt_tokens_details: cached === 0 ? null : { cached_tokens: cached } }
  }
  return {
    ...sums,
    prompt_tokens_details: {
      cached_tokens: cached,
      audio_tokens: audioIn,
      ...(cacheWrite === 0 ? {} : { cache_write_tokens: cacheWrite }),
    },
    completion_tokens_details: {
      reasoning_tokens: thinking,
      audio_tokens: audioOut,
      accepted_prediction_tokens: 0,
      rejected_prediction_tokens: 0,
    },
  }
}
