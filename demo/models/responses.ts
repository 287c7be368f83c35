import type { ModelEvent } from './events.ts'
import { reportOf, type Turn, wordsOf } from './turn.ts'

/** The Responses API of OpenAI. */

const created = 1_795_000_000

export function responseAnswer(turn: Turn): object {
  const output = [
    ...thoughts(turn),
    turn.call === undefined ? message(turn, text(turn)) : functionCall(turn, turn.call.input),
  ]
  const isUsageKnown = !turn.faults.has('no-usage')
  return {
    ...response(turn, ending(turn)),
    output,
    output_text: text(turn),
    usage: isUsageKnown ? usage(turn) : null,
    ...tools(turn),
  }
}

export function* responseEvents(turn: Turn): Generator<ModelEvent> {
  let sequence = 0
  const event = (type: string, members: object, tokens?: number): ModelEvent => {
    const data = { type, ...members, sequence_number: sequence++ }
    return tokens === undefined ? { name: type, data } : { name: type, data, tokens }
  }
  const begun = { ...response(turn, 'in_progress'), output: [], usage: null }
  yield event('response.created', { response: begun })
  yield event('response.in_progress', { response: begun })
  let index = 0
  for (const item of thoughts(turn)) {
    yield event('response.output_item.added', { output_index: index, item })
    yield event('response.output_item.done', { output_index: index, item })
    index += 1
  }
  yield* turn.call === undefined ? textEvents(turn, index, event) : callEvents(turn, turn.call.name, index, event)
  const type = `response.${ending(turn)}`
  if (turn.faults.has('usage-twice'))
    yield event(type, { response: { ...responseAnswer(turn), usage: usage(turn, 1) } })
  yield event(type, { response: responseAnswer(turn) })
}

type MakeEvent = (type: string, members: object, tokens?: number) => ModelEvent

function* textEvents(turn: Turn, output_index: number, event: MakeEvent): Generator<ModelEvent> {
  const at = { item_id: `msg_${turn.serial}`, output_index, content_index: 0 }
  const part = (text: string): object => ({ type: 'output_text', text, annotations: [], logprobs: [] })
  yield event('response.output_item.added', {
    output_index,
    item: { ...message(turn, ''), status: 'in_progress', content: [] },
  })
  yield event('response.content_part.added', { ...at, part: part('') })
  let isFirst = true
  for (const word of wordsOf(turn)) {
    const delta = isFirst ? word.trimStart() : word
    isFirst = false
    yield event('response.output_text.delta', { ...at, delta, logprobs: [], obfuscation: 'Xq3f' }, 1)
  }
  yield event('response.output_text.done', { ...at, text: text(turn), logprobs: [] })
  yield event('response.content_part.done', { ...at, part: part(text(turn)) })
  yield event('response.output_item.done', { output_index, item: message(turn, text(turn)) })
}

function* callEvents(turn: Turn, name: string, output_index: number, event: MakeEvent): Generator<ModelEvent> {
  const at = { item_id: `fc_${turn.serial}`, output_index }
  const all = turn.words.join('')
  yield event('response.output_item.added', {
    output_index,
    item: { ...functionCall(turn, ''), status: 'in_progress' },
  })
  for (const delta of wordsOf(turn)) yield event('response.function_call_arguments.delta', { ...at, delta }, 1)
  yield event('response.function_call_arguments.done', { ...at, name, arguments: all })
  yield event('response.output_item.done', { output_index, item: functionCall(turn, all) })
}

function response({ serial, served: model, faults, body }: Turn, status: string): object {
  return {
    id: `resp_${serial}`,
    object: 'response',
    created_at: created,
    status,
    background: false,
    error: status === 'failed' ? { code: 'server_error', message: 'The model had an error.' } : null,
    incomplete_details: status === 'incomplete' ? { reason: 'max_output_tokens' } : null,
    instructions: body['instructions'] ?? null,
    max_output_tokens: body['max_output_tokens'] ?? null,
    metadata: {},
    model,
    parallel_tool_calls: true,
    previous_response_id: null,
    reasoning: { effort: null, summary: null },
    service_tier: faults.get('tier') ?? 'default',
    store: body['store'] ?? true,
    temperature: 1,
    text: { format: { type: 'text' } },
    tool_choice: body['tool_choice'] ?? 'auto',
    tools: body['tools'] ?? [],
    top_p: 1,
    truncation: 'disabled',
  }
}

function ending({ faults, finish }: Turn): 'completed' | 'incomplete' | 'failed' {
  return faults.has('failed') ? 'failed' : finish === 'length' ? 'incomplete' : 'completed'
}

function text({ call, words }: Turn): string {
  return call === undefined ? words.join('').trimStart() : ''
}

function message({ serial, finish }: Turn, text: string): object {
  return {
    id: `msg_${serial}`,
    type: 'message',
    status: finish === 'length' ? 'incomplete' : 'completed',
    role: 'assistant',
    content: [{ type: 'output_text', text, annotations: [], logprobs: [] }],
  }
}

function functionCall({ serial, call }: Turn, input: string): object {
  const name = call?.name ?? ''
  return {
    id: `fc_${serial}`,
    type: 'function_call',
    status: 'completed',
    call_id: `call_${serial}`,
    name,
    arguments: input,
  }
}

/** What may be seen of reasoning: that it was. */
function thoughts({ serial, thinking }: Turn): object[] {
  return thinking === 0 ? [] : [{ id: `rs_${serial}`, type: 'reasoning', summary: [] }]
}

function usage(turn: Turn, soFar?: number): object {
  const { input, cached, cacheWrite, output, thinking } = reportOf(turn, soFar)
  return {
    input_tokens: input,
    input_tokens_details: { cached_tokens: cached, cache_write_tokens: cacheWrite },
    output_tokens: output,
    output_tokens_details: { reasoning_tokens: thinking },
    total_tokens: input + output,
  }
}

function tools(turn: Turn): object {
  const { searches } = reportOf(turn)
  return searches === 0 ? {} : { tool_usage: { web_search: { num_requests: searches } } }
}
