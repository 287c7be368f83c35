import type { ModelEvent } from './events.ts'
import { reportOf, type Turn, usedBy, wordsOf } from './turn.ts'

/** The Messages API of Anthropic. */

export function messageAnswer(turn: Turn): object {
  const { call, finish } = turn
  const text = turn.words.join('').trimStart()
  const content = [
    ...(turn.thinking === 0 ? [] : [{ type: 'thinking', thinking: ' hm'.repeat(turn.thinking), signature: 'c2ln' }]),
    call === undefined
      ? { type: 'text', text, citations: null }
      : { ...toolUse(turn), input: JSON.parse(call.input) as unknown },
  ]
  const stop_reason = stopReason(finish)
  return { ...message(turn), content, stop_reason, usage: turn.faults.has('no-usage') ? null : usage(turn) }
}

export function* messageEvents(turn: Turn): Generator<ModelEvent> {
  const { faults } = turn
  const first = faults.has('no-usage') ? null : { ...usage(turn), ...shownAtStart(turn) }
  yield event('message_start', { message: { ...message(turn), usage: first } })
  let index = 0
  if (turn.thinking > 0) yield* thinkingBlock(turn, index++)
  yield event('ping', {})
  yield* block(turn, index)
  const delta = { stop_reason: stopReason(turn.finish), stop_sequence: null }
  if (faults.has('no-usage')) yield event('message_delta', { delta, usage: { output_tokens: null } })
  else {
    if (faults.has('usage-twice')) yield event('message_delta', { delta, usage: deltaUsage(turn, 1) })
    yield event('message_delta', { delta, usage: deltaUsage(turn, undefined) })
  }
  yield event('message_stop', {})
}

function* thinkingBlock({ thinking }: Turn, index: number): Generator<ModelEvent> {
  yield event('content_block_start', { index, content_block: { type: 'thinking', thinking: '', signature: '' } })
  for (let count = 0; count < thinking; count += 1) {
    yield event('content_block_delta', { index, delta: { type: 'thinking_delta', thinking: ' hm' } }, 1)
  }
  yield event('content_block_delta', { index, delta: { type: 'signature_delta', signature: 'c2ln' } })
  yield event('content_block_stop', { index })
}

function* block(turn: Turn, index: number): Generator<ModelEvent> {
  const { call } = turn
  yield event('content_block_start', {
    index,
    content_block: call === undefined ? { type: 'text', text: '' } : toolUse(turn),
  })
  let isFirst = true
  for (const word of wordsOf(turn)) {
    const text = isFirst ? word.trimStart() : word
    isFirst = false
    const delta = call === undefined ? { type: 'text_delta', text } : { type: 'input_json_delta', partial_json: word }
    yield event('content_block_delta', { index, delta }, 1)
  }
  yield event('content_block_stop', { index })
}

function event(type: string, members: object, tokens?: number): ModelEvent {
  const data = { type, ...members }
  return tokens === undefined ? { name: type, data } : { name: type, data, tokens }
}

function message({ serial, served: model }: Turn): object {
  const none = { container: null, stop_details: null, stop_reason: null, stop_sequence: null }
  return { id: `msg_${serial}`, type: 'message', role: 'assistant', model, content: [], ...none }
}

function toolUse({ serial, call }: Turn): object {
  return { type: 'tool_use', id: `toolu_${serial}`, name: call?.name ?? '', input: {} }
}

function stopReason(finish: Turn['finish']): string {
  return { stop: 'end_turn', length: 'max_tokens', tool: 'tool_use' }[finish]
}

/** `input_tokens` is without what was read from the cache or written to it. */
function usage(turn: Turn): object {
  const { faults } = turn
  const { input, cached, cacheWrite, cacheWriteLong, output, thinking, searches } = reportOf(turn)
  return {
    input_tokens: Math.max(0, input - cached - cacheWrite - cacheWriteLong),
    cache_creation_input_tokens: cacheWrite + cacheWriteLong,
    cache_read_input_tokens: cached,
    cache_creation: { ephemeral_5m_input_tokens: cacheWrite, ephemeral_1h_input_tokens: cacheWriteLong },
    output_tokens: output,
    output_tokens_details: thinking === 0 ? null : { thinking_tokens: thinking },
    server_tool_use: searches === 0 ? null : { web_search_requests: searches, web_fetch_requests: 0 },
    service_tier: faults.get('tier') ?? 'standard',
    inference_geo: faults.get('region') ?? null,
    speed: 'standard',
  }
}

/** What a search reads is known only at the end, and of the output one token. */
function shownAtStart(turn: Turn): object {
  return { output_tokens: Math.min(1, usedBy(turn).output), output_tokens_details: null, server_tool_use: null }
}

function deltaUsage(turn: Turn, soFar: number | undefined): object {
  const { input, cached, cacheWrite, cacheWriteLong, output, searches } = reportOf(turn, soFar)
  const isLast = soFar === undefined
  return {
    input_tokens: isLast ? Math.max(0, input - cached - cacheWrite - cacheWriteLong) : null,
    cache_creation_input_tokens: isLast ? cacheWrite + cacheWriteLong : null,
    cache_read_input_tokens: isLast ? cached : null,
    output_tokens: output,
    output_tokens_details: null,
    server_tool_use: searches === 0 ? null : { web_search_requests: searches, web_fetch_requests: 0 },
  }
}
