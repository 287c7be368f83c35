import type { ApiUnderTest } from '../provider.contract.ts'
import { json } from '../shapes.ts'

const picture = { b64_json: 'AAAA' }
const usage = (details?: object): object => ({
  total_tokens: 8150,
  input_tokens: 150,
  output_tokens: 8000,
  input_tokens_details: { text_tokens: 150, image_tokens: 0 },
  ...(details && { output_tokens_details: details }),
})

/** OpenAI's pictures. */
export const images: ApiUnderTest = {
  path: '/v1/images/generations',
  least: { model: 'gpt-image-2', prompt: 'hello' },
  others: json({
    background: 'auto',
    moderation: 'low',
    n: 2,
    output_compression: 90,
    output_format: 'png',
    partial_images: 0,
    quality: 'high',
    response_format: 'b64_json',
    safety_identifier: 's',
    size: '1024x1024',
    stream: false,
    style: 'vivid',
    user: 'u',
  }),
  caps: false,
  naming: ['safety_identifier'],
  refused: [
    ['no prompt', { prompt: null }, 'request-malformed'],
    ['absurdly many pictures', { n: 1e6 }, 'request-malformed'],
    ['absurdly many previews', { partial_images: 100 }, 'request-malformed'],
    ['a picture of many frames', { output_format: 'gif' }, 'not-for-sale'],
    ['a graphic that another model writes', { output_format: 'svg' }, 'not-for-sale'],
    ['several pictures in one stream', { stream: true, n: 2 }, 'not-for-sale'],
  ],
  answers: [
    [
      'without a split all of the output is a picture',
      { created: 1, data: [picture], usage: usage() },
      { tokens: { input: 150n, outputImage: 8000n } },
    ],
    [
      'with a split',
      { data: [picture], usage: usage({ text_tokens: 100, image_tokens: 7900 }) },
      { tokens: { input: 150n, output: 100n, outputImage: 7900n } },
    ],
    ['priced by the piece', { data: [picture, picture] }, { tokens: {}, fees: { image: 2n } }],
    ['no pictures', { data: [] }, undefined],
    ['usage that is none', { data: [picture], usage: { input_tokens: -1, output_tokens: 1 } }, undefined],
    ['a graphic', { data: [picture], usage: usage(), svg_usage: { model: 'gpt-5.6', output_tokens: 5 } }, undefined],
  ],
  streams: [
    {
      what: 'previews, then the picture',
      asks: { stream: true, partial_images: 1 },
      events: [
        [
          'image_generation.partial_image',
          { type: 'image_generation.partial_image', ...picture, partial_image_index: 0 },
        ],
        ['image_generation.completed', { type: 'image_generation.completed', ...picture, usage: usage() }],
      ],
      used: { tokens: { input: 150n, outputImage: 8000n } },
    },
    { what: 'an error', events: [{ error: { message: 'no' } }], kinds: 'e', used: undefined },
  ],
}

/** OpenAI's speech. */
export const speech: ApiUnderTest = {
  path: '/v1/audio/speech',
  least: { model: 'gpt-4o-mini-tts', input: 'hello', voice: 'alloy' },
  others: { instructions: 'softly', response_format: 'mp3', speed: 1, stream_format: 'audio' },
  caps: false,
  refused: [
    ['no text', { input: '' }, 'request-malformed'],
    ['a voice of the operator’s', { voice: { id: 'voice_1' } }, 'not-for-sale'],
  ],
  answers: [],
  streams: [
    {
      what: 'tokens at the end',
      asks: { stream_format: 'sse' },
      events: [
        { type: 'speech.audio.delta', audio: 'AAAA' },
        { type: 'speech.audio.done', usage: { input_tokens: 38, output_tokens: 47, total_tokens: 85 } },
      ],
      used: { tokens: { input: 38n, outputAudio: 47n } },
    },
    {
      what: 'priced by the character',
      events: [{ type: 'speech.audio.delta', audio: 'AAAA' }],
      used: { tokens: {}, fees: { character: 5n } },
    },
  ],
}
