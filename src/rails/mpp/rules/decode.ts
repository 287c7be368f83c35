import { isBase64url } from '../../../core/base64url.ts'

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** Decodes base64url in its one spelling: without padding, white space or bits beyond the value. Undefined for any other. */
export function decodeBase64url(text: string): Uint8Array | undefined {
  if (!isBase64url(text)) return undefined
  const binary = atob(text.replaceAll('-', '+').replaceAll('_', '/'))
  return Uint8Array.from(binary, (character) => character.charCodeAt(0))
}

/** Decodes a JSON object from base64url; undefined if the text is none. */
export function decodeMembers(text: string): Readonly<Record<string, unknown>> | undefined {
  const bytes = decodeBase64url(text)
  if (bytes === undefined) return undefined
  try {
    const value: unknown = JSON.parse(utf8.decode(bytes))
    return isMembers(value) ? value : undefined
  } catch {
    return undefined
  }
}

export function isMembers(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Returns a member that is a text; the empty text for any other. */
export function textMember(members: Readonly<Record<string, unknown>>, name: string): string {
  const value = members[name]
  return typeof value === 'string' ? value : ''
}
