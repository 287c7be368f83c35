import { describe, expect, it } from 'vitest'
import type { ModelRates } from '../../../src/meters/llm/rules/ratecard.ts'
import type { ModelRequest } from '../../../src/meters/llm/rules/request.ts'
import { messages } from '../../../src/meters/shapes/messages.ts'
import { amountOf, requestOf, streamed as shown } from './shapes.ts'

const hello = { model: 'claude-x', max_tokens: 100, messages: [{ role: 'user', content: 'Hello' }] }
const read = (more: object): ModelRequest => requestOf(messages, { ...hello, ...more })
const streamed = (request: ModelRequest, ...events: object[]) => shown(messages, request, ...events)

const OPUS: ModelRates = {
  input: '5',
  output: '25',
  cacheRead: '0.50',
  cacheWrite: '6.25',
  cacheWriteLong: '10',
  tiers: { fast: '2' },
  regions: { us: '1.1' },
  each: { webSearch: '0.01' },
}
const SONNET: ModelRates = { input: '3', output: '15' }

const start = (usage: object) => ({ type: 'message_start', message: { model: 'claude-x', usage } })
const delta = (usage: object, stop_reason: string | null = null) => ({
  type: 'message_delta',
  delta: { stop_reason },
  usage,
})
const stop = { type: 'message_stop' }
const block = (type: string, more = {}) => ({ type: 'content_block_start', index: 0, content_block: { type, ...more } })
const piece = (type: string, more: object) => ({ type: 'content_block_delta', index: 0, delta: { type, ...more } })

const long = read({ cache_control: { type: 'ephemeral', ttl: '1h' } })
const short = read({})

describe('the usage of a Messages stream', () => {
  const written = {
    cache_creation_input_tokens: 3904,
    cache_creation: { ephemeral_5m_input_tokens: 0, ephemeral_1h_input_tokens: 3904 },
  }
  const searches = { server_tool_use: { web_search_requests: 2 } }

  it.each<[string, ModelRequest, object[], string]>([
    [
      'an hour in the cache and two searches',
      long,
      [
        start({ input_tokens: 9, cache_read_input_tokens: 17_102, ...written, output_tokens: 1 }),
        delta({ output_tokens: 510, ...searches }),
        stop,
      ],
      '0.080386',
    ],
    [
      'two deltas: the input comes late, and the last counts',
      long,
      [
        start({ input_tokens: 0, cache_read_input_tokens: 17_102, ...written, output_tokens: 1 }),
        delta({ input_tokens: null, output_tokens: 200 }),
        delta({ input_tokens: 9, output_tokens: 510, ...searches }),
        stop,
      ],
      '0.080386',
    ],
    [
      'a delta with zeros for what the start has',
      long,
      [
        start({ input_tokens: 9, cache_read_input_tokens: 17_102, ...written, output_tokens: 1 }),
        delta({
          input_tokens: 0,
          cache_read_input_tokens: 0,
          cache_creation_input_tokens: 0,
          output_tokens: 510,
          ...searches,
        }),
        stop,
      ],
      '0.080386',
    ],
    [
      'a report that is sent twice',
      short,
      [
        start({ input_tokens: 1000 }),
        delta({ output_tokens: 100 }, 'end_turn'),
        delta({ output_tokens: 100 }, 'end_turn'),
        stop,
      ],
      '0.0075',
    ],
    [
      'what is written without a split, for five minutes',
      short,
      [
        start({ input_tokens: 9, cache_read_input_tokens: 17_102, cache_creation_input_tokens: 3904 }),
        delta({ output_tokens: 510, ...searches }),
        stop,
      ],
      '0.065746',
    ],
    [
      'what is written without a split, for an hour',
      long,
      [
        start({ input_tokens: 9, cache_read_input_tokens: 17_102, cache_creation_input_tokens: 3904 }),
        delta({ output_tokens: 510, ...searches }),
        stop,
      ],
      '0.080386',
    ],
    [
      'what is written beyond the split, at the dearer rate that was asked for',
      long,
      [
        start({
          input_tokens: 0,
          cache_creation_input_tokens: 1000,
          cache_creation: { ephemeral_5m_input_tokens: 1000, ephemeral_1h_input_tokens: 0 },
        }),
        delta({ cache_creation_input_tokens: 3000, output_tokens: 0 }),
        stop,
      ],
      '0.02625',
    ],
    [
      'served in a place with its price',
      short,
      [start({ input_tokens: 1000, inference_geo: 'us' }), delta({ output_tokens: 100 }), stop],
      '0.00825',
    ],
    [
      'served anywhere',
      short,
      [start({ input_tokens: 1000, inference_geo: 'global' }), delta({ output_tokens: 100 }), stop],
      '0.0075',
    ],
    [
      'served fast',
      short,
      [start({ input_tokens: 1000, service_tier: 'standard', speed: 'fast' }), delta({ output_tokens: 100 }), stop],
      '0.015',
    ],
    [
      'served in standard',
      short,
      [start({ input_tokens: 1000, service_tier: 'standard', speed: 'standard' }), delta({ output_tokens: 100 }), stop],
      '0.0075',
    ],
    [
      'summaries on the way, which the total leaves out',
      short,
      [
        start({ input_tokens: 1000 }),
        delta({
          output_tokens: 100,
          iterations: [
            { type: 'compaction', input_tokens: 1000, output_tokens: 100 },
            { type: 'message', input_tokens: 1000, output_tokens: 100 },
          ],
        }),
        stop,
      ],
      '0.015',
    ],
  ])('is priced: %s', (_, request, events, price) => {
    expect(amountOf(streamed(request, ...events).final(), OPUS)).toBe(price)
  })

  it.each<[string, object[]]>([
    ['no end', [start({ input_tokens: 1000 }), delta({ output_tokens: 100 })]],
    [
      'no usage',
      [{ type: 'message_start', message: {} }, { type: 'message_delta', delta: { stop_reason: 'end_turn' } }, stop],
    ],
    ['a negative count', [start({ input_tokens: -1000 }), delta({ output_tokens: 100 }), stop]],
    ['a count in a string', [start({ input_tokens: '1000' }), delta({ output_tokens: 100 }), stop]],
    [
      'a tier that is not known',
      [start({ input_tokens: 1, service_tier: 'warp' }), delta({ output_tokens: 100 }), stop],
    ],
    ['a speed that is not known', [start({ input_tokens: 1, speed: 'warp' }), delta({ output_tokens: 100 }), stop]],
    [
      'calls that are not known',
      [start({ input_tokens: 1, server_tool_use: { hologram_requests: 1 } }), delta({ output_tokens: 1 }), stop],
    ],
    [
      'another model',
      [
        start({ input_tokens: 1 }),
        delta({ output_tokens: 1, iterations: [{ type: 'advisor_message', output_tokens: 9 }] }),
        stop,
      ],
    ],
  ])('is unknown: %s', (_, events) => {
    expect(streamed(short, ...events).final()).toBeUndefined()
  })

  it('is told by a whole message', () => {
    const reader = messages.reader(short)
    reader.whole({ type: 'message', model: 'claude-x', usage: { input_tokens: 1000, output_tokens: 100 } })
    expect(reader.final()).toMatchObject({ model: 'claude-x', tokens: { input: 1000n, output: 100n } })
  })

  it('ends with an error where the provider says so', () => {
    const reader = messages.reader(short)
    expect(reader.event('error', { type: 'error', error: { type: 'overloaded_error' } })).toBe('error')
    expect(reader.event('ping', { type: 'ping' })).toBe('content')
  })
})

describe('a Messages stream that is cut off', () => {
  const begun = start({ input_tokens: 25, output_tokens: 1 })
  const text = (words: string) => piece('text_delta', { text: words })

  it.each<[string, object[], string | undefined]>([
    ['40 bytes of text', [begun, block('text', { text: '' }), text('a'.repeat(20)), text('b'.repeat(20))], '0.000675'],
    ['nothing but the start', [begun], '0.00009'],
    ['text in other letters', [begun, block('text'), text('é€😀')], '0.00021'],
    ['escaped text, which is never shorter', [begun, block('text'), text('"\n')], '0.000135'],
    [
      'after thinking',
      [begun, block('thinking', { thinking: '' }), piece('thinking_delta', { thinking: 'hm' })],
      undefined,
    ],
    ['after hidden thinking', [begun, block('redacted_thinking', { data: 'x' }), text('a')], undefined],
    ['thinking that shows its seal alone', [begun, piece('signature_delta', { signature: 's' })], undefined],
    ['nothing', [], undefined],
    ['before the start', [block('text'), text('a')], undefined],
  ])('is bounded by what came: %s', (_, events, price) => {
    const reader = streamed(short, ...events)
    expect(amountOf(reader.soFar(1e6), SONNET)).toBe(price)
    expect(reader.isRunning?.()).toBe(price !== undefined)
    expect(reader.final()).toBeUndefined()
  })

  it('counts the whole beginning of a call, whose name is generated too', () => {
    const call = block('tool_use', { id: 'toolu_1', name: 'get_weather', input: {} })
    const reader = streamed(short, begun, call, piece('input_json_delta', { partial_json: '{"a":1}' }))
    const bytes = JSON.stringify(call).length + '{\\"a\\":1}'.length
    expect(reader.soFar(0)?.tokens.output).toBe(BigInt(bytes))
  })

  it('has no bound while tools of the provider run: what they read comes at the end', () => {
    const request = read({ tools: [{ type: 'web_search_20250305', max_uses: 1 }] })
    expect(streamed(request, begun, block('text'), text('a')).soFar(0)).toBeUndefined()
  })

  it('is what the provider said, once it has said all', () => {
    expect(streamed(short, begun, text('aaa'), delta({ output_tokens: 2 }, 'end_turn')).soFar(0)?.tokens.output).toBe(
      2n,
    )
  })
})

it.each([[undefined], [null], [{}], [{ output_tokens: null }]])(
  'a stream whose end reports no output costs more than the token that its beginning reports: %j',
  (usage) => {
    const ended = { type: 'message_delta', delta: { stop_reason: 'end_turn' }, ...(usage !== undefined && { usage }) }
    const reader = streamed(
      short,
      start({ input_tokens: 9, output_tokens: 1 }),
      piece('text_delta', { text: 'Hello' }),
      ended,
      stop,
    )
    expect(reader.final()).toBeUndefined()
  },
)

describe('a stop sequence that looks like an event', () => {
  it.each(['content_block_', 'content_block_delta', '"content_block_start"', 'usage', '"usage":{"output_tokens":1}'])(
    'hides no usage: %s',
    (stop_sequence) => {
      const request = read({ stop_sequences: [stop_sequence] })
      const ended = {
        type: 'message_delta',
        delta: { stop_reason: 'stop_sequence', stop_sequence },
        usage: { output_tokens: 5000 },
      }
      const start = {
        type: 'message_start',
        message: { model: 'claude-x', usage: { input_tokens: 9, output_tokens: 1 } },
      }
      expect(streamed(request, start, ended, stop).final()?.tokens).toEqual({ input: 9n, output: 5000n })
    },
  )

  it('is delivered as a text is', () => {
    const word = (text: string) => piece('text_delta', { text })
    const soFar = streamed(short, start({ input_tokens: 9, output_tokens: 1 }), word('usage'), word('"usage":')).soFar(
      999,
    )
    expect(soFar?.tokens.output).toBe(BigInt('usage'.length + '\\"usage\\":'.length))
  })
})
