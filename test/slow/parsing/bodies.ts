import { applyEdits } from '../../../src/meters/llm/rules/edit.ts'
import { parseStrictJson } from '../../../src/meters/llm/rules/json.ts'
import { imageSize } from '../../../src/meters/llm/rules/media.ts'
import { readName } from '../../../src/protocols/mcp/rules/bound.ts'
import { challengesIn } from '../../../src/protocols/mcp/rules/challenges.ts'
import { EventIds } from '../../../src/protocols/mcp/rules/eventids.ts'
import { readMessage } from '../../../src/protocols/mcp/rules/message.ts'
import type { Parser } from './pieces.ts'

const utf8 = (text: string): Uint8Array<ArrayBuffer> => new Uint8Array(new TextEncoder().encode(text))

const JSON_PIECES = ['{', '}', '[', ']', '"', '"a":', '"\\u0041":', ',', ':', '\\', '\\"', ' ', '1', '1e9', 'é', 'a']

function editJson(text: string): unknown {
  try {
    return applyEdits(utf8(text), [
      { path: ['a', 'b'], text: '1' },
      { path: ['a', 'A'], text: undefined },
    ])
  } catch (error) {
    return error
  }
}

function readEvents(text: string): unknown {
  const ids = new EventIds((id) => `1.${id}`)
  return [ids.take(utf8(text)), ids.end()]
}

/** What reads the bodies of requests to models and to tools, and what tools answer. */
export const BODY_PARSERS: readonly Parser[] = [
  {
    name: 'the JSON of a request',
    pieces: JSON_PIECES,
    heads: ['{', '{"a":', '{"\\u0061":['],
    read: (text) => parseStrictJson(utf8(text)),
  },
  {
    name: 'a message to an MCP server',
    pieces: JSON_PIECES,
    heads: ['{', '[', '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{'],
    read: (text) => readMessage(utf8(text)),
  },
  {
    name: 'the name of a session',
    pieces: ['1', '.', '-', 'a', ' ', '.'.repeat(3)],
    heads: ['1.', `1.${'a'.repeat(22)}.`],
    read: readName,
  },
  {
    name: 'events with ids',
    pieces: ['i', 'id', 'id:', ':', '\n', '\r', '\r\n', 'data: x', ' ', 'x', 'é'],
    heads: ['', 'id: '],
    read: readEvents,
  },
  {
    name: 'the challenges of a refusal',
    pieces: ['id="x"', '"', '\\', '\\"', '=', 'a', ',', ' ', 'request="e30"'],
    heads: ['Payment ', 'Payment id="'],
    read: (text) => challengesIn([['www-authenticate', text]]),
  },
  { name: 'JSON that is edited', pieces: JSON_PIECES, heads: ['{', '{"a":', '['], read: editJson },
  {
    name: 'a picture',
    pieces: ['\xff', '\xff\xe0\0\x02', '\0', '\x01a', '\0\0\0\0aaaa\0\0\0\0', '\x21\xf9', ',', 'VP8L', 'ANIM'],
    heads: [
      '\xff\xd8',
      `\x89PNG\r\n\x1a\n\0\0\0\rIHDR${'\x01'.repeat(17)}`,
      'GIF89a\x01\0\x01\0\0\0\0',
      'RIFF\0\0\0\0WEBP',
    ],
    tails: ['', ';', '\xff\xda', 'IDAT'],
    read: (text) => imageSize(btoa(text)),
  },
]
