import { hashLanes } from '../../core/hash.ts'

const DIGITS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-_'

/** The value of each digit, by its code. */
const VALUES = new Uint8Array(128)
for (const [value, digit] of Array.from(DIGITS).entries()) VALUES[digit.charCodeAt(0)] = value

/** The characters of one hash in a set. */
const HASH_LENGTH = 4

/** Returns 24 bits of a hash. The text is a keyed hash already, so nobody can choose two that collide. */
export function shortHash(text: string): string {
  return packed(hashLanes(text)[0] % 64 ** HASH_LENGTH, HASH_LENGTH)
}

/** True if a set of hashes, one behind the other, has `hash`. */
export function hasHash(set: string, hash: string): boolean {
  for (let at = 0; at < set.length; at += hash.length) if (set.startsWith(hash, at)) return true
  return false
}

/** Writes a whole number from 0 in `length` characters; the least and greatest stand for what is beyond. */
export function packed(value: number, length: number): string {
  let rest = Math.min(64 ** length - 1, Math.max(0, Math.round(value)))
  let text = ''
  for (let index = 0; index < length; index++) {
    text = `${DIGITS[rest % 64] ?? ''}${text}`
    rest = Math.floor(rest / 64)
  }
  return text
}

/** Reads the numbers that were written one behind the other, each in `length` characters. */
export function unpacked(text: string, length: number): number[] {
  const values: number[] = []
  for (let at = 0; at + length <= text.length; at += length) {
    let value = 0
    for (let digit = at; digit < at + length; digit++) value = value * 64 + (VALUES[text.charCodeAt(digit)] ?? 0)
    values.push(value)
  }
  return values
}
