import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import type { JsonMembers } from '../../../src/core/json.ts'
import type { ModelApi, UsageReader } from '../../../src/meters/llm/provider.ts'
import type { TokenUsage } from '../../../src/meters/llm/rules/tokenusage.ts'
import { EventScanner } from '../../../src/meters/llm/sse.ts'
import type { ApiUnderTest } from './provider.contract.ts'
import { bytesOf, requestOf } from './shapes.ts'

export interface RecordedStream {
  readonly what: string
  readonly asks?: JsonMembers
  readonly events: readonly (object | readonly [name: string, data: object])[]
  readonly used: TokenUsage | undefined
  /** What the events are, in letters: content, usage-only, error. Default: all are content. */
  readonly kinds?: string
}

const LETTERS = { content: 'c', 'usage-only': 'u', error: 'e' } as const

/** The contract of an API's readers of usage. */
export function holdReader(api: ModelApi, { path, query = '', least, answers, streams }: ApiUnderTest): void {
  const ask = (more: JsonMembers = {}) => requestOf(api, { ...least, ...more }, path, query)

  it.each(answers)('reads what an answer used: %s', (_what, answer, used) => {
    const reader = api.reader(ask())
    expect(reader.final()).toBeUndefined()
    reader.whole(JSON.parse(JSON.stringify(answer)))
    expect(reader.final()).toEqual(used)
  })

  it.each(streams)(
    'reads what a stream used, in whatever pieces it comes: $what',
    async ({ asks, events, used, kinds }) => {
      const expected = kinds ?? 'c'.repeat(events.length)
      await fc.assert(
        fc.asyncProperty(fc.constantFrom('\n', '\r\n', '\r'), fc.array(fc.nat({ max: 40 })), async (end, lengths) => {
          const seen = new Map<number, string>()
          const reader = api.reader(ask(asks))
          readPieces(reader, wireOf(events, end), lengths, seen)
          expect(reader.final()).toEqual(used)
          for (const [index, kind] of seen) expect(`${index} ${kind}`).toBe(`${index} ${expected[index]}`)
          expected.split('').forEach((kind, index) => kind === 'c' || expect(seen.get(index)).toBe(kind))
        }),
        { numRuns: 25 },
      )
    },
  )

  it('is not misled by what is no event, and never counts below nothing', () => {
    const hostile = fc.oneof(
      fc.jsonValue(),
      fc.constantFrom({}, ...streams.flatMap(({ events }) => events).map(spoilt)),
    )
    fc.assert(
      fc.property(fc.array(hostile, { maxLength: 4 }), fc.jsonValue(), (events, answer) => {
        const reader = api.reader(ask())
        for (const data of events) {
          reader.mayMatter(JSON.stringify(data) ?? '')
          reader.event(undefined, data)
        }
        expectNothingNegative(reader)
        const other = api.reader(ask())
        other.whole(answer)
        expectNothingNegative(other)
      }),
    )
  })
}

/** Returns an event whose counts are below nothing, in halves or texts. */
function spoilt(event: RecordedStream['events'][number]): JsonMembers {
  const values = [-1, 0.5, '7', 1e300, null]
  let next = 0
  const text = JSON.stringify(Array.isArray(event) ? event[1] : event, (_name, value) =>
    typeof value === 'number' ? values[next++ % values.length] : value,
  )
  return JSON.parse(text)
}

function expectNothingNegative(reader: UsageReader): void {
  for (const usage of [reader.final(), reader.soFar(1000)]) {
    const counts = [...Object.values(usage?.tokens ?? {}), ...Object.values(usage?.fees ?? {})]
    expect(counts.filter((count) => count < 0n)).toEqual([])
  }
}

function wireOf(events: RecordedStream['events'], end: string): Uint8Array<ArrayBuffer> {
  const blocks = events.map((event) => {
    const [name, data] = Array.isArray(event) ? event : [undefined, event]
    return `${name === undefined ? '' : `event: ${name}${end}`}data: ${JSON.stringify(data)}${end}${end}`
  })
  return bytesOf(`: hello${end}${end}${blocks.join('')}data: [DONE]${end}${end}`)
}

/** Shows the events in the pieces to the reader, as the tap of a stream does. `seen`: what the parsed events were, by position. */
function readPieces(
  reader: UsageReader,
  bytes: Uint8Array,
  lengths: readonly number[],
  seen: Map<number, string>,
): void {
  let index = 0
  const scanner = new EventScanner(({ name, data }) => {
    if (data === undefined) return false
    if (reader.mayMatter(data)) seen.set(index, LETTERS[reader.event(name, JSON.parse(data))])
    index++
    return false
  }, false)
  let at = 0
  for (const length of lengths) {
    scanner.push(bytes.subarray(at, at + length))
    at += length
  }
  scanner.push(bytes.subarray(at))
  scanner.end()
}
