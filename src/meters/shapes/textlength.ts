/** Beyond this many characters a text is written out piece by piece: what it becomes may be eighteen times as long. */
const PIECE = 8192

/**
 * Returns an upper bound of the bytes in UTF-8 that a tokenizer is given for a text. Two things make a text longer on its way there.
 * What describes a tool or is given to it is written as JSON again: a control character takes six bytes then. And some tokenizers
 * write compatibility characters out first (NFKC): one of three bytes becomes a sentence of 33.
 */
export function textLength(text: string): number {
  const bytes = utf8Length(text)
  const escapes = escapeLength(text)
  if (bytes === text.length) return bytes + escapes
  let writtenOut = 0
  for (let at = 0; at < text.length; at += PIECE) writtenOut += utf8Length(text.slice(at, at + PIECE).normalize('NFKC'))
  return Math.max(bytes, writtenOut) + escapes
}

/** Returns the length of a text in UTF-8. */
export function utf8Length(text: string): number {
  let bytes = text.length
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code <= 0x7f) continue
    if (code >= 0xd800 && code < 0xdc00 && isLowSurrogate(text.charCodeAt(at + 1))) {
      at++
      bytes += 2
    } else bytes += code > 0x7ff ? 2 : 1
  }
  return bytes
}

function isLowSurrogate(code: number): boolean {
  return code >= 0xdc00 && code < 0xe000
}

const QUOTE = 0x22
const BACKSLASH = 0x5c
const SPACE = 0x20
/** Control characters that JSON escapes with two characters. The others take six. */
const SHORT = new Set(Array.from('\b\t\n\f\r', (character) => character.charCodeAt(0)))

/** Returns how many more bytes a text has in JSON. */
function escapeLength(text: string): number {
  let more = 0
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code === QUOTE || code === BACKSLASH) more++
    else if (code < SPACE) more += SHORT.has(code) ? 1 : 5
  }
  return more
}
