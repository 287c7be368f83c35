/** JSON in base64 (RFC 4648 §4, padded), as the fields of x402 hold it. */

const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/
const NOT_ASCII = /[^\0-\x7f]/
const EACH_NOT_ASCII = /[^\0-\x7f]/g

/** Parses JSON in base64. Undefined if it is anything else, or in another spelling than the one that each value has. */
export function readBase64Json(field: string): unknown {
  if (field.length % 4 !== 0 || !BASE64.test(field)) return undefined
  try {
    const bytes = atob(field)
    return btoa(bytes) === field ? JSON.parse(NOT_ASCII.test(bytes) ? decodeUtf8(bytes) : bytes) : undefined
  } catch {
    return undefined
  }
}

/** Throws on bytes that are no UTF-8. */
function decodeUtf8(bytes: string): string {
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
  return decoder.decode(Uint8Array.from(bytes, (char) => char.charCodeAt(0)))
}

/** Writes a JSON text in base64. Characters beyond ASCII can only be in its strings, and are escaped there. */
export function toBase64Json(json: string): string {
  return btoa(asciiJson(json))
}

/**
 * Writes a JSON text in base64 whose end, `tail`, is in base64 already. White space between the two makes the beginning end
 * where three bytes do; so it must end between two tokens.
 */
export function joinBase64Json(beginning: string, tail: string): string {
  const text = asciiJson(beginning)
  return `${btoa(text + PADDING[text.length % 3])}${tail}`
}

const PADDING = ['', '  ', ' '] as const

function asciiJson(json: string): string {
  return NOT_ASCII.test(json) ? json.replace(EACH_NOT_ASCII, escapeUnit) : json
}

function escapeUnit(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`
}
