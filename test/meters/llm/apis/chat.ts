import type { JsonMembers } from '../../../../src/core/json.ts'
import type { ApiUnderTest } from '../provider.contract.ts'
import { json } from '../shapes.ts'

const chatLeast = { model: 'gpt-4o', messages: [{ role: 'user', content: 'hello' }] }
const functionTool = {
  type: 'function',
  function: { name: 'f', parameters: { type: 'object', properties: { file_id: {} } } },
}

/** The documented members of openai-node 7.59, each with a value of its type. */
const chatOthers = json({
  frequency_penalty: 0.1,
  function_call: 'auto',
  functions: [{ name: 'g', parameters: {} }],
  logit_bias: { '5': 1 },
  logprobs: true,
  max_completion_tokens: 100,
  max_tokens: 50,
  metadata: { file_id: 'mine' },
  modalities: ['text'],
  moderation: { model: 'omni' },
  n: 2,
  parallel_tool_calls: true,
  prediction: { type: 'content', content: 'x' },
  presence_penalty: 0,
  prompt_cache_key: 'k',
  prompt_cache_options: { ttl: '30m' },
  prompt_cache_retention: '24h',
  reasoning_effort: 'low',
  response_format: { type: 'text' },
  safety_identifier: 's',
  seed: 1,
  service_tier: 'auto',
  stop: ['a'],
  store: true,
  stream: true,
  stream_options: { include_usage: false, include_obfuscation: false },
  temperature: 1,
  tool_choice: 'auto',
  tools: [functionTool],
  top_logprobs: 2,
  top_p: 1,
  user: 'u',
  verbosity: 'low',
  audio: { format: 'wav', voice: 'alloy' },
  web_search_options: { search_context_size: 'low' },
}) // prettier-ignore

export const chatUsage = (prompt: number, completion: number, input: object = {}, output: object = {}): JsonMembers =>
  json({
    prompt_tokens: prompt,
    completion_tokens: completion,
    total_tokens: prompt + completion,
    prompt_tokens_details: { cached_tokens: 0, audio_tokens: 0, ...input },
    completion_tokens_details: { reasoning_tokens: 0, audio_tokens: 0, ...output },
  })
const answer = (report: unknown, more: object = {}): object => ({
  id: 'chatcmpl-1',
  object: 'chat.completion',
  model: 'gpt-4o-2024-08-06',
  choices: [{ index: 0, message: { role: 'assistant', content: 'hi' }, finish_reason: 'stop' }],
  usage: report,
  ...more,
})
const chunk = (delta: object, more: object = {}, choice: object = {}): object => ({
  id: 'chatcmpl-1',
  object: 'chat.completion.chunk',
  model: 'gpt-4o-2024-08-06',
  service_tier: 'default',
  choices: [{ index: 0, delta, logprobs: null, finish_reason: null, ...choice }],
  usage: null,
  obfuscation: 'abcdefgh',
  ...more,
})
const report = (value: object): object => chunk({}, { choices: [], usage: value })
const served = { model: 'gpt-4o-2024-08-06' }
const end = { ...served, tier: 'default' } as const
const hello = [chunk({ role: 'assistant', content: '', refusal: null }), chunk({ content: 'say "usage": {1} 一🙂' })]
const stop = chunk({}, {}, { finish_reason: 'stop' })
const limit = chunk({}, {}, { finish_reason: 'length' })

/** OpenAI's chats. */
export const chat: ApiUnderTest = {
  path: '/v1/chat/completions',
  least: json(chatLeast),
  others: chatOthers,
  caps: true,
  naming: ['user'],
  refused: [
    ['no model', { model: '' }, 'request-malformed'],
    ['a model that is a list', { model: ['gpt-4o', 'o3'] }, 'request-malformed'],
    ['no messages', { messages: [] }, 'request-malformed'],
    ['messages that are a text', { messages: 'hello' }, 'request-malformed'],
    ...[0, -1, 0.5, '50', 2 ** 60, true, [5]].map(
      (cap) => [`a cap of ${JSON.stringify(cap)}`, { max_tokens: cap }, 'request-malformed'] as const,
    ),
    ['a cap of none beside a good one', { max_tokens: 5, max_completion_tokens: 0 }, 'request-malformed'],
    ...[0, -5, 1.5, 129, 1e9, '3'].map((n) => [`n of ${n}`, { n }, 'request-malformed'] as const),
    ['a stream that is a text', { stream: 'true' }, 'request-malformed'],
    ['usage asked for by a number', { stream: true, stream_options: { include_usage: 1 } }, 'request-malformed'],
    ['options of a stream that are a list', { stream: true, stream_options: [] }, 'request-malformed'],
    ['options of a stream in another case', { stream_options: { Include_Usage: false } }, 'request-malformed'],
    ['a tier that is not sold', { service_tier: 'ultrafast' }, 'not-for-sale'],
    ['a tier that is a name of every object', { service_tier: 'constructor' }, 'not-for-sale'],
    ['a user that is an object', { user: { name: 'x' } }, 'request-malformed'],
    ['a file', parts({ type: 'file', file: { file_id: 'file-secret' } }), 'not-for-sale'],
    ['a file in a nested part', parts({ type: 'x', y: [{ z: { file_id: 'file-1' } }] }), 'not-for-sale'],
    ['sound of an earlier answer', { messages: [{ role: 'assistant', audio: { id: 'audio_1' } }] }, 'not-for-sale'],
    ['a voice of the operator’s', { audio: { format: 'wav', voice: { id: 'voice_1' } } }, 'not-for-sale'],
    ['a URL of another scheme', parts(image('file:///etc/secret')), 'request-malformed'],
  ],
  answers: [
    ['plain', answer(chatUsage(100, 50)), { tokens: { input: 100n, output: 50n }, ...served }],
    [
      'cached',
      answer(chatUsage(2006, 300, { cached_tokens: 1920 })),
      { tokens: { input: 86n, cacheRead: 1920n, output: 300n }, ...served },
    ],
    [
      'written to the cache',
      answer(chatUsage(2000, 1, { cached_tokens: 500, cache_write_tokens: 1000 })),
      { tokens: { input: 500n, cacheRead: 500n, cacheWrite: 1000n, output: 1n }, ...served },
    ],
    [
      'reasoning',
      answer(chatUsage(10, 500, {}, { reasoning_tokens: 450 })),
      { tokens: { input: 10n, output: 500n }, ...served },
    ],
    [
      'a prediction',
      answer(chatUsage(50, 100, {}, { accepted_prediction_tokens: 60, rejected_prediction_tokens: 20 })),
      { tokens: { input: 50n, output: 100n }, ...served },
    ],
    [
      'pictures read, at the rate of text',
      answer(chatUsage(900, 5, { image_tokens: 850 })),
      { tokens: { input: 900n, output: 5n }, ...served },
    ],
    [
      'sound',
      answer(chatUsage(100, 47, { audio_tokens: 60 }, { audio_tokens: 40, text_tokens: 7 })),
      { tokens: { input: 40n, inputAudio: 60n, output: 7n, outputAudio: 40n }, ...served },
    ],
    [
      'cached sound',
      answer(chatUsage(100, 1, { audio_tokens: 80, cached_tokens: 64 })),
      { tokens: { cacheRead: 20n, inputAudio: 80n, output: 1n }, ...served },
    ],
    [
      'served as priority',
      answer(chatUsage(1, 1), { service_tier: 'priority' }),
      { tokens: { input: 1n, output: 1n }, ...served, tier: 'fast' },
    ],
    ['served by a tier without rates', answer(chatUsage(1, 1), { service_tier: 'ultrafast' }), undefined],
    ['more cached than read', answer(chatUsage(100, 1, { cached_tokens: 101 })), undefined],
    ['more sound than generated', answer(chatUsage(1, 5, {}, { audio_tokens: 6 })), undefined],
    ['below nothing', answer(chatUsage(-5, 1)), undefined],
    ['halves', answer(chatUsage(1, 1.5)), undefined],
    ['nothing at all', answer(chatUsage(0, 0)), undefined],
    ['no usage', answer(null), undefined],
    ['usage that is a text', answer('12'), undefined],
  ],
  streams: [
    {
      what: 'usage asked for',
      asks: { stream: true },
      events: [...hello, stop, report(chatUsage(9, 4))],
      kinds: 'cccu',
      used: { tokens: { input: 9n, output: 4n }, ...end },
    },
    {
      what: 'cut by its cap',
      asks: { stream: true },
      events: [...hello, limit, report(chatUsage(9, 4))],
      kinds: 'cccu',
      used: { tokens: { input: 9n, output: 4n }, ...end },
    },
    {
      what: 'reported twice: the last counts',
      events: [...hello, stop, report(chatUsage(9, 4)), report(chatUsage(9, 5))],
      kinds: 'cccuu',
      used: { tokens: { input: 9n, output: 5n }, ...end },
    },
    { what: 'no usage', events: [...hello, stop], used: undefined },
    {
      what: 'a chunk of moderation without choices',
      events: [...hello, stop, chunk({}, { choices: [], moderation: { input: {} } }), report(chatUsage(9, 4))],
      kinds: 'ccccu',
      used: { tokens: { input: 9n, output: 4n }, ...end },
    },
    {
      what: 'usage within the last chunk',
      events: [...hello, chunk({}, { usage: chatUsage(9, 4) }, { finish_reason: 'stop' })],
      used: { tokens: { input: 9n, output: 4n }, ...end },
    },
    {
      what: 'two choices, of which one has ended',
      asks: { n: 2 },
      events: [...hello, chunk({}, { usage: chatUsage(9, 4) }, { finish_reason: 'stop' })],
      used: undefined,
    },
    {
      what: 'an error at once',
      events: [{ error: { message: 'no', type: 'server_error', code: null } }],
      kinds: 'e',
      used: undefined,
    },
    { what: 'an error after some', events: [...hello, { error: { message: 'no' } }], kinds: 'cce', used: undefined },
    {
      what: 'a contradiction at the end',
      events: [stop, report(chatUsage(9, 4)), report(chatUsage(9, 4, { cached_tokens: 10 }))],
      kinds: 'cuu',
      used: undefined,
    },
  ],
}

function parts(...content: object[]): JsonMembers {
  return json({ messages: [{ role: 'user', content }] })
}

function image(url: string): object {
  return { type: 'image_url', image_url: { url } }
}
