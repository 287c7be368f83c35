/**
 * Reads the size of a picture from its header, in base64, without decoding it.
 *
 * Providers bill pictures by their size, and the gate must not believe less than a provider reads. So a size is only given if
 * every decoder reads the same one: one header, one frame, within the first 512 KiB. Frames that stick out of a header count at
 * the larger. Everything else is unknown. A header that says too much is believed: it costs its sender alone.
 */

export interface ImageSize {
  readonly width: number
  readonly height: number
}

/** What is behind this is not looked at. A multiple of 3: base64 has four characters for three bytes. */
const MAX_BYTES = 3 * 174_762
const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/
const DATA_URL = /^data:image\/[a-z]{3,4};base64,/i

/**
 * Returns the size of a PNG, JPEG, GIF or WebP. `text`: base64 from `begin` on, or a `data:` URL. Undefined for anything else, for
 * pictures that move, and for what decoders may read differently.
 */
export function imageSize(text: string, begin = 0): ImageSize | undefined {
  const from = begin + (begin === 0 ? (DATA_URL.exec(text.slice(0, 32))?.[0].length ?? 0) : 0)
  const data = from === 0 ? text : text.slice(from)
  const padded = data.endsWith('=') ? data.length % 4 === 0 : data.length % 4 !== 1
  if (!padded || !BASE64.test(data)) return undefined
  const bytes = new Base64Bytes(data)
  const size = pngSize(bytes) ?? jpegSize(bytes) ?? gifSize(bytes) ?? webpSize(bytes)
  return size !== undefined && size.width > 0 && size.height > 0 ? size : undefined
}

/** Bytes in base64, decoded one by one. What is beyond the end, or beyond 512 KiB, is NaN: nothing compares with it. */
class Base64Bytes {
  readonly #text: string
  readonly #length: number

  constructor(text: string) {
    this.#text = text
    const padding = text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0
    this.#length = Math.min(MAX_BYTES, Math.floor(((text.length - padding) * 3) / 4))
  }

  at(index: number): number {
    if (!(index < this.#length)) return Number.NaN
    const place = index % 3
    const first = ((index - place) / 3) * 4 + place
    const [high, low] = [sextet(this.#text.charCodeAt(first)), sextet(this.#text.charCodeAt(first + 1))]
    return ((high << (2 + 2 * place)) | (low >> (4 - 2 * place))) & 0xff
  }

  /** Reads an unsigned number, the first byte highest. */
  big(index: number, count: number): number {
    let value = 0
    for (let at = 0; at < count; at++) value = value * 256 + this.at(index + at)
    return value
  }

  /** Reads an unsigned number, the first byte lowest. */
  little(index: number, count: number): number {
    let value = 0
    for (let at = count - 1; at >= 0; at--) value = value * 256 + this.at(index + at)
    return value
  }

  has(index: number, text: string): boolean {
    for (let at = 0; at < text.length; at++) if (this.at(index + at) !== text.charCodeAt(at)) return false
    return true
  }
}

function sextet(code: number): number {
  if (code >= 0x61) return code - 0x61 + 26
  if (code >= 0x41) return code - 0x41
  if (code >= 0x30) return code - 0x30 + 52
  return code === 0x2b ? 62 : 63
}

/** Chunks of a PNG that make it another picture than its first header says: a second header, or frames that move. */
const OTHER_PNG = ['IHDR', 'acTL', 'fcTL', 'fdAT']

/** PNG (ISO/IEC 15948): chunks of a length, a name, data and a checksum. */
function pngSize(bytes: Base64Bytes): ImageSize | undefined {
  if (!bytes.has(0, '\x89PNG\r\n\x1a\n') || bytes.big(8, 4) !== 13 || !bytes.has(12, 'IHDR')) return undefined
  for (let at = 33; bytes.at(at) >= 0; at += 12 + bytes.big(at, 4)) {
    if (bytes.has(at + 4, 'IDAT')) return { width: bytes.big(16, 4), height: bytes.big(20, 4) }
    if (OTHER_PNG.some((name) => bytes.has(at + 4, name))) return undefined
  }
  return undefined
}

const START_OF_SCAN = 0xda
/** Markers without a length, and those of pictures in several sizes or of a height that is told later. */
const ODD_MARKERS = new Set([0x00, 0x01, 0xd0, 0xd1, 0xd2, 0xd3, 0xd4, 0xd5, 0xd6, 0xd7, 0xd8, 0xd9, 0xdc, 0xde, 0xdf])
/** Markers among those of frames that begin none: tables of codes, and one that is reserved. */
const NO_FRAMES = new Set([0xc4, 0xc8, 0xcc])

/** JPEG (ITU-T T.81): segments up to the first scan, of which exactly one begins a frame. */
function jpegSize(bytes: Base64Bytes): ImageSize | undefined {
  if (!bytes.has(0, '\xff\xd8')) return undefined
  let size: ImageSize | undefined
  for (let at = 2; bytes.at(at) === 0xff; at += 2 + bytes.big(at + 2, 2)) {
    while (bytes.at(at + 1) === 0xff) at++
    const marker = bytes.at(at + 1)
    if (marker === START_OF_SCAN) return size
    if (ODD_MARKERS.has(marker) || !(bytes.big(at + 2, 2) >= 2)) return undefined
    if (marker < 0xc0 || marker > 0xcf || NO_FRAMES.has(marker)) continue
    if (size !== undefined) return undefined
    size = { width: bytes.big(at + 7, 2), height: bytes.big(at + 5, 2) }
  }
  return undefined
}

const GIF_EXTENSION = 0x21
const GIF_FRAME = 0x2c
const GIF_END = 0x3b

/** GIF 87a and 89a: one frame, which may stick out of the screen. */
function gifSize(bytes: Base64Bytes): ImageSize | undefined {
  if (!bytes.has(0, 'GIF87a') && !bytes.has(0, 'GIF89a')) return undefined
  let frame: ImageSize | undefined
  let at = 13 + tableBytes(bytes.at(10))
  for (;;) {
    const block = bytes.at(at)
    if (block === GIF_EXTENSION) at = afterBlocks(bytes, at + 2)
    else if (block === GIF_FRAME && frame === undefined) {
      const [left, top] = [bytes.little(at + 1, 2), bytes.little(at + 3, 2)]
      frame = { width: left + bytes.little(at + 5, 2), height: top + bytes.little(at + 7, 2) }
      at = afterBlocks(bytes, at + 11 + tableBytes(bytes.at(at + 9)))
    } else return block === GIF_END && frame !== undefined ? larger(frame, screenOf(bytes)) : undefined
  }
}

function screenOf(bytes: Base64Bytes): ImageSize {
  return { width: bytes.little(6, 2), height: bytes.little(8, 2) }
}

/** Returns the length of the table of colours that the flags announce. */
function tableBytes(flags: number): number {
  return flags >= 0x80 ? 3 * 2 ** ((flags & 7) + 1) : 0
}

/** Returns the position after blocks that begin with their length, and of which the last is empty. */
function afterBlocks(bytes: Base64Bytes, begin: number): number {
  let at = begin
  for (let length = bytes.at(at); length > 0; length = bytes.at(at)) at += 1 + length
  return at + 1
}

function larger(one: ImageSize, other: ImageSize): ImageSize {
  return { width: Math.max(one.width, other.width), height: Math.max(one.height, other.height) }
}

const WEBP_MOVES = 0x02

/** WebP (RFC 9649): a picture alone, or the first picture after a header of its own. */
function webpSize(bytes: Base64Bytes): ImageSize | undefined {
  if (!bytes.has(0, 'RIFF') || !bytes.has(8, 'WEBP')) return undefined
  let canvas: ImageSize = { width: 0, height: 0 }
  for (let at = 12; bytes.at(at) >= 0; at += 8 + 2 * Math.ceil(bytes.little(at + 4, 4) / 2)) {
    if (bytes.has(at, 'VP8 ')) return withCanvas(canvas, lossySize(bytes, at + 8))
    if (bytes.has(at, 'VP8L')) return withCanvas(canvas, losslessSize(bytes, at + 8))
    if (bytes.has(at, 'ANIM') || bytes.has(at, 'ANMF')) return undefined
    if (!bytes.has(at, 'VP8X')) continue
    if (at !== 12 || (bytes.at(at + 8) & WEBP_MOVES) !== 0) return undefined
    canvas = { width: bytes.little(at + 12, 3) + 1, height: bytes.little(at + 15, 3) + 1 }
  }
  return undefined
}

function withCanvas(canvas: ImageSize, picture: ImageSize | undefined): ImageSize | undefined {
  return picture === undefined ? undefined : larger(canvas, picture)
}

/** A key frame of VP8 (RFC 6386 §9.1): the upper two bits of each number only ask for scaling. */
function lossySize(bytes: Base64Bytes, at: number): ImageSize | undefined {
  if ((bytes.at(at) & 1) !== 0 || !bytes.has(at + 3, '\x9d\x01\x2a')) return undefined
  return { width: bytes.little(at + 6, 2) & 0x3fff, height: bytes.little(at + 8, 2) & 0x3fff }
}

function losslessSize(bytes: Base64Bytes, at: number): ImageSize | undefined {
  const numbers = bytes.little(at + 1, 4)
  if (bytes.at(at) !== 0x2f || Number.isNaN(numbers)) return undefined
  return { width: (numbers & 0x3fff) + 1, height: ((numbers >>> 14) & 0x3fff) + 1 }
}
