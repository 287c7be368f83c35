import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { joinBytes } from '../../../src/core/bytes.ts'
import { EventScanner } from '../../../src/meters/llm/sse.ts'
import { parseEvent, type ServerSentEvent } from '../../../src/meters/llm/rules/event.ts'

const encode = (text: string): Uint8Array => new TextEncoder().encode(text)
const decode = (bytes: Uint8Array): string => new TextDecoder('utf-8', { fatal: false, ignoreBOM: true }).decode(bytes)

/** What a scanner shows and passes of a stream that comes in these pieces. */
function scan(pieces: readonly Uint8Array[], drops: (event: ServerSentEvent) => boolean, maxBytes?: number) {
  const events: ServerSentEvent[] = []
  const scanner = new EventScanner(
    (event) => {
      if (event.data !== undefined) events.push(event)
      return drops(event)
    },
    true,
    maxBytes,
  )
  const passed = pieces.map((piece) => joinBytes(scanner.push(piece)))
  return { events, passed, text: decode(joinBytes(passed)) }
}

/** Cuts bytes at the given places. */
function cut(bytes: Uint8Array, at: readonly number[]): Uint8Array[] {
  const places = [...new Set(at.map((place) => place % (bytes.length + 1)))].sort((a, b) => a - b)
  return [0, ...places].map((from, index) => bytes.slice(from, places[index] ?? bytes.length))
}

const singly = (bytes: Uint8Array): Uint8Array[] => Array.from(bytes, (byte) => Uint8Array.of(byte))
const none = (): boolean => false

describe('an event', () => {
  it.each<[string, string | undefined, string | undefined]>([
    ['data: 1\n\n', undefined, '1'],
    ['data:1\n\n', undefined, '1'],
    ['data:  1\n\n', undefined, ' 1'],
    ['data\n\n', undefined, ''],
    ['data: 1\ndata: 2\n\n', undefined, '1\n2'],
    ['event: error\ndata: {}\n\n', 'error', '{}'],
    ['data: {}\r\nevent: error\r\n\r\n', 'error', '{}'],
    ['event: x\revent\rdata: {}\r\r', undefined, '{}'],
    [': a comment\n\n', undefined, undefined],
    ['id: 7\nretry: 10\n\n', undefined, undefined],
    ['data: a\rdata: b\n\n', undefined, 'a\nb'],
    ['datab: 1\ndata : 2\n\n', undefined, undefined],
    ['\n', undefined, undefined],
  ])('%j has the name %j and the data %j', (text, name, data) => {
    expect(parseEvent(text)).toEqual({ name, data })
  })
})

describe('a scanner', () => {
  it('shows an event as soon as it is complete, and passes it with its piece', () => {
    const pieces = ['data: 1\n', '\ndata: 2', '\n\n', 'data: 3\n\n']
    const { events, passed } = scan(pieces.map(encode), none)
    expect(events.map(({ data }) => data)).toEqual(['1', '2', '3'])
    expect(passed.map(decode)).toEqual(['', 'data: 1\n\n', 'data: 2\n\n', 'data: 3\n\n'])
  })

  it('passes a piece of whole events as it is, without a copy', () => {
    const piece = encode('data: 1\n\ndata: 2\n\n')
    const [passed] = new EventScanner(none, true).push(piece)
    expect([passed?.buffer === piece.buffer, passed?.byteLength]).toEqual([true, piece.byteLength])
  })

  it.each(['\n', '\r\n', '\r'])('drops the whole of an event and nothing else, if lines end with %j', (end) => {
    const [before, event, after] = [`data: 1${end}${end}`, `event: x${end}data: 2${end}${end}`, `data: 3${end}${end}`]
    const bytes = encode(before + event + after)
    for (const pieces of [[bytes], singly(bytes)])
      expect(scan(pieces, ({ data }) => data === '2').text).toBe(before + after)
  })

  it('takes a byte order mark at the beginning for none of the first line, and any other for a part of it', () => {
    const { events } = scan([encode('\ufeffdata: 1\n\n\ufeffdata: 2\n\ndata: \ufeff3\n\n')], none)
    expect(events.map(({ data }) => data)).toEqual(['1', '\ufeff3'])
  })

  it('passes an event unread that is too long, and reads the next', () => {
    const long = `data: ${'x'.repeat(100)}\r\n\r\n`
    const bytes = encode(`data: 1\n\n${long}data: 2\n\n${long}`)
    for (const pieces of [singly(bytes), cut(bytes, [50, 70, 90, 110, 130])]) {
      const { events, text } = scan(pieces, ({ data = '' }) => data.startsWith('x'), 40)
      expect(events.map(({ data }) => data)).toEqual(['1', '2'])
      expect(text).toBe(decode(bytes))
    }
  })

  const line = fc.oneof(
    fc.string({ unit: 'grapheme' }).map((text) => `data: ${text.replaceAll(/[\r\n]/g, '')}`),
    fc.constantFrom('data: usage', ': comment', 'event: error', 'id: 1', 'data', 'é: ü', 'data: \u{1f600}'),
  )
  const end = fc.constantFrom('\n', '\r\n', '\r')
  const stream = fc
    .tuple(fc.constantFrom('', '\ufeff'), fc.array(fc.tuple(fc.array(fc.tuple(line, end)), end), { maxLength: 8 }))
    .map(([mark, all]) => mark + all.map(([lines, last]) => lines.flat().join('') + last).join(''))

  it('shows and passes the same, whatever the pieces, the line ends and the characters', () => {
    fc.assert(
      fc.property(stream, fc.array(fc.nat()), (text, at) => {
        const bytes = encode(text)
        const drops = ({ data = '' }: ServerSentEvent): boolean => data.includes('usage')
        const whole = scan([bytes], drops)
        for (const pieces of [singly(bytes), cut(bytes, at)]) {
          const { events, text: passed } = scan(pieces, drops)
          expect([events, passed]).toEqual([whole.events, whole.text])
        }
      }),
    )
  })

  it('passes every byte of a stream that has ended its last event, if nothing is dropped', () => {
    fc.assert(
      fc.property(stream, fc.array(fc.nat()), (text, at) => {
        const bytes = encode(`${text}\n\n`)
        expect(scan(cut(bytes, at), none).text).toBe(decode(bytes))
      }),
    )
  })
})
