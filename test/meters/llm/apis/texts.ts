import type { ApiUnderTest } from '../provider.contract.ts'
import { json } from '../shapes.ts'

/** OpenAI's completions. */
export const completions: ApiUnderTest = {
  path: '/v1/completions',
  least: { model: 'gpt-3.5-turbo-instruct', prompt: 'hello' },
  others: json({
    best_of: 2,
    echo: true,
    frequency_penalty: 0,
    logit_bias: {},
    logprobs: 1,
    max_tokens: 9,
    n: 2,
    presence_penalty: 0,
    seed: 1,
    stop: 'a',
    stream: true,
    stream_options: { include_usage: true },
    suffix: 's',
    temperature: 0,
    top_p: 1,
    user: 'u',
  }),
  caps: true,
  naming: ['user'],
  refused: [
    ['no prompt', { prompt: null }, 'request-malformed'],
    ['a prompt of objects', { prompt: [{ text: 'x' }] }, 'request-malformed'],
    ['texts and tokens together', { prompt: ['a', 1] }, 'request-malformed'],
    ['absurdly many candidates', { best_of: 1e9 }, 'request-malformed'],
    ['a cap below none', { max_tokens: -1 }, 'request-malformed'],
  ],
  answers: [
    [
      'plain',
      { choices: [{ text: 'x' }], model: 'm', usage: { prompt_tokens: 5, completion_tokens: 7, total_tokens: 12 } },
      { tokens: { input: 5n, output: 7n }, model: 'm' },
    ],
  ],
  streams: [
    {
      what: 'usage asked for',
      asks: { stream: true },
      events: [
        { choices: [{ text: 'hi', index: 0, finish_reason: 'stop' }], usage: null },
        { choices: [], usage: { prompt_tokens: 5, completion_tokens: 7, total_tokens: 12 } },
      ],
      kinds: 'cu',
      used: { tokens: { input: 5n, output: 7n } },
    },
  ],
}

/** OpenAI's embeddings. */
export const embeddings: ApiUnderTest = {
  path: '/v1/embeddings',
  least: { model: 'text-embedding-3-small', input: 'hello' },
  others: { dimensions: 256, encoding_format: 'base64', user: 'u' },
  caps: false,
  naming: ['user'],
  refused: [
    ['no input', { input: [] }, 'request-malformed'],
    ['input that is an object', { input: { text: 'x' } }, 'request-malformed'],
  ],
  answers: [
    [
      'plain',
      { data: [], model: 'text-embedding-3-small', usage: { prompt_tokens: 8, total_tokens: 8 } },
      { tokens: { input: 8n }, model: 'text-embedding-3-small' },
    ],
  ],
  streams: [{ what: 'none', events: [{}], used: undefined }],
}
