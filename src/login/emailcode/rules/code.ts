/** Codes that are typed from an email, and the addresses that they are sent to. */

/** Crockford's base32: no letter that looks like a digit, and no U. */
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'
const CHARACTERS = 8
const BITS = 5
/** The random bytes of a code. */
export const CODE_BYTES = 5

/** Writes a code of eight characters: forty bits. */
export function codeFrom(bytes: Uint8Array): string {
  let rest = 0n
  for (const byte of bytes) rest = (rest << 8n) | BigInt(byte)
  let code = ''
  for (let at = 0; at < CHARACTERS; at++) {
    code = `${ALPHABET[Number(rest & 31n)] ?? ''}${code}`
    rest >>= BigInt(BITS)
  }
  return code
}

/** Writes a code as it is sent: in two halves. */
export function inHalves(code: string): string {
  return `${code.slice(0, CHARACTERS / 2)}-${code.slice(CHARACTERS / 2)}`
}

const CODE = new RegExp(`^[${ALPHABET}]{${CHARACTERS}}$`)
const MAX_TYPED = 40

/** Reads a code as people type it: in any case, with spaces or hyphens, O for 0, I or L for 1. Undefined if it is none. */
export function readCode(typed: string): string | undefined {
  if (typed.length > MAX_TYPED) return undefined
  const plain = typed.toUpperCase().replaceAll(/[\s-]/g, '').replaceAll('O', '0').replaceAll(/[IL]/g, '1')
  return CODE.test(plain) ? plain : undefined
}

/** RFC 5321 §4.5.3.1.3, without the brackets. */
const MAX_EMAIL = 254
/** One `@`, and nothing that a header of a mail, or a list of addresses, could be cut at. */
const EMAIL = /^[^\s@"(),:;<>[\\\]\p{C}]{1,64}@[^\s@"(),:;<>[\\\]\p{C}]{1,253}$/u

/** Reads an email address, as it was typed. Undefined if it is none. */
export function readEmail(typed: string): string | undefined {
  const plain = typed.trim()
  return plain.length <= MAX_EMAIL && EMAIL.test(plain) ? plain : undefined
}

const ASCII = /^[\x21-\x7e]+$/

/** Returns an address in lower case. In other scripts than ASCII case is more than it seems: it stays as it is. */
export function foldedEmail(email: string): string {
  return ASCII.test(email) ? email.toLowerCase() : email
}
