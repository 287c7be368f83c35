/**
 * Finds the encoding of a page, as a browser would (HTML §13.2.3.2), but guesses nothing: text in the wrong encoding could hide
 * where the public part ends.
 */

/** Returns the label of the encoding; undefined if the page does not say. A byte order mark counts first. */
export function charsetOf(contentType: string, begin: Uint8Array): string | undefined {
  return byMark(begin) ?? parameterOf(contentType) ?? inMarkup(begin)
}

function byMark([first, second, third]: Uint8Array): string | undefined {
  if (first === 0xef && second === 0xbb && third === 0xbf) return 'utf-8'
  if (first === 0xfe && second === 0xff) return 'utf-16be'
  return first === 0xff && second === 0xfe ? 'utf-16le' : undefined
}

const PARAMETER = /;[ \t]*charset[ \t]*=[ \t]*(?:"([^"]*)"|([^\s;"]+))/i

function parameterOf(contentType: string): string | undefined {
  const match = PARAMETER.exec(contentType)
  return match?.[1] ?? match?.[2]
}

/** The part of a page in which its markup may name an encoding. */
const PRESCANNED_BYTES = 1024
const LABEL = /\bcharset\s*=\s*(?:["']\s*)?([\w.:-]+)/
/** A description may speak of encodings. */
const OTHER = /\s(?:name|property|itemprop)\s*=/
const COMMENT = /<!--[^]*?(?:-->|$)/g

/** Returns what a `meta` element at the beginning says. One of UTF-16 is not believed: its bytes would say otherwise. */
function inMarkup(begin: Uint8Array): string | undefined {
  const text = Array.from(begin.subarray(0, PRESCANNED_BYTES), (byte) => String.fromCharCode(byte)).join('')
  const tags = text
    .replaceAll(COMMENT, '')
    .toLowerCase()
    .split('<meta')
    .slice(1)
    .map((rest) => rest.split('>', 1)[0] ?? '')
  const label = tags.filter((tag) => !OTHER.test(tag)).flatMap((tag) => LABEL.exec(tag)?.[1] ?? [])[0]
  return label !== undefined && /^utf-?16/i.test(label) ? 'utf-8' : label
}
