import { describe, expect, it } from 'vitest'
import type { JsonMembers } from '../../../src/core/json.ts'
import type { ModelApi } from '../../../src/meters/llm/provider.ts'
import { openaiProvider } from '../../../src/meters/openai.ts'
import { json } from './shapes.ts'

function apiAt(path: string): ModelApi {
  const endpoint = openaiProvider.endpoint('POST', path, '')
  if (endpoint?.kind !== 'metered') throw new Error('closed')
  return endpoint.api
}
const chat = apiAt('/v1/chat/completions')
const responses = apiAt('/v1/responses')

const having = (...content: object[]): object => ({ messages: [{ role: 'user', content }] })
const saying = (content: string, more: object): object => ({ messages: [{ role: 'user', content }], ...more })
const picture = (data: string): object => ({ type: 'image_url', image_url: { url: `data:image/png;base64,${data}` } })

describe('counting at OpenAI', () => {
  const counted = (body: object): JsonMembers | undefined => chat.counter?.(json(body), 'gpt-5.6')?.body

  it('counts a response as it is, less what is no input', () => {
    const body = { model: 'm', input: 'hello', stream: true, max_output_tokens: 5, tools: [], user: 'u' }
    const { path, body: sent } = responses.counter?.(json(body), 'other') ?? {}
    expect(path).toBe('/v1/responses/input_tokens')
    expect(sent).toEqual({ model: 'other', input: 'hello', tools: [] })
    expect(responses.countIn?.({ object: 'response.input_tokens', input_tokens: 12 })).toBe(12n)
    for (const answer of [{}, { input_tokens: -1 }, { input_tokens: '12' }, null])
      expect(responses.countIn?.(answer)).toBeUndefined()
  })

  it('counts a chat as the response that it would be', () => {
    const call = { id: 'c1', type: 'function', function: { name: 'f', arguments: '{}' } }
    const messages = [
      { role: 'system', content: 's' },
      { role: 'user', content: [{ type: 'text', text: 't' }, picture('AAAA')] },
      { role: 'assistant', content: null, tool_calls: [call] },
      { role: 'tool', tool_call_id: 'c1', content: 'done' },
      { role: 'assistant', content: [{ type: 'text', text: 'so' }] },
    ]
    const tools = [{ type: 'function', function: { name: 'f', parameters: { type: 'object' } } }]
    const response_format = { type: 'json_schema', json_schema: { name: 'n', schema: {} } }
    expect(counted({ messages, tools, response_format, n: 2, max_tokens: 5, reasoning_effort: 'low' })).toEqual({
      model: 'gpt-5.6',
      input: [
        { role: 'system', content: 's' },
        {
          role: 'user',
          content: [
            { type: 'input_text', text: 't' },
            { type: 'input_image', image_url: 'data:image/png;base64,AAAA', detail: 'auto' },
          ],
        },
        { type: 'function_call', call_id: 'c1', name: 'f', arguments: '{}' },
        { type: 'function_call_output', call_id: 'c1', output: 'done' },
        { role: 'assistant', content: [{ type: 'output_text', text: 'so' }] },
      ],
      tools: [{ type: 'function', name: 'f', parameters: { type: 'object' }, strict: false }],
      text: { format: { type: 'json_schema', name: 'n', schema: {} } },
      reasoning: { effort: 'low' },
    })
  })

  it.each<[what: string, body: object]>([
    ['names', saying('a', { messages: [{ role: 'user', name: 'n', content: 'a' }] })],
    ['sound', having({ type: 'input_audio', input_audio: { data: 'AAAA' } })],
    ['old functions', saying('a', { functions: [{ name: 'f' }] })],
    ['tools of another kind', saying('a', { tools: [{ type: 'custom', custom: { name: 'c' } }] })],
    ['a role of its own', saying('a', { messages: [{ role: 'function', name: 'f', content: 'a' }] })],
    ['a format of its own', saying('a', { response_format: { type: 'grammar' } })],
  ])('counts no chat with %s: less than all would be no bound', (_what, body) => expect(counted(body)).toBeUndefined())
})
