/**
 * Writes bytes so that a person can read them from a screen and type them: Crockford's base32, in groups of four.
 *
 * The alphabet has no I, L, O and U. Reading takes either case, ignores what stands between groups, and takes look-alikes for
 * the digits that they look like. One value has one spelling beyond that: unused bits are zero.
 */

const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'
const LOOK_ALIKES: Readonly<Record<string, string>> = { I: '1', L: '1', O: '0' }
const GROUP = 4

/** Writes bytes as groups of four characters with a hyphen between each two. */
export function encodeBase32(bytes: Uint8Array): string {
  let text = ''
  let bits = 0
  let value = 0
  let written = 0
  const write = (digit: number): void => {
    if (written > 0 && written % GROUP === 0) text += '-'
    text += ALPHABET.charAt(digit)
    written += 1
  }
  for (const byte of bytes) {
    value = ((value << 8) | byte) & 0xffff
    for (bits += 8; bits >= 5; bits -= 5) write((value >>> (bits - 5)) & 31)
  }
  if (bits > 0) write((value << (5 - bits)) & 31)
  return text
}

/** Reads exactly `length` bytes; undefined for any other text. */
export function decodeBase32(text: string, length: number): Uint8Array | undefined {
  if (text.length > length * GROUP) return undefined
  const digits = text.replace(/[\s-]/g, '').toUpperCase()
  if (digits.length !== Math.ceil((length * 8) / 5)) return undefined
  const bytes = new Uint8Array(length)
  let bits = 0
  let value = 0
  let at = 0
  for (const char of digits) {
    const digit = ALPHABET.indexOf(LOOK_ALIKES[char] ?? char)
    if (digit === -1) return undefined
    value = ((value << 5) | digit) & 0xfff
    bits += 5
    if (bits < 8) continue
    bits -= 8
    bytes[at] = value >>> bits
    at += 1
  }
  return (value & ((1 << bits) - 1)) === 0 ? bytes : undefined
}
