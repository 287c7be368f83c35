import type { JsonMembers } from '../../../../src/core/json.ts'
import type { ApiUnderTest } from '../provider.contract.ts'
import { json } from '../shapes.ts'

const responsesLeast = { model: 'gpt-4o', input: 'hello' }
/** The documented members of openai-node 7.59, each with a value of its type. */
const responsesOthers = json({
  background: false,
  image: { context_compression: 'auto' },
  include: ['reasoning.encrypted_content'],
  instructions: 'i',
  max_output_tokens: 100,
  max_tool_calls: 3,
  metadata: { a: 'b' },
  moderation: { model: 'omni' },
  parallel_tool_calls: true,
  previous_response_id: null,
  conversation: null,
  prompt: null,
  prompt_cache_key: 'k',
  prompt_cache_options: { mode: 'implicit' },
  prompt_cache_retention: '24h',
  reasoning: { effort: 'low' },
  safety_identifier: 's',
  service_tier: 'default',
  store: true,
  stream: true,
  stream_options: { include_obfuscation: false },
  temperature: 1,
  text: { format: { type: 'text' } },
  tool_choice: 'auto',
  tools: [{ type: 'function', name: 'f', parameters: { properties: { container: {} } }, strict: true }],
  top_logprobs: 2,
  top_p: 1,
  truncation: 'auto',
  user: 'u',
}) // prettier-ignore

const served = { model: 'gpt-4o-2024-08-06' }
const response = (report: unknown, more: object = {}): object => ({
  id: 'resp_1',
  object: 'response',
  model: 'gpt-4o-2024-08-06',
  status: 'completed',
  service_tier: 'default',
  output: [],
  tools: [],
  error: null,
  usage: report,
  ...more,
})
const responseUsage = (input: number, output: number, details: object = {}): object => ({
  input_tokens: input,
  input_tokens_details: { cached_tokens: 0, cache_write_tokens: 0, ...details },
  output_tokens: output,
  output_tokens_details: { reasoning_tokens: 0 },
  total_tokens: input + output,
})
const created = ['response.created', { type: 'response.created', response: response(null) }] as const
const delta = [
  'response.output_text.delta',
  { type: 'response.output_text.delta', delta: '"error" {"usage":{}} 一' },
] as const
const ended = (type: string, more: object, used: unknown = responseUsage(30, 9)) =>
  [type, { type, response: response(used, more) }] as const
const end = { ...served, tier: 'default' } as const

/** OpenAI's responses. */
export const responses: ApiUnderTest = {
  path: '/v1/responses',
  least: responsesLeast,
  others: responsesOthers,
  caps: true,
  naming: ['safety_identifier'],
  refused: [
    ['an answer in the background', { background: true }, 'not-for-sale'],
    ['an earlier answer', { previous_response_id: 'resp_secret' }, 'not-for-sale'],
    ['a conversation', { conversation: { id: 'conv_1' } }, 'not-for-sale'],
    ['a prompt of the operator’s', { prompt: { id: 'pmpt_1' } }, 'not-for-sale'],
    [
      'a comparison with another’s answer',
      { prompt_cache_options: { comparison_response_id: 'resp_1' } },
      'not-for-sale',
    ],
    ['no input', { input: null }, 'request-malformed'],
    ['input that is a number', { input: 5 }, 'request-malformed'],
    ['an item of an earlier answer', { input: [{ type: 'item_reference', id: 'msg_1' }] }, 'not-for-sale'],
    ['an item of which there is but the id', { input: [{ id: 'msg_1' }] }, 'not-for-sale'],
    [
      'reasoning that the provider would have to remember',
      { input: [{ type: 'reasoning', id: 'rs_1', summary: [] }] },
      'not-for-sale',
    ],
    [
      'a picture that the provider would have to remember',
      { input: [{ type: 'image_generation_call', id: 'ig_1', result: null }] },
      'not-for-sale',
    ],
    ['a file', { input: [{ role: 'user', content: [{ type: 'input_file', file_id: 'file-1' }] }] }, 'not-for-sale'],
    [
      'a screenshot by id',
      {
        input: [
          { type: 'computer_call_output', call_id: 'c', output: { type: 'computer_screenshot', file_id: 'file-1' } },
        ],
      },
      'not-for-sale',
    ],
    ['a search in files', tool({ type: 'file_search', vector_store_ids: ['vs_1'] }), 'not-for-sale'],
    ['a container', tool({ type: 'code_interpreter', container: { type: 'auto' } }), 'not-for-sale'],
    ['a hosted shell', tool({ type: 'shell', environment: { type: 'container_auto' } }), 'not-for-sale'],
    ['pictures drawn', tool({ type: 'image_generation' }), 'not-for-sale'],
    ['a tunnel of the operator’s', tool({ type: 'mcp', server_label: 's', tunnel_id: 'tn_1' }), 'not-for-sale'],
    [
      'a tool that an item adds',
      {
        input: [{ role: 'developer', type: 'additional_tools', tools: [{ type: 'code_interpreter', container: 'x' }] }],
      },
      'not-for-sale',
    ],
    ['absurd rounds', { ...tool({ type: 'web_search' }), max_tool_calls: 1e6 }, 'request-malformed'],
    ['a cap of none', { max_output_tokens: 0 }, 'request-malformed'],
  ],
  answers: [
    ['plain', response(responseUsage(100, 50)), { tokens: { input: 100n, output: 50n }, ...end }],
    [
      'incomplete',
      response(responseUsage(100, 16), { status: 'incomplete' }),
      { tokens: { input: 100n, output: 16n }, ...end },
    ],
    [
      'written for hours',
      response(
        responseUsage(1000, 1, {
          cached_tokens: 100,
          cache_write_tokens: 700,
          cache_write_tokens_details: { ttl_30m_tokens: 200, ttl_12h_tokens: 500 },
        }),
      ),
      { tokens: { input: 200n, cacheRead: 100n, cacheWrite: 200n, cacheWriteLong: 500n, output: 1n }, ...end },
    ],
    [
      'two searches',
      response(responseUsage(9000, 50), { tool_usage: { web_search: { num_requests: 2 } } }),
      { tokens: { input: 9000n, output: 50n }, fees: { webSearch: 2n }, ...end },
    ],
    [
      'a tool that was not called',
      response(responseUsage(9, 5), {
        tool_usage: { web_search: { num_requests: 0 }, image_gen: { input_tokens: 0, output_tokens: 0 } },
      }),
      { tokens: { input: 9n, output: 5n }, ...end },
    ],
    [
      'a picture drawn',
      response(responseUsage(9, 5), {
        tools: [{ type: 'image_generation', model: 'gpt-image-2' }],
        tool_usage: {
          image_gen: {
            input_tokens: 150,
            input_tokens_details: { text_tokens: 150, image_tokens: 0 },
            output_tokens: 8000,
          },
        },
      }),
      {
        tokens: { input: 9n, output: 5n },
        ...end,
        also: [{ model: 'gpt-image-2', tokens: { input: 150n, outputImage: 8000n } }],
      },
    ],
    [
      'a picture drawn by nobody knows whom',
      response(responseUsage(9, 5), { tool_usage: { image_gen: { input_tokens: 150, output_tokens: 8000 } } }),
      undefined,
    ],
    [
      'searches that are no count',
      response(responseUsage(9, 5), { tool_usage: { web_search: { num_requests: -1 } } }),
      undefined,
    ],
    ['no usage', response(null), undefined],
  ],
  streams: [
    {
      what: 'completed',
      events: [created, delta, ended('response.completed', {})],
      used: { tokens: { input: 30n, output: 9n }, ...end },
    },
    {
      what: 'incomplete',
      events: [created, delta, ended('response.incomplete', { status: 'incomplete' })],
      used: { tokens: { input: 30n, output: 9n }, ...end },
    },
    {
      what: 'failed with usage',
      events: [created, delta, ended('response.failed', { error: { code: 'x', message: 'y' } })],
      used: { tokens: { input: 30n, output: 9n }, ...end },
    },
    {
      what: 'failed without usage',
      events: [created, ended('response.failed', { error: { code: 'x', message: 'y' } }, null)],
      kinds: 'ce',
      used: undefined,
    },
    {
      what: 'an error',
      events: [
        created,
        delta,
        ['error', { type: 'error', code: 'server_error', message: 'no', param: null, sequence_number: 3 }],
      ],
      kinds: 'cce',
      used: undefined,
    },
    { what: 'cut off', events: [created, delta], used: undefined },
  ],
}

/** A conversation that is made shorter. */
export const compact: ApiUnderTest = {
  path: '/v1/responses/compact',
  least: responsesLeast,
  others: json({ instructions: 'i', prompt_cache_key: 'k', prompt_cache_retention: '24h', service_tier: 'default' }),
  caps: false,
  naming: ['prompt_cache_key'],
  refused: [['an earlier answer', { previous_response_id: 'resp_secret' }, 'not-for-sale']],
  answers: [
    [
      'plain',
      { id: 'resp_1', object: 'response.compaction', output: [], usage: responseUsage(500, 90) },
      { tokens: { input: 500n, output: 90n } },
    ],
  ],
  streams: [{ what: 'none', events: [{}], used: undefined }],
}

/** The count of the input of a response. */
export const inputTokens: ApiUnderTest = {
  path: '/v1/responses/input_tokens',
  least: responsesLeast,
  others: json({
    instructions: 'i',
    tools: [],
    tool_choice: 'auto',
    reasoning: {},
    text: {},
    truncation: 'auto',
    parallel_tool_calls: true,
    personality: 'friendly',
  }),
  caps: false,
  refused: [['an item of an earlier answer', { input: [{ type: 'item_reference', id: 'msg_1' }] }, 'not-for-sale']],
  answers: [],
  streams: [{ what: 'none', events: [{}], used: undefined }],
}

function tool(declared: object): JsonMembers {
  return json({ tools: [declared] })
}
