import { describe, expect, it } from 'vitest'
import type { ModelApi } from '../../../src/meters/llm/provider.ts'
import type { ModelRequest } from '../../../src/meters/llm/rules/request.ts'
import { openaiProvider } from '../../../src/meters/openai.ts'
import { requestOf, streamed } from './shapes.ts'

function apiAt(path: string): ModelApi {
  const endpoint = openaiProvider.endpoint('POST', path, '')
  if (endpoint?.kind !== 'metered') throw new Error('closed')
  return endpoint.api
}
const chat = apiAt('/v1/chat/completions')
const responses = apiAt('/v1/responses')
const saying = (model: string): object => ({ model, stream: true, messages: [{ role: 'user', content: 'a' }] })

describe('an answer of OpenAI that is cut off', () => {
  const delta = (value: object, more: object = {}): object => ({
    choices: [{ index: 0, delta: value, logprobs: null, finish_reason: null }],
    usage: null,
    obfuscation: 'x'.repeat(50),
    ...more,
  })
  const asked = (model: string): ModelRequest => requestOf(chat, saying(model))
  const soFar = (model: string, ...events: object[]) => streamed(chat, asked(model), ...events).soFar(9999)

  it('costs at most the bytes that were delivered, without their envelope and padding', () => {
    expect(
      soFar(
        'gpt-4o',
        delta({ role: 'assistant', content: '' }),
        delta({ content: 'Hello' }),
        delta({ content: ' 一🙂' }),
        delta({}),
      ),
    ).toEqual({
      tokens: { output: BigInt(5 + 1 + 3 + 4) },
      isInputUnknown: true,
    })
    expect(streamed(chat, asked('gpt-4o')).soFar(0)).toEqual({ tokens: {}, isInputUnknown: true })
  })

  it('counts what tools are called with, and text that looks like an end', () => {
    const called = soFar('gpt-4o', delta({ tool_calls: [{ index: 0, function: { arguments: 'x'.repeat(100) } }] }))
    expect(called?.tokens.output).toBeGreaterThanOrEqual(100n)
    expect(soFar('gpt-4o', delta({ content: ',"finish_reason":"stop' }))?.tokens.output).toBeGreaterThanOrEqual(22n)
    expect(soFar('gpt-4o', delta({ content: 'logprobs' }))?.tokens.output).toBe(8n)
  })

  it.each(['gpt-5.6', 'o3', 'gpt-6-astra', 'gpt-4o-audio-preview', 'my-alias', 'gpt-4o-search-preview'])(
    'nothing bounds what %s has used: it may generate what it does not deliver',
    (model) => expect(soFar(model, delta({ content: 'Hello' }))).toBeUndefined(),
  )

  it('costs at most the bytes of the deltas of a response', () => {
    const request = requestOf(responses, { model: 'gpt-4.1', input: 'a', stream: true })
    const event = (text: string): object => ({ type: 'response.output_text.delta', delta: text, obfuscation: 'xxxx' })
    expect(streamed(responses, request, event('a"b'), event('é')).soFar(999)?.tokens).toEqual({ output: 6n })
    const searching = requestOf(responses, { model: 'gpt-4.1', input: 'a', tools: [{ type: 'web_search' }] })
    expect(streamed(responses, searching, event('a')).soFar(999)).toBeUndefined()
  })

  it('is bounded by nothing if it is one text, of which some has been read', () => {
    const response = responses.reader(requestOf(responses, { model: 'gpt-4.1', input: 'a' }))
    const reader = chat.reader(requestOf(chat, { ...saying('gpt-4o'), stream: false }))
    expect([reader.soFar(60_000), response.soFar(60_000)]).toEqual([undefined, undefined])
  })

  it('costs its reservation if the report at its end has no output, though there was some', () => {
    const report = (completion: number): object => ({
      choices: [],
      usage: { prompt_tokens: 9, completion_tokens: completion, total_tokens: 9 + completion },
    })
    expect(streamed(chat, asked('gpt-4o'), delta({ content: 'a' }), report(0)).final()).toBeUndefined()
    expect(streamed(chat, asked('gpt-4o'), delta({}), report(0)).final()?.tokens).toEqual({ input: 9n })
    expect(streamed(chat, asked('gpt-4o'), delta({ content: 'a' }), report(1)).final()?.tokens).toEqual({
      input: 9n,
      output: 1n,
    })
  })
})
