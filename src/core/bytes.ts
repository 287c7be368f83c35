/** Joins the pieces, in order, into one new array. */
export function joinBytes(pieces: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(pieces.reduce((sum, { byteLength }) => sum + byteLength, 0))
  let at = 0
  for (const piece of pieces) {
    whole.set(piece, at)
    at += piece.byteLength
  }
  return whole
}

const FIRST_CAPACITY = 1024

/** Bytes that come in pieces, copied into one array that grows: many small pieces take no more memory than a large one. */
export class GrowingBytes {
  #bytes = new Uint8Array(FIRST_CAPACITY)
  #length = 0

  get length(): number {
    return this.#length
  }

  /** Copies the piece. */
  append(piece: Uint8Array): void {
    const length = this.#length + piece.byteLength
    if (length > this.#bytes.byteLength) {
      const larger = new Uint8Array(Math.max(length, 2 * this.#bytes.byteLength))
      larger.set(this.#bytes.subarray(0, this.#length))
      this.#bytes = larger
    }
    this.#bytes.set(piece, this.#length)
    this.#length = length
  }

  /** Returns a copy of all bytes. */
  toBytes(): Uint8Array<ArrayBuffer> {
    return this.#bytes.slice(0, this.#length)
  }
}

/** Writes bytes in base64url (RFC 4648 §5), without padding. For short texts: the bytes become arguments of one call. */
export function toBase64url(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replace(/={1,2}$/, '')
}

/** Changes bytes so that their base64url does not begin with `-`: a command line would read such an id as an option. */
export function asId<B extends Uint8Array>(bytes: B): B {
  const [first = 0] = bytes
  if (first >> 2 === HYPHEN) bytes[0] = first & 0x7f
  return bytes
}

/** The value of `-` in base64url (RFC 4648 §5). */
const HYPHEN = 62
