import { applyEdits } from '../../../src/meters/llm/rules/edit.ts'
import { parseStrictJson } from '../../../src/meters/llm/rules/json.ts'
import { imageSize } from '../../../src/meters/llm/rules/media.ts'
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

/** What reads the bodies of requests to models. */
export const BODY_PARSERS: readonly Parser[] = [
  {
    name: 'the JSON of a request',
    pieces: JSON_PIECES,
    heads: ['{', '{"a":', '{"\\u0061":['],
    read: (text) => parseStrictJson(utf8(text)),
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
