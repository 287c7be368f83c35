import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { imageSize } from '../../../src/meters/llm/rules/media.ts'

/** Made with libvips: 37 × 21 pixels of one colour. */
const PICTURES = {
  PNG: 'iVBORw0KGgoAAAANSUhEUgAAACUAAAAVCAIAAABOhrD5AAAACXBIWXMAAAPoAAAD6AG1e1JrAAAAJElEQVRIx2M4wRVFT8Qwat+ofaP2jdo3at+ofaP2jdo3xOwDAB9ljrqiQBs7AAAAAElFTkSuQmCC',
  JPEG: '/9j/2wBDACgcHiMeGSgjISMtKygwPGRBPDc3PHtYXUlkkYCZlo+AjIqgtObDoKrarYqMyP/L2u71////m8H////6/+b9//j/2wBDASstLTw1PHZBQXb4pYyl+Pj4+Pj4+Pj4+Pj4+Pj4+Pj4+Pj4+Pj4+Pj4+Pj4+Pj4+Pj4+Pj4+Pj4+Pj4+Pj4+Pj/wAARCAAVACUDASIAAhEBAxEB/8QAFQABAQAAAAAAAAAAAAAAAAAAAAT/xAAUEAEAAAAAAAAAAAAAAAAAAAAA/8QAFgEBAQEAAAAAAAAAAAAAAAAAAAEF/8QAFBEBAAAAAAAAAAAAAAAAAAAAAP/aAAwDAQACEQMRAD8AlAVoAAAAAAAAAAP/2Q==',
  'progressive JPEG':
    '/9j/2wBDACgcHiMeGSgjISMtKygwPGRBPDc3PHtYXUlkkYCZlo+AjIqgtObDoKrarYqMyP/L2u71////m8H////6/+b9//j/2wBDASstLTw1PHZBQXb4pYyl+Pj4+Pj4+Pj4+Pj4+Pj4+Pj4+Pj4+Pj4+Pj4+Pj4+Pj4+Pj4+Pj4+Pj4+Pj4+Pj4+Pj/wgARCAAVACUDASIAAhEBAxEB/8QAFQABAQAAAAAAAAAAAAAAAAAAAAP/xAAVAQEBAAAAAAAAAAAAAAAAAAAABP/aAAwDAQACEAMQAAABkFAAAAAH/8QAFBABAAAAAAAAAAAAAAAAAAAAMP/aAAgBAQABBQJ//8QAFBEBAAAAAAAAAAAAAAAAAAAAIP/aAAgBAwEBPwFf/8QAFBEBAAAAAAAAAAAAAAAAAAAAIP/aAAgBAgEBPwFf/8QAFBABAAAAAAAAAAAAAAAAAAAAMP/aAAgBAQAGPwJ//8QAFBABAAAAAAAAAAAAAAAAAAAAMP/aAAgBAQABPyF//9oADAMBAAIAAwAAABAIIIIIL//EABQRAQAAAAAAAAAAAAAAAAAAACD/2gAIAQMBAT8QX//EABQRAQAAAAAAAAAAAAAAAAAAACD/2gAIAQIBAT8QX//EABQQAQAAAAAAAAAAAAAAAAAAADD/2gAIAQEAAT8Qf//Z',
  'JPEG with Exif and a profile':
    '/9j/4QC8RXhpZgAASUkqAAgAAAAGABIBAwABAAAABgAAABoBBQABAAAAVgAAABsBBQABAAAAXgAAACgBAwABAAAAAgAAABMCAwABAAAAAQAAAGmHBAABAAAAZgAAAAAAAAA4YwAA6AMAADhjAADoAwAABgAAkAcABAAAADAyMTABkQcABAAAAAECAwAAoAcABAAAADAxMDABoAMAAQAAAP//AAACoAQAAQAAACUAAAADoAQAAQAAABUAAAAAAAAA/+IB8ElDQ19QUk9GSUxFAAEBAAAB4GxjbXMEIAAAbW50clJHQiBYWVogB+IAAwAUAAkADgAdYWNzcE1TRlQAAAAAc2F3c2N0cmwAAAAAAAAAAAAAAAAAAPbWAAEAAAAA0y1oYW5keem/Vlo+AbaDI4VVRvdPqgAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAKZGVzYwAAAPwAAAAkY3BydAAAASAAAAAid3RwdAAAAUQAAAAUY2hhZAAAAVgAAAAsclhZWgAAAYQAAAAUZ1hZWgAAAZgAAAAUYlhZWgAAAawAAAAUclRSQwAAAcAAAAAgZ1RSQwAAAcAAAAAgYlRSQwAAAcAAAAAgbWx1YwAAAAAAAAABAAAADGVuVVMAAAAIAAAAHABzAFIARwBCbWx1YwAAAAAAAAABAAAADGVuVVMAAAAGAAAAHABDAEMAMAAAWFlaIAAAAAAAAPbWAAEAAAAA0y1zZjMyAAAAAAABDD8AAAXd///zJgAAB5AAAP2S///7of///aIAAAPcAADAcVhZWiAAAAAAAABvoAAAOPIAAAOPWFlaIAAAAAAAAGKWAAC3iQAAGNpYWVogAAAAAAAAJKAAAA+FAAC2xHBhcmEAAAAAAAMAAAACZmkAAPKnAAANWQAAE9AAAApb/9sAQwAoHB4jHhkoIyEjLSsoMDxkQTw3Nzx7WF1JZJGAmZaPgIyKoLTmw6Cq2q2KjMj/y9ru9f///5vB////+v/m/f/4/9sAQwErLS08NTx2QUF2+KWMpfj4+Pj4+Pj4+Pj4+Pj4+Pj4+Pj4+Pj4+Pj4+Pj4+Pj4+Pj4+Pj4+Pj4+Pj4+Pj4+Pj4/8AAEQgAFQAlAwEiAAIRAQMRAf/EABUAAQEAAAAAAAAAAAAAAAAAAAAE/8QAFBABAAAAAAAAAAAAAAAAAAAAAP/EABYBAQEBAAAAAAAAAAAAAAAAAAABBf/EABQRAQAAAAAAAAAAAAAAAAAAAAD/2gAMAwEAAhEDEQA/AJQFaAAAAAAAAAAD/9k=',
  GIF: 'R0lGODlhJQAVAIAAAExpccgKWiH5BAUAAAAALAAAAAAlABUAAAIajI+py+0Po5y02ouz3rz7D4biSJbmiaYqWgAAOw==',
  WebP: 'UklGRkYAAABXRUJQVlA4IDoAAAAwAwCdASolABUAPzmaxVuvKyekJWgB4CcJZwC+DA8Keg8AAP7j95z/8zfhR8nPvrqfp+3/gNFLQAAA',
  'lossless WebP': 'UklGRh4AAABXRUJQVlA4TBEAAAAvJAAFAAdQhSJXq/+BiOh/AAA=',
  'WebP with a canvas':
    'UklGRmoAAABXRUJQVlA4WAoAAAAQAAAAJAAAFAAAQUxQSAoAAAABB1DAiAhERP8DVlA4IDoAAAAwAwCdASolABUAPzmaxVuvKyekJWgB4CcJZwC+DA8Keg8AAP7j95z/8zfhR8nPvrqfp+3/gNFLQAAA',
} as const

const SIZE = { width: 37, height: 21 }
const bytesOf = (name: keyof typeof PICTURES): Buffer => Buffer.from(PICTURES[name], 'base64')
const sizeOf = (...parts: readonly (string | Uint8Array | readonly number[])[]) =>
  imageSize(Buffer.concat(parts.map((part) => toBuffer(part))).toString('base64'))
const toBuffer = (part: string | Uint8Array | readonly number[]): Buffer =>
  typeof part === 'string' ? Buffer.from(part, 'latin1') : Buffer.from(part)

const big = (value: number, count: number): number[] =>
  Array.from({ length: count }, (_, at) => Math.floor(value / 256 ** (count - 1 - at)) % 256)
const little = (value: number, count: number): number[] => big(value, count).reverse()

/** Chunks of a PNG: none is checked by its sum, for none of ours is. */
const chunk = (name: string, data: readonly number[]): number[] => [
  ...big(data.length, 4),
  ...toBuffer(name),
  ...data,
  0,
  0,
  0,
  0,
]
const PNG_HEAD = '\x89PNG\r\n\x1a\n'
const header = (width: number, height: number): number[] =>
  chunk('IHDR', [...big(width, 4), ...big(height, 4), 8, 2, 0, 0, 0])
const DATA = chunk('IDAT', [1, 2, 3])

const segment = (marker: number, data: readonly number[]): number[] => [
  0xff,
  marker,
  ...big(data.length + 2, 2),
  ...data,
]
const frame = (width: number, height: number, marker = 0xc0): number[] =>
  segment(marker, [8, ...big(height, 2), ...big(width, 2), 1, 1, 0x11, 0])
const SCAN = segment(0xda, [1, 1, 0, 0, 63, 0])

const screen = (width: number, height: number): number[] => [...little(width, 2), ...little(height, 2), 0, 0, 0]
const picture = (left: number, top: number, width: number, height: number): number[] => [
  0x2c,
  ...[left, top, width, height].flatMap((each) => little(each, 2)),
  0,
  2,
  2,
  0x4c,
  0x01,
  0,
]
const END = [0x3b]

const riff = (...chunks: readonly (readonly number[])[]): number[] => {
  const all = chunks.flat()
  return [...toBuffer('RIFF'), ...little(all.length + 4, 4), ...toBuffer('WEBP'), ...all]
}
const riffChunk = (name: string, data: readonly number[]): number[] => [
  ...toBuffer(name),
  ...little(data.length, 4),
  ...data,
  ...(data.length % 2 === 1 ? [0] : []),
]
const canvas = (width: number, height: number, flags = 0): number[] =>
  riffChunk('VP8X', [flags, 0, 0, 0, ...little(width - 1, 3), ...little(height - 1, 3)])
const lossy = (width: number, height: number): number[] =>
  riffChunk('VP8 ', [0x30, 3, 0, 0x9d, 0x01, 0x2a, ...little(width, 2), ...little(height, 2)])
const lossless = (width: number, height: number): number[] =>
  riffChunk('VP8L', [0x2f, ...little((width - 1) | ((height - 1) << 14), 4)])

describe('the size of a picture', () => {
  it.each(Object.keys(PICTURES) as (keyof typeof PICTURES)[])('is in the header of a %s', (name) => {
    expect(imageSize(PICTURES[name])).toEqual(SIZE)
    expect(imageSize(PICTURES[name].replace(/=+$/, ''))).toEqual(SIZE)
    expect(imageSize(`data:image/png;base64,${PICTURES[name]}`)).toEqual(SIZE)
    expect(imageSize(`abcdefg${PICTURES[name]}`, 7)).toEqual(SIZE)
  })

  it.each([
    ['PNG', sizeOf(PNG_HEAD, header(4_000_000_000, 2 ** 31), DATA), { width: 4_000_000_000, height: 2 ** 31 }],
    ['JPEG', sizeOf([0xff, 0xd8], frame(65_535, 65_535), SCAN), { width: 65_535, height: 65_535 }],
    ['GIF', sizeOf('GIF89a', screen(65_535, 65_535), picture(0, 0, 1, 1), END), { width: 65_535, height: 65_535 }],
    ['WebP', sizeOf(riff(canvas(2 ** 24, 2 ** 24), lossy(1, 1))), { width: 2 ** 24, height: 2 ** 24 }],
    ['lossless WebP', sizeOf(riff(lossless(16_384, 16_384))), { width: 16_384, height: 16_384 }],
  ])('is believed if it is gigantic in the header of a %s alone', (_, size, expected) => {
    expect(size).toEqual(expected)
  })

  it.each([
    ['a frame of a GIF that sticks out', sizeOf('GIF89a', screen(1, 1), picture(10, 5, 4000, 3000), END), [4010, 3005]],
    ['a screen without pixels', sizeOf('GIF87a', screen(0, 0), picture(0, 0, 40, 30), END), [40, 30]],
    ['a picture larger than its canvas', sizeOf(riff(canvas(10, 10), lossy(4000, 5))), [4000, 10]],
    ['scaling that a decoder may do', sizeOf(riff(lossy(0x4000 | 300, 0xc000 | 200))), [300, 200]],
    ['metadata before the picture', sizeOf(riff(canvas(3, 4), riffChunk('ICCP', [1, 2, 3]), lossy(3, 4))), [3, 4]],
    ['fill bytes between segments', sizeOf([0xff, 0xd8, 0xff, 0xff], frame(30, 20), [0xff, 0xff], SCAN), [30, 20]],
    ['tables before the frame', sizeOf([0xff, 0xd8], segment(0xc4, [1, 2]), frame(30, 20, 0xc2), SCAN), [30, 20]],
    ['large metadata', sizeOf([0xff, 0xd8], ...repeated(7, 0xe2), frame(30, 20), SCAN), [30, 20]],
  ])('counts %s', (_, size, [width, height]) => {
    expect(size).toEqual({ width, height })
  })

  it.each([
    ['a second header in a PNG', sizeOf(PNG_HEAD, header(1, 1), header(4000, 3000), DATA)],
    ['a PNG that moves', sizeOf(PNG_HEAD, header(1, 1), chunk('acTL', [0, 0, 0, 2, 0, 0, 0, 0]), DATA)],
    ['a header that is not first', sizeOf(PNG_HEAD, chunk('CgBI', [0, 0, 0, 0]), header(1, 1), DATA)],
    ['a header of another length', sizeOf(PNG_HEAD, chunk('IHDR', [...big(1, 4), ...big(1, 4), 8]), DATA)],
    ['a PNG without pixels', sizeOf(PNG_HEAD, header(0, 5), DATA)],
    ['a PNG without data', sizeOf(PNG_HEAD, header(5, 5))],
    ['a PNG that hides its data', sizeOf(PNG_HEAD, header(5, 5), chunk('tEXt', Array(530_000).fill(0)), DATA)],
    ['a second frame in a JPEG', sizeOf([0xff, 0xd8], frame(1, 1), frame(4000, 3000), SCAN)],
    ['a height that is told later', sizeOf([0xff, 0xd8], frame(100, 0), SCAN)],
    ['a JPEG of several sizes', sizeOf([0xff, 0xd8], segment(0xde, [8, 0, 1, 0, 1, 0]), frame(1, 1), SCAN)],
    ['a scan without a frame', sizeOf([0xff, 0xd8], SCAN, frame(1, 1), SCAN)],
    ['a frame without a scan', sizeOf([0xff, 0xd8], frame(1, 1), [0xff, 0xd9])],
    ['bytes between segments', sizeOf([0xff, 0xd8], segment(0xe0, [1]), [0], frame(1, 1), SCAN)],
    ['a segment shorter than its length', sizeOf([0xff, 0xd8, 0xff, 0xe0, 0, 1], frame(1, 1), SCAN)],
    ['a frame after 512 KiB', sizeOf([0xff, 0xd8], ...repeated(9, 0xe2), frame(30, 20), SCAN)],
    ['a GIF that moves', sizeOf('GIF89a', screen(1, 1), picture(0, 0, 1, 1), picture(0, 0, 1, 1), END)],
    ['a GIF without an end', sizeOf('GIF89a', screen(1, 1), picture(0, 0, 1, 1))],
    ['a GIF without a picture', sizeOf('GIF89a', screen(1, 1), END)],
    ['a WebP that moves', sizeOf(riff(canvas(1, 1, 0x02), riffChunk('ANIM', [0]), riffChunk('ANMF', [0])))],
    ['a WebP that moves without saying so', sizeOf(riff(canvas(1, 1), riffChunk('ANIM', [0]), lossy(1, 1)))],
    ['two canvases', sizeOf(riff(canvas(1, 1), canvas(4000, 3000), lossy(1, 1)))],
    ['a canvas alone', sizeOf(riff(canvas(5, 5)))],
    ['a frame that is no key', sizeOf(riff(riffChunk('VP8 ', [0x31, 3, 0, 0x9d, 0x01, 0x2a, 1, 0, 1, 0])))],
    ['a WebP without pixels', sizeOf(riff(lossy(0, 5)))],
    ['another container', sizeOf('RIFF', little(4, 4), 'WAVE')],
    ['a bitmap', sizeOf('BM', Array(60).fill(0))],
    ['an HEIC', sizeOf([0, 0, 0, 24], 'ftypheic', Array(60).fill(0))],
    ['a drawing', sizeOf('<svg xmlns="http://www.w3.org/2000/svg" width="1" height="1"/>')],
    ['nothing', imageSize('')],
  ])('is unknown for %s', (_, size) => {
    expect(size).toBeUndefined()
  })

  it.each([
    ['a line break', `${PICTURES.PNG.slice(0, 64)}\n${PICTURES.PNG.slice(64)}`],
    ['a comma, where another picture may begin', `${PICTURES.PNG.replaceAll('=', '')},${PICTURES.JPEG}`],
    ['the other alphabet', PICTURES.PNG.replace('/', '_').replace('+', '-')],
    ['padding in the middle', `${PICTURES['lossless WebP']}AAAA`],
    ['too much padding', `${PICTURES.PNG.slice(0, -4)}A===`],
    ['padding that does not fit', `${PICTURES.PNG}=`],
    ['one character too many', `${PICTURES.PNG}A`],
    ['white space before', ` ${PICTURES.PNG}`],
    ['a percent sign', PICTURES.JPEG.replace('/', '%2F')],
    ['a type that is no picture', `data:text/plain;base64,${PICTURES.PNG}`],
    ['a parameter', `data:image/png;charset=utf-8;base64,${PICTURES.PNG}`],
    ['no base64', `data:image/png,${PICTURES.PNG}`],
    ['a URL', 'https://a.test/a.png'],
  ])('is unknown for text with %s', (_, text) => {
    expect(imageSize(text)).toBeUndefined()
  })

  it('is the one that was written, in every format', () => {
    const edge = fc.integer({ min: 1, max: 16_383 })
    const property = fc.property(edge, edge, (width, height) => {
      const size = { width, height }
      expect(sizeOf(PNG_HEAD, header(width, height), DATA)).toEqual(size)
      expect(sizeOf([0xff, 0xd8], frame(width, height), SCAN)).toEqual(size)
      expect(sizeOf('GIF89a', screen(width, height), picture(0, 0, width, height), END)).toEqual(size)
      expect(sizeOf(riff(lossy(width, height)))).toEqual(size)
      expect(sizeOf(riff(lossless(width, height)))).toEqual(size)
      expect(sizeOf(riff(canvas(width, height), lossy(1, 1)))).toEqual(size)
    })
    fc.assert(property)
  })

  it('is unknown or the same if the picture is cut off or goes on, and nothing makes the reader throw', () => {
    const names = Object.keys(PICTURES) as (keyof typeof PICTURES)[]
    const property = fc.property(fc.constantFrom(...names), fc.nat(), fc.uint8Array(), (name, length, more) => {
      const whole = bytesOf(name)
      expect([undefined, SIZE]).toContainEqual(sizeOf(whole.subarray(0, length % whole.length)))
      expect(sizeOf(whole, more)).toEqual(SIZE)
      const [before, after] = [whole.subarray(0, length % whole.length), whole.subarray(length % whole.length)]
      expect(() => sizeOf(before, more, after)).not.toThrow()
    })
    fc.assert(property)
  })
})

/** Segments of the largest length. */
function repeated(count: number, marker: number): number[][] {
  return Array.from({ length: count }, () => segment(marker, Array(65_533).fill(0x55)))
}
